import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Compose } from "./compose-engine";
import { freePort } from "./free-ports";
import type { ServerName } from "./server-kind";

/** Which services of docker-compose.yml are which server. The others come natively. */
const services = {
  nats: ["nats"],
  zookeeper: ["zookeeper"],
  kafka: ["kafka"],
  shards: ["shard-0", "shard-1", "pgdog"],
  mongodb: ["mongodb"],
  redis: ["redis"],
  minio: ["minio"],
} satisfies Partial<Record<ServerName, string[]>>;

export type ComposedName = keyof typeof services;

/** Inside of the containers. Kafka's is one that only we have: it tells clients of this machine where it is. */
const ports = {
  nats: 4222,
  zookeeper: 2181,
  kafka: 19092,
  "shard-0": 5432,
  "shard-1": 5432,
  pgdog: 6432,
  mongodb: 27017,
  redis: 6379,
  minio: 9000,
};

type Service = keyof typeof ports;

/** What stays the same between calls: on which loopback port each answers, and the password of all. */
interface ComposeRecord {
  password: string;
  ports: Record<Service, number>;
}

export function isComposed(name: ServerName): name is ComposedName {
  return Object.hasOwn(services, name);
}

export class ComposeServers {
  private constructor(
    private readonly record: ComposeRecord,
    private readonly compose: Compose,
  ) {}

  /** Those of this home; nothing is started. */
  static async open(home: string): Promise<ComposeServers> {
    const folder = join(home, "compose");
    await mkdir(folder, { recursive: true });
    const record = await openRecord(join(folder, "record.json"));
    const override = join(folder, "on-loopback.yml");
    await writeFile(override, overrideOf(record));
    const { password } = record;
    const passwords = {
      NATS_PASSWORD: password,
      POSTGRES_PASSWORD: password,
      REDIS_PASSWORD: password,
      MINIO_PASSWORD: password,
    };
    return new ComposeServers(record, new Compose(override, passwords));
  }

  async bringUp(names: readonly ComposedName[]): Promise<void> {
    if (names.length > 0) await this.compose.up(names.flatMap((name) => services[name]));
  }

  async bringDown(names: readonly ComposedName[]): Promise<ComposedName[]> {
    const up = await this.up(names);
    if (up.length > 0) await this.compose.stop(up.flatMap((name) => services[name]));
    return up;
  }

  /** Those of them of which all runs. */
  async up(names: readonly ComposedName[]): Promise<ComposedName[]> {
    const running = await this.compose.running();
    return names.filter((name) => services[name].every((service) => running.includes(service)));
  }

  async settingsOf(names: readonly ComposedName[]): Promise<Record<string, string>> {
    const up = await this.up(names);
    return Object.assign({}, ...up.map((name) => this.settings(name))) as Record<string, string>;
  }

  private settings(name: ComposedName): Record<string, string> {
    const { password } = this.record;
    const at = (service: Service): string => `127.0.0.1:${this.record.ports[service]}`;
    const database = (service: Service): string => `postgres://emulsion:${password}@${at(service)}/emulsion`;
    return {
      nats: { NATS_URL: `nats://emulsion:${password}@${at("nats")}` },
      zookeeper: { ZOOKEEPER_URL: `zookeeper://${at("zookeeper")}` },
      kafka: { KAFKA_BROKERS: at("kafka") },
      shards: {
        DATABASE_URL: database("pgdog"),
        DATABASE_SHARDS: [database("shard-0"), database("shard-1")].join(","),
      },
      // Its replica set knows itself by a name that only containers can look up.
      mongodb: { MONGODB_URL: `mongodb://${at("mongodb")}/emulsion?directConnection=true` },
      redis: { REDIS_URL: `redis://default:${password}@${at("redis")}` },
      minio: { MINIO_URL: `http://emulsion:${password}@${at("minio")}/emulsion` },
    }[name];
  }
}

async function openRecord(file: string): Promise<ComposeRecord> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text !== undefined) return JSON.parse(text) as ComposeRecord;
  const free = {} as Record<Service, number>;
  for (const service of Object.keys(ports) as Service[]) free[service] = await freePort();
  const record = { password: randomBytes(16).toString("hex"), ports: free };
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  return record;
}

/** Published on loopback, each on its own port and on no other. */
function overrideOf(record: ComposeRecord): string {
  const entries = (Object.entries(ports) as [Service, number][]).map(([service, inside]) => {
    const published = `  ${service}:\n    ports: !override ["127.0.0.1:${record.ports[service]}:${inside}"]\n`;
    return service === "kafka" ? published + kafkaEnvironment(record.ports.kafka) : published;
  });
  return `services:\n${entries.join("")}`;
}

function kafkaEnvironment(port: number): string {
  return `    environment:
      KAFKA_LISTENERS: PLAINTEXT://:9092,CONTROLLER://:9093,LOOPBACK://:${ports.kafka}
      KAFKA_ADVERTISED_LISTENERS: PLAINTEXT://kafka:9092,LOOPBACK://127.0.0.1:${port}
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,LOOPBACK:PLAINTEXT
`;
}
