import type { Fault, FaultKind, Round } from "./faults";
import type { TortureOptions } from "./run";
import { type NodeTarget, peersOf, type Target } from "./targets";

/** What befalls a target of this name; or nodes that do the same work, and the fail-points at which they die. */
type Planned = readonly [name: string, kind: FaultKind] | { dying: Readonly<Record<string, string>> };

/**
 * What is waited for longest comes first: half a minute for what was cached while Redis was away and for calls that were lost with
 * NATS, ten seconds for the members of a group that Kafka knew when it died.
 */
const rounds: readonly (readonly Planned[])[] = [
  [
    ["redis", "kill"],
    ["nats", "kill"],
    ["zookeeper", "kill"],
    ["minio", "kill"],
  ],
  [
    { dying: { "auth+graph+discovery 1": "outbox.before-commit", "auth+graph+discovery 2": "outbox.read" } },
    { dying: { "media+posts 1": "outbox.committed", "media+posts 2": "outbox.delivered" } },
    // Alone, for a call to another that died would be waited for.
    { dying: { "newsfeed 1": "kafka.before-commit" } },
  ],
  [
    ["kafka", "kill"],
    ["shards 1", "kill"],
    ["api 1", "restart"],
  ],
  [
    ["newsfeed 2", "stop"],
    ["mongodb", "kill"],
  ],
];

/** How many processes they befall in all. */
export const faultsInAll = rounds
  .flat()
  .reduce((sum, planned) => sum + ("dying" in planned ? Object.keys(planned.dying).length : 1), 0);

/** Each kind of fault once, each server once, and every fail-point on the way of an event: the short run. */
export const shortRun = { seconds: 5, postsPerSecond: 25, faults: eachFaultOnce } satisfies Partial<TortureOptions>;

function eachFaultOnce(targets: readonly Target[]): Round[] {
  const named = (name: string): Target => {
    const target = targets.find((one) => one.name === name);
    if (target === undefined) throw new Error(`Nothing is called ${name} here.`);
    return target;
  };
  const faultOf = (planned: Planned): Fault => {
    if (!("dying" in planned)) return { target: named(planned[0]), kind: planned[1] };
    const dying = Object.entries(planned.dying).map(([name, failpoint]) => ({
      target: named(name) as NodeTarget,
      failpoint,
    }));
    const doomed = dying.map(({ target }) => target);
    return { dying, peers: peersOf(doomed[0]!, targets).filter((peer) => !doomed.includes(peer)) };
  };
  return rounds.map((round) => round.map(faultOf));
}
