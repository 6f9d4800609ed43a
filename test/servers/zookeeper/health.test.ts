import { ServiceBroker } from "moleculer";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { loadConfig } from "../../../lib/config";
import { readinessOf } from "../../../mixins/readiness";
import { attachContracts } from "../../../mixins/channels/contracts-of";
import { brokerOptions } from "../../../node/broker-options";
import type { ResultOf } from "../../../services/contracts";
import { discoveryContract } from "../../../services/discovery/discovery.contract";
import discovery from "../../../services/discovery/discovery.service";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";
import { describeOn, serverUrl } from "../../setup/servers";
import { tempRoot } from "../../setup/temp-root";
import { until, untilKnown } from "./fleet";

describeOn(["NATS_URL", "ZOOKEEPER_URL"], "discovery, on nodes that find each other by ZooKeeper,", () => {
  let folder: string;
  let zookeeper: RunningServer;
  const brokers: ServiceBroker[] = [];
  const namespace = `test-${randomBytes(6).toString("hex")}`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tempRoot(), "emulsion-zookeeper-"));
    zookeeper = await startServer("zookeeper", { folder });
    const config = loadConfig(
      {
        NATS_URL: serverUrl("NATS_URL"),
        ...zookeeper.env,
        ZOOKEEPER_SESSION_MS: "1000",
        NAMESPACE: namespace,
        LOG_LEVEL: "fatal",
      },
      { services: ["discovery"] },
    );
    for (const nodeID of ["node-0", "node-1"]) {
      const broker = new ServiceBroker({ ...brokerOptions(config), nodeID });
      attachContracts(broker, [discoveryContract]);
      brokers.push(broker);
    }
    brokers[0]!.createService(discovery);
    await Promise.all(brokers.map((broker) => broker.start()));
    await untilKnown(brokers[1]!, ["node-0", "node-1"]);
    await brokers[1]!.waitForServices("discovery", 5000, 20);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    await zookeeper.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const meta = { viewer: { id: 1, role: "moderator" } };
  const health = (): Promise<ResultOf<"discovery.health">> => brokers[1]!.call("discovery.health", {}, { meta });

  it("nodes lists both, of whose heartbeats there are none", async () => {
    const { items }: ResultOf<"discovery.nodes"> = await brokers[1]!.call("discovery.nodes", {}, { meta });

    expect(items.map(({ id }) => id).sort()).toEqual(["node-0", "node-1"]);
    expect(items.find(({ id }) => id === "node-1")).toMatchObject({
      is_available: true,
      seconds_since_heartbeat: null,
    });
  });

  it("health tells that ZooKeeper is away; the node stays ready, and both stay there", async () => {
    expect(await health()).toMatchObject({ nodes: 2, discoverer: "zookeeper", is_zookeeper_connected: true });

    await zookeeper.kill();
    await until(
      () => brokers[0]!.metrics.getMetric("moleculer.discoverer.zookeeper.connected")?.get()?.value,
      (connected) => connected === 0,
    );

    expect(await health()).toMatchObject({ nodes: 2, discoverer: "zookeeper", is_zookeeper_connected: false });
    expect((await readinessOf(brokers[0]!)).is_ready).toBe(true);
  });
});
