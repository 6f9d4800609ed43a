import { setTimeout as sleep } from "node:timers/promises";
import type { FleetNode } from "../../../tools/fleet/fleet-node";
import { Gateway } from "../../setup/http-client";
import { describeOn } from "../../setup/servers";
import { fleetServers, useFleet } from "../../setup/use-fleet";
import { Crowd, type Outcome } from "./crowd";

const PER_SECOND = 50;
/** Between a process's death and its new start. */
const DOWN_MS = 700;

const failed = ({ status }: Outcome) => status === 0 || status >= 500;
/**
 * MongoDB keeps what a transaction had written until it notices that its client died (transactionLifetimeLimitSeconds, a minute
 * where nobody set it): writers of that very post are refused meanwhile, and may be here.
 */
const mayBeLockedOut = ({ kind, status }: Outcome) => status === 503 && (kind === "like" || kind === "comment");
const failedForNoReason = (outcome: Outcome) => failed(outcome) && !mayBeLockedOut(outcome);

describeOn(fleetServers, "a fleet of which a process dies under fifty requests a second", () => {
  const app = useFleet();
  const gateway = new Gateway(app, () => app.nextGateway());

  /** The rate goes on while the node is gone and until it serves again. */
  async function during(crowd: Crowd, change: () => Promise<void>): Promise<Outcome[]> {
    const asking = crowd.ask(PER_SECOND, 4_000);
    await sleep(800);
    await change();
    await asking;
    return crowd.outcomes;
  }

  async function killAndRestart(node: FleetNode): Promise<void> {
    await node.kill();
    await sleep(DOWN_MS);
    await node.start();
  }

  it.each(["auth", "graph", "media", "posts", "discovery", "api"])(
    "loses no acknowledged write when a node of %s is killed, and serves all again when it is back",
    async (service) => {
      const crowd = await Crowd.gather(gateway, { people: 6, pictures: 16, seed: 1 });
      const outcomes = await during(crowd, () => killAndRestart(app.fleet.of(service)[0]!));
      expect(outcomes.filter((outcome) => !failed(outcome)).length).toBeGreaterThan(50);
      await crowd.ask(PER_SECOND, 1_000);
      expect(crowd.outcomes.slice(-40).filter(failedForNoReason)).toEqual([]);
      await app.settled();
      expect(await crowd.lost()).toEqual([]);
    },
    90_000,
  );

  it("fails no read when one of two newsfeed nodes is killed", async () => {
    const crowd = await Crowd.gather(gateway, { people: 6, pictures: 16, seed: 2 });
    const outcomes = await during(crowd, () => killAndRestart(app.fleet.of("newsfeed")[0]!));
    expect(outcomes.filter(failed)).toEqual([]);
    await app.settled();
    expect(await crowd.lost()).toEqual([]);
  }, 90_000);

  it("fails nothing when one of two newsfeed nodes is asked to stop", async () => {
    const crowd = await Crowd.gather(gateway, { people: 6, pictures: 16, seed: 3 });
    const node = app.fleet.of("newsfeed")[1]!;
    const outcomes = await during(crowd, async () => {
      await node.stop();
      await node.start();
    });
    expect(outcomes.filter(failed)).toEqual([]);
    await app.settled();
    expect(await crowd.lost()).toEqual([]);
  }, 90_000);
});

describeOn(fleetServers, "a fleet with two nodes of every service", () => {
  const both = ["auth", "graph", "media", "posts", "newsfeed", "discovery"];
  const app = useFleet({ plan: [both, both, ["api"], ["api"]] });
  /** Those that a load balancer would ask now. */
  let balanced: FleetNode[] = [];
  let asked = 0;
  const gateway = new Gateway(app, () => balanced[(asked += 1) % balanced.length]!.url);

  beforeEach(() => {
    balanced = app.fleet.of("api");
  });

  it("fails only calls in flight when one is killed, and no retried one", async () => {
    const crowd = await Crowd.gather(gateway, { people: 6, pictures: 16, seed: 4 });
    const [first] = app.fleet.of("posts");
    let killedAt = 0;
    const asking = crowd.ask(PER_SECOND, 4_000);
    await sleep(800);
    killedAt = crowd.now();
    await first!.kill();
    await sleep(DOWN_MS);
    await first!.start();
    await asking;
    const unlucky = crowd.outcomes.filter(failed);
    expect(unlucky.filter(({ beganMs }) => beganMs > killedAt + 200).filter(failedForNoReason)).toEqual([]);
    expect(unlucky.filter(({ kind }) => kind === "read" || kind === "follow")).toEqual([]);
    await app.settled();
    expect(await crowd.lost()).toEqual([]);
  }, 90_000);

  it("fails nothing when a node of services, and then a gateway, is asked to stop", async () => {
    const crowd = await Crowd.gather(gateway, { people: 6, pictures: 16, seed: 5 });
    const [node] = app.fleet.of("posts");
    const [leaving] = balanced as [FleetNode, ...FleetNode[]];
    const asking = crowd.ask(PER_SECOND, 6_000);
    await sleep(800);
    await node!.stop();
    // A load balancer takes a gateway out once it says that it is not ready, or is told so by whoever stops it.
    balanced = balanced.filter((other) => other !== leaving);
    await leaving.stop();
    await asking;
    expect(crowd.outcomes.filter(failed)).toEqual([]);
    await Promise.all([node!.start(), leaving.start()]);
    await app.settled();
    expect(await crowd.lost()).toEqual([]);
  }, 90_000);
});
