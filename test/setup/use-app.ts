import type { Service, ServiceSchema } from "moleculer";
import { ServiceBroker } from "moleculer";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DomainEvent, Role } from "../../lib/contract";
import { type Config, loadConfig } from "../../lib/config";
import { projectRoot } from "../../lib/project-root";
import type { Channels } from "../../mixins/channels/channels";
import { attachContracts } from "../../mixins/channels/contracts-of";
import { brokerOptions } from "../../node/broker-options";
import {
  type ActionName,
  contracts,
  type EventData,
  type ParamsOf,
  type ResultOf,
  type Topic,
} from "../../services/contracts";
import { type Backend, type OpenBackends, openBackends } from "./backends";
import { checkedResults } from "./checked-results";
import { tempRoot } from "./temp-root";
import { testKeys } from "./test-keys";

const SETTLE_MS = 20_000;

/** Set by Jest's project: the same files run once in one process and once on two brokers that speak over a wire. */
declare const NODES: number | undefined;
/** Set by Jest's project: real servers in place of what is embedded. */
declare const BACKENDS: readonly Backend[] | undefined;

export interface Person {
  id: number;
  username: string;
  email: string;
  password: string;
  role: Role;
}

export interface AppOptions {
  env?: Record<string, string>;
  /** Brokers, whatever the project has. A service that is named several times stands on several, and each call goes to the next. */
  nodes?: number;
}

type CallAs = <N extends ActionName>(name: N, params: ParamsOf<N>) => Promise<ResultOf<N>>;

/** Real services on real brokers, stores and wire, for one test file. */
export class App {
  config!: Config;
  private brokers: ServiceBroker[] = [];
  private backends!: OpenBackends;
  private dataDir!: string;
  private sent: DomainEvent[] = [];
  private people = 0;

  constructor(
    private readonly services: readonly string[],
    private readonly options: AppOptions,
  ) {}

  async start(): Promise<void> {
    this.backends = await openBackends(typeof BACKENDS === "object" ? BACKENDS : []);
    this.dataDir = await mkdtemp(join(tempRoot(), "emulsion-app-"));
    await this.startNodes();
  }

