import { Redis } from "ioredis";
import { Kafka, logLevel } from "kafkajs";
import { Client as Minio } from "minio";
import { MongoClient } from "mongodb";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { Client as Postgres } from "pg";
import { type ServerName, startServer } from "../../../tools/servers/start-server";
import { describeOn, type ServerUrl } from "../../setup/servers";
import { tempRoot } from "../../setup/temp-root";

/** Something stored as acknowledged, and read back, by each server's own client. */
interface Memory {
  needs: ServerUrl;
  write(env: Record<string, string>, value: string): Promise<void>;
  read(env: Record<string, string>): Promise<string | undefined>;
}

const memories: Partial<Record<ServerName, Memory>> = {
  redis: {
    needs: "REDIS_URL",
    write: (env, value) => onRedis(env, async (client) => void (await client.set("kept", value))),
    read: (env) => onRedis(env, async (client) => (await client.get("kept")) ?? undefined),
  },
  postgres: {
    needs: "DATABASE_URL",
    write: (env, value) =>
      onPostgres(env, async (client) => {
        await client.query("create table kept (value text)");
        await client.query("insert into kept values ($1)", [value]);
      }),
    read: (env) =>
      onPostgres(env, async (client) => {
        const { rows } = await client.query<{ value: string }>("select value from kept");
        return rows[0]?.value;
      }),
  },
  mongodb: {
    needs: "MONGODB_URL",
    write: (env, value) =>
      onMongo(env, async (client) => {
        const kept = client.db().collection("kept");
        await kept.insertOne({ value }, { writeConcern: { w: "majority", j: true } });
      }),
    read: (env) =>
      onMongo(env, async (client) => (await client.db().collection<{ value: string }>("kept").findOne())?.value),
  },
  minio: {
    needs: "MINIO_URL",
    async write(env, value) {
      const { client, bucket } = minioOf(env);
      await client.makeBucket(bucket);
      await client.putObject(bucket, "kept", value);
    },
    async read(env) {
      const { client, bucket } = minioOf(env);
      const chunks = (await (await client.getObject(bucket, "kept")).toArray()) as Buffer[];
      return Buffer.concat(chunks).toString();
    },
  },
  kafka: {
    needs: "KAFKA_BROKERS",
    async write(env, value) {
      const kafka = kafkaOf(env);
      const [admin, producer] = [kafka.admin(), kafka.producer({ idempotent: true })];
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: "kept", numPartitions: 1 }], waitForLeaders: true });
      await admin.disconnect();
      await producer.connect();
      await producer.send({ topic: "kept", acks: -1, messages: [{ value }] });
      await producer.disconnect();
    },
    async read(env) {
      const consumer = kafkaOf(env).consumer({ groupId: "reader", maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topic: "kept", fromBeginning: true });
      const value = await new Promise<string | undefined>((resolve, reject) => {
        consumer
          .run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) })
          .catch((error: Error) => reject(error));
      });
      await consumer.disconnect();
      return value;
    },
  },
};

describe.each(Object.entries(memories))("startServer(%s)", (name, memory) => {
  describeOn([memory.needs], "killed and restarted", () => {
    it("answers at the same address with what it had acknowledged", async () => {
      const folder = await mkdtemp(join(tempRoot(), "emulsion-durability-"));
      const server = await startServer(name as ServerName, { folder: join(folder, name) });
      try {
        const { env, pids } = server;
        await memory.write(env, "as acknowledged");
        await server.kill();
        expect(server.pids).toEqual([]);
        await expect(memory.read({ ...env })).rejects.toThrow();

        await server.restart();
        expect(server.env).toEqual(env);
        expect(server.pids).not.toEqual(pids);
        await expect(memory.read(env)).resolves.toBe("as acknowledged");
      } finally {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      }
    });
  });
});

async function onRedis<T>(env: Record<string, string>, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(env["REDIS_URL"]!, { lazyConnect: true, retryStrategy: () => null });
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}

async function onPostgres<T>(env: Record<string, string>, work: (client: Postgres) => Promise<T>): Promise<T> {
  const client = new Postgres({ connectionString: env["DATABASE_URL"] });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

async function onMongo<T>(env: Record<string, string>, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(env["MONGODB_URL"]!, {
    serverSelectionTimeoutMS: 3_000,
    // By itself it imports this in a way that Jest's sandbox refuses.
    runtimeAdapters: { os },
  });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

function minioOf(env: Record<string, string>): { client: Minio; bucket: string } {
  const url = new URL(env["MINIO_URL"]!);
  const { username: accessKey, password: secretKey, hostname: endPoint, port, pathname } = url;
  const client = new Minio({ endPoint, port: Number(port), useSSL: false, accessKey, secretKey });
  return { client, bucket: pathname.slice(1) };
}

function kafkaOf(env: Record<string, string>): Kafka {
  return new Kafka({
    brokers: env["KAFKA_BROKERS"]!.split(","),
    logLevel: logLevel.NOTHING,
    retry: { retries: 3, initialRetryTime: 50 },
  });
}
