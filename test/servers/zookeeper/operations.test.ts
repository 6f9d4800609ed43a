import type { ServiceBroker } from "moleculer";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";
import { describeOn, serverUrl } from "../../setup/servers";
import { tempRoot } from "../../setup/temp-root";
import { Fleet, knownTo, until } from "./fleet";

/** Long, so that hardly any of what the server counts is a sign of life. */
const sessionTimeoutMs = 20_000;
const sizes = [25, 50, 100];

describeOn(["NATS_URL", "ZOOKEEPER_URL"], "what ZooKeeper is asked for", () => {
  let folder: string;
  let zookeeper: RunningServer;
  let fleet: Fleet;

  beforeAll(async () => {
    folder = await mkdtemp(join(tempRoot(), "emulsion-zookeeper-"));
    zookeeper = await startServer("zookeeper", { folder });
    const zookeeperUrl = zookeeper.env["ZOOKEEPER_URL"]!;
    fleet = new Fleet({ natsUrl: serverUrl("NATS_URL"), zookeeperUrl, sessionTimeoutMs });
  });
  afterAll(async () => {
    await fleet.stop();
    await zookeeper.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  /** A hundred of them in one process: without what each would do beside being found. */
  async function start(...nodeIDs: string[]): Promise<ServiceBroker[]> {
    const bare = { internalServices: false, metrics: false };
    const brokers = nodeIDs.map((nodeID) => fleet.broker(nodeID, {}, bare));
    await Promise.all(brokers.map((broker) => broker.start()));
    return brokers;
  }

  function untilAllKnow(brokers: readonly ServiceBroker[], count: number): Promise<number> {
    return until(
      () => brokers.map((broker) => knownTo(broker).length),
      (counts) => counts.every((known) => known === count),
      30_000,
    );
  }

  /** Packets that the server received meanwhile, by its own count. */
  async function costOf(act: () => Promise<unknown>): Promise<number> {
    const before = await received();
    await act();
    return (await received()) - before;
  }

  async function received(): Promise<number> {
    const socket = connect(Number(new URL(zookeeper.env["ZOOKEEPER_URL"]!).port), "127.0.0.1");
    socket.write("mntr");
    return Number(/zk_packets_received\t(\d+)/.exec(await text(socket))![1]);
  }

  it(`for a join and for a change grows no faster than the nodes, at ${sizes.join(", ")} of them`, async () => {
    const brokers: ServiceBroker[] = [];
    const costs: { size: number; join: number; change: number }[] = [];
    for (const size of sizes) {
      const ids = Array.from({ length: size - brokers.length }, (_, i) => `${size}-${i}`);
      brokers.push(...(await start(...ids)));
      await untilAllKnow(brokers, size);

      let newcomer!: ServiceBroker;
      const joinCost = await costOf(async () => {
        [newcomer] = (await start(`newcomer-${size}`)) as [ServiceBroker];
        await untilAllKnow([newcomer, ...brokers], size + 1);
      });
      const changeCost = await costOf(async () => {
        newcomer.createService({ name: `late-${size}` });
        await Promise.all(brokers.map((broker) => broker.waitForServices(`late-${size}`, 5000, 20)));
      });
      costs.push({ size, join: joinCost, change: changeCost });
      await newcomer.stop();
      await untilAllKnow(brokers, size);
    }

    // Each node present lists once and reads the newcomer; the newcomer reads each of them; a little is its own.
    for (const { size, join, change } of costs) {
      expect(join).toBeGreaterThan(2.5 * size);
      expect(join).toBeLessThan(3.5 * size + 10);
      expect(change).toBeGreaterThan(1.5 * size);
      expect(change).toBeLessThan(2.5 * size + 10);
    }
  }, 120_000);
});