  async stop(): Promise<void> {
    await this.stopNodes();
    await this.backends.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** The same data under new processes' worth of services. */
  async restart(): Promise<void> {
    await this.stopNodes();
    await this.startNodes();
  }

  private async startNodes(): Promise<void> {
    this.config = loadConfig({
      ...this.backends.env,
      ...testKeys,
      SERVICES: [...new Set(this.services)].join(","),
      DATA_DIR: this.dataDir,
      PORT: "0",
      OPS_PORT: "0",
      BCRYPT_COST: "4",
      RATE_LIMITS: "off",
      LOG_LEVEL: process.env["TEST_LOG_LEVEL"] ?? "fatal",
      ...this.options.env,
    });
    const nodes = this.options.nodes ?? (typeof NODES === "number" ? NODES : 1);
    const loaded = contracts.filter(({ name }) => this.services.includes(name));
    this.brokers = Array.from({ length: nodes }, (_, index) => {
      const options = brokerOptions(this.config, { middlewares: [checkedResults()] });
      const broker = new ServiceBroker({
        ...options,
        namespace: this.backends.namespace,
        nodeID: `node-${index}`,
        ...(this.options.nodes ? { registry: { ...options.registry, preferLocal: false } } : {}),
        ...(nodes > 1 && this.config.natsUrl === undefined ? { transporter: "Fake" } : {}),
      });
      attachContracts(broker, loaded);
      broker.localBus.on("$outbox.sent", ({ event }: { event: DomainEvent }) => this.sent.push(event));
      return broker;
    });
    this.services.forEach((name, index) => {
      this.brokers[index % nodes]!.createService(schemaOf(name));
    });
    await Promise.all(this.brokers.map((broker) => broker.start()));
    await Promise.all(this.brokers.map((broker) => broker.waitForServices([...this.services], 20_000, 20)));
  }

  private async stopNodes(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.stop()));
  }

  /** The broker that calls begin at: the one without the first service, so that even a single one is called over the wire. */
  get broker(): ServiceBroker {
    return this.brokers.at(-1)!;
  }

  /** A service's own instance: for sweepers and other members that are no actions. */
  service<Members = unknown>(name: string): Service & Members {
    const [found] = this.instances<Members>(name);
    if (found === undefined) throw new Error(`This app has no ${name}.`);
    return found;
  }

  /** The same, on each node that it stands on. */
  instances<Members = unknown>(name: string): (Service & Members)[] {
    const found = this.brokers.flatMap((broker) => broker.services).filter((service) => service.name === name);
    return found as (Service & Members)[];
  }

  /** A call without a viewer, as services make among themselves. */
  call: CallAs = (name, params) => this.broker.call(name, params as never) as never;

  as({ id, role }: { id: number; role?: Role }): { call: CallAs } {
    const meta = { viewer: { id, role: role ?? "user" } };
    return { call: (name, params) => this.broker.call(name, params as never, { meta }) as never };
  }

  /** Registers somebody; the username is `name` with a number, for several tests share a database. */
  async user(name: string, profile: ParamsOf<"auth.updateProfile"> = {}): Promise<Person> {
    const username = `${name}_${(this.people += 1)}`;
    const email = `${username}@example.com`;
    const password = `password of ${username}`;
    const { user } = await this.call("auth.register", { username, email, password });
    const person: Person = { id: user.id, username, email, password, role: user.role };
    if (Object.keys(profile).length > 0) await this.as(person).call("auth.updateProfile", profile);
    return person;
  }

  async users<const Names extends readonly string[]>(...names: Names): Promise<{ [K in keyof Names]: Person }> {
    const people: Person[] = [];
    for (const name of names) people.push(await this.user(name));
    return people as { [K in keyof Names]: Person };
  }

  /** Waits until every event that was published has been handled, and those that handling published too. */
  async settled(): Promise<void> {
    const homes = this.brokers
      .flatMap((broker) => broker.services)
      .filter(
        (service): service is Service & Channels => typeof (service as Partial<Channels>).drainOutbox === "function",
      );
    let before = { isQuiet: false, written: 0 };
    for (const deadline = Date.now() + SETTLE_MS; Date.now() < deadline; await sleep(before.isQuiet ? 0 : 20)) {
      for (const home of homes) await home.drainOutbox();
      const states = await Promise.all(homes.map((home) => home.outboxState()));
      const backlogs = await Promise.all(homes.map((home) => home.backlog()));
      const isQuiet = states.every(({ unsent }) => unsent === 0) && backlogs.every(({ waiting }) => waiting === 0);
      const written = backlogs.reduce((sum, backlog) => sum + backlog.written, 0);
      // What a handler published after the outboxes were asked shows in the next round.
      if (isQuiet && (written === 0 || (before.isQuiet && before.written === written))) return;
      before = { isQuiet, written };
    }
    throw new Error("Events are still waiting to be handled: a handler fails without end. See TEST_LOG_LEVEL=warn.");
  }

  /** Data of the events of this topic that were delivered since the test began. */
  async published<T extends Topic>(topic: T): Promise<EventData<T>[]> {
    await this.settled();
    return this.sent.filter(({ type }) => type === topic).map(({ data }) => data as EventData<T>);
  }

  async beginTest(): Promise<void> {
    await this.settled();
    this.sent = [];
  }
}

function schemaOf(name: string): ServiceSchema {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- which services, only the test knows
  const module = require(join(projectRoot, "services", name, `${name}.service.ts`)) as { default: ServiceSchema };
  return module.default;
}

/** The services of a test file, started before its first test and stopped after its last. */
export function useApp(services: readonly string[], options: AppOptions = {}): App {
  const app = new App(services, options);
  beforeAll(() => app.start(), 60_000);
  beforeEach(() => app.beginTest());
  afterAll(() => app.stop(), 60_000);
  return app;
}
