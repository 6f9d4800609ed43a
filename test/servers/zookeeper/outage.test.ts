import type { ServiceBroker } from "moleculer";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ZooKeeperDiscoverer } from "../../../plugins/zookeeper-discoverer";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";
import { describeOn, serverUrl } from "../../setup/servers";
import { tempRoot } from "../../setup/temp-root";
import { disconnectsSeenBy, Fleet, kill, knownTo, pause, until, untilKnown } from "./fleet";

/** Long enough for busy machines to be back within it. */
const sessionTimeoutMs = 2000;

describeOn(["NATS_URL", "ZOOKEEPER_URL"], "while ZooKeeper is away, a node", () => {
  let folder: string;
  let zookeeper: RunningServer;
  let fleet: Fleet;

  beforeEach(async () => {
    folder = await mkdtemp(join(tempRoot(), "emulsion-zookeeper-"));
    zookeeper = await startServer("zookeeper", { folder });
    const zookeeperUrl = zookeeper.env["ZOOKEEPER_URL"]!;
    fleet = new Fleet({ natsUrl: serverUrl("NATS_URL"), zookeeperUrl, sessionTimeoutMs });
  });
  afterEach(async () => {
    await fleet.stop();
    await zookeeper.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const ping = (broker: ServiceBroker, nodeID: string) => broker.call(`at-${nodeID}.ping`);

  it("goes on with whom it knows; back again, only who died meanwhile is gone", async () => {
    const [alice, bob] = (await fleet.start("alice", "bob")) as [ServiceBroker, ServiceBroker];
    const carol = fleet.spawn("carol");
    const everyone = ["alice", "bob", "carol"];
    await untilKnown(alice, everyone, 10_000);
    await untilKnown(bob, everyone);
    const goodbyes = disconnectsSeenBy(alice);

    await zookeeper.kill();
    await kill(carol);
    await pause(1.5 * sessionTimeoutMs);

    expect(knownTo(alice)).toEqual(everyone);
    await expect(ping(alice, "bob")).resolves.toBe("bob");
    // What it learns of itself meanwhile it tells afterwards.
    bob.createService({ name: "late", actions: { ping: () => "late" } });

    await zookeeper.restart();
    await untilKnown(alice, ["alice", "bob"], 10_000);
    await alice.waitForServices("late", 2000, 20);
    await expect(ping(alice, "bob")).resolves.toBe("bob");
    expect(goodbyes).toEqual([{ id: "carol", unexpected: true }]);
  });

  it("registers in a new session, and is never taken for gone, when ZooKeeper comes back with nothing", async () => {
    const [alice, bob] = (await fleet.start("alice", "bob")) as [ServiceBroker, ServiceBroker];
    const carol = fleet.spawn("carol");
    await untilKnown(alice, ["alice", "bob", "carol"], 10_000);
    await untilKnown(bob, ["alice", "bob", "carol"]);
    const goodbyes = disconnectsSeenBy(alice);

    await zookeeper.stop();
    await kill(carol);
    await rm(join(folder, "node-0"), { recursive: true });
    zookeeper = await startServer("zookeeper", { folder });

    await untilKnown(alice, ["alice", "bob"], 10_000);
    // Whoever comes now finds them: they are registered again.
    const [dave] = await fleet.start("dave");
    expect(knownTo(dave!)).toEqual(["alice", "bob", "dave"]);
    expect(goodbyes).toEqual([{ id: "carol", unexpected: true }]);
  });

  it("waits with its start, and joins when ZooKeeper comes", async () => {
    const [alice] = await fleet.start("alice");
    await zookeeper.kill();

    const bob = fleet.broker("bob");
    let hasStarted = false;
    const start = bob.start().then(() => (hasStarted = true));
    await pause(1000);
    expect(hasStarted).toBe(false);

    await zookeeper.restart();
    await start;
    // Who of the two comes back first is chance.
    await untilKnown(bob, ["alice", "bob"]);
    await untilKnown(alice!, ["alice", "bob"]);
  });

  it("stops as quickly as ever, and the others hear of it", async () => {
    const [alice, bob] = (await fleet.start("alice", "bob")) as [ServiceBroker, ServiceBroker];
    await untilKnown(alice, ["alice", "bob"]);
    const goodbyes = disconnectsSeenBy(alice);
    await zookeeper.kill();

    const begin = performance.now();
    await bob.stop();

    expect(performance.now() - begin).toBeLessThan(sessionTimeoutMs);
    await until(
      () => goodbyes,
      (seen) => seen.length === 1,
    );
    // The znode is still there when ZooKeeper is back, until its session ends: it does not bring the node back.
    await zookeeper.restart();
    await pause(1.5 * sessionTimeoutMs);
    expect(knownTo(alice)).toEqual(["alice"]);
    expect(goodbyes).toEqual([{ id: "bob", unexpected: false }]);
  });

  it("notices a server that says nothing more, and is back with it", async () => {
    const [alice, bob] = (await fleet.start("alice", "bob")) as [ServiceBroker, ServiceBroker];
    await untilKnown(alice, ["alice", "bob"]);
    const isConnected = () => (alice.registry.discoverer as ZooKeeperDiscoverer).isConnected;

    process.kill(zookeeper.pids[0]!, "SIGSTOP");
    await until(isConnected, (connected) => !connected, 10_000);
    await expect(ping(alice, "bob")).resolves.toBe("bob");
    process.kill(zookeeper.pids[0]!, "SIGCONT");

    await until(isConnected, (connected) => connected);
    await untilKnown(alice, ["alice", "bob"]);
    await untilKnown(bob, ["alice", "bob"]);
  });
});
