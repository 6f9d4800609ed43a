import { ServiceBroker } from "moleculer";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { loadConfig } from "../../lib/config";
import { brokerOptions } from "../../node/broker-options";
import { Fleet, wholeFleet } from "../../tools/fleet/fleet";
import { type Backend, type OpenBackends, openBackends } from "./backends";
import { FleetEvents } from "../../tools/fleet/fleet-events";
import type { ServerUrl } from "./servers";
import { testKeys } from "./test-keys";
import { tempRoot } from "./temp-root";
import type { App } from "./use-app";

const everything: readonly Backend[] = ["nats", "zookeeper", "kafka", "shards", "mongodb", "redis", "minio"];
/** What a whole fleet runs on, for `describeOn`. */
export const fleetServers: readonly ServerUrl[] = [
  "NATS_URL",
  "ZOOKEEPER_URL",
  "KAFKA_BROKERS",
  "DATABASE_SHARDS",
  "MONGODB_URL",
  "REDIS_URL",
  "MINIO_URL",
];

const START_TIMEOUT_MS = 120_000;

export interface FleetOptions {
  env?: Record<string, string>;
  backends?: readonly Backend[];
  plan?: readonly (readonly string[])[];
}

/** The compiled product as a fleet on real servers, a process for each service, for one test file. */
export class FleetApp implements Pick<App, "broker" | "call" | "settled"> {
  fleet!: Fleet;
  /** A node without services, by which a test speaks to the others. */
  broker!: ServiceBroker;
  backends!: OpenBackends;
  private events!: FleetEvents;
  private home!: string;
  private asked = 0;

  constructor(private readonly options: FleetOptions) {}

  async start(): Promise<void> {
    this.backends = await openBackends(this.options.backends ?? everything);
    this.home = await mkdtemp(join(tempRoot(), "emulsion-fleet-"));
    await chmod(this.home, 0o755);
    const env = {
      ...this.backends.env,
      ...testKeys,
      RATE_LIMITS: "off",
      BCRYPT_COST: "4",
      LOG_LEVEL: "info",
      ...this.options.env,
    };
    this.fleet = await Fleet.open(join(this.home, "fleet"), env);
    this.events = new FleetEvents(env);
    await this.fleet.start(this.options.plan ?? wholeFleet);
    const config = loadConfig(
      { ...env, LOG_LEVEL: "fatal", OPS_PORT: "0", DATA_DIR: join(this.home, "tester") },
      { isTool: true },
    );
    this.broker = new ServiceBroker({ ...brokerOptions(config), nodeID: "tester" });
    await this.broker.start();
    await this.broker.waitForServices(
      this.fleet.nodes.flatMap(({ services }) => services).filter((name) => name !== "api"),
      20_000,
      50,
    );
  }

  async stop(): Promise<void> {
    await this.broker?.stop();
    await this.fleet?.stop();
    await this.events?.close();
    await this.backends?.drop();
    await rm(this.home, { recursive: true, force: true });
  }

  call: App["call"] = (name, params) => this.broker.call(name, params as never) as never;

  /** Each time another of the gateways: what one of them did, the next one must know. */
  nextGateway(): string {
    const gateways = this.fleet.of("api");
    return gateways[(this.asked += 1) % gateways.length]!.url;
  }

  /** Waits until every event that was published has been handled, and those that handling published too. */
  settled(): Promise<void> {
    return this.events.settled();
  }
}

/** By what they were asked to be, and how many `describe` of this file share each. */
const shared = new Map<string, { app: FleetApp; users: number; started?: Promise<void> }>();

/** A fleet, started before the first test that uses it and ended after the last. Those of a file that are alike are one. */
export function useFleet(options: FleetOptions = {}): FleetApp {
  const key = JSON.stringify(options);
  const entry = shared.get(key) ?? { app: new FleetApp(options), users: 0 };
  shared.set(key, entry);
  entry.users += 1;
  beforeAll(() => (entry.started ??= entry.app.start()), START_TIMEOUT_MS);
  afterAll(async () => {
    if ((entry.users -= 1) === 0) await entry.app.stop();
  }, START_TIMEOUT_MS);
  return entry.app;
}
