import type { Fault, FaultKind } from "./faults";
import type { Target } from "./targets";

/** By the name of what they befall. Redis first: what was cached while it was away must be over in the end. */
export const faultsOnce: readonly (readonly [string, FaultKind])[] = [
  ["redis", "kill"],
  ["auth+graph+discovery 1", { failpoint: "outbox.before-commit" }],
  ["media+posts 1", { failpoint: "outbox.committed" }],
  ["auth+graph+discovery 2", { failpoint: "outbox.read" }],
  ["media+posts 2", { failpoint: "outbox.delivered" }],
  ["newsfeed 1", { failpoint: "kafka.before-commit" }],
  ["shards 1", "kill"],
  ["mongodb", "kill"],
  ["nats", "kill"],
  ["newsfeed 2", "stop"],
  ["zookeeper", "kill"],
  ["kafka", "kill"],
  ["minio", "kill"],
  ["api 1", "restart"],
];

/** Each kind of fault once, each server once, and every fail-point of the promises: the short run. */
export function eachFaultOnce(targets: readonly Target[]): Fault[] {
  return faultsOnce.map(([name, kind]) => {
    const target = targets.find((one) => one.name === name);
    if (target === undefined) throw new Error(`Nothing is called ${name} here.`);
    const peers = targets.filter((one) => one !== target && servicesOf(one) === servicesOf(target));
    return { target, kind, ...(typeof kind === "string" ? {} : { peers }) };
  });
}

function servicesOf({ node, name }: Target): string {
  return node?.services.join("+") ?? name;
}
