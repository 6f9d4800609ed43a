import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { accepts } from "../answers";
import { type JavaServer, javaServer } from "../install/java-server";
import { versions } from "../install/versions";
import { launchProgram } from "../launch-program";
import type { Place, ServerKind, Site } from "../server-kind";

const JOINED_TIMEOUT_MS = 60_000;

/** Compression of others than gzip, authorizers and tools: none of it is used here, and it is a third of the download. */
const WITHOUT = [
  ...["com.github.luben:zstd-jni", "org.xerial.snappy:snappy-java", "org.lz4:lz4-java", "at.yawk.lz4:lz4-java"],
  ...["org.scala-lang:scala-reflect", "com.github.ben-manes.caffeine:caffeine", "org.bitbucket.b_c:jose4j"],
  ...["commons-beanutils:commons-beanutils", "commons-collections:commons-collections", "commons-io:commons-io"],
  ...["commons-digester:commons-digester", "commons-logging:commons-logging", "commons-cli:commons-cli"],
  ...["com.dynatrace.hash4j:hash4j", "io.netty:*", "org.apache.yetus:audience-annotations"],
  ...["com.thoughtworks.paranamer:paranamer", "io.dropwizard.metrics:metrics-core"],
  ...["com.fasterxml.jackson.module:jackson-module-scala_2.13"],
  ...["com.fasterxml.jackson.dataformat:jackson-dataformat-csv"],
];

/** One broker in KRaft mode, which is its own controller. */
export const kafka: ServerKind<JavaServer> = {
  size: 1,
  ports: ["client", "controller"],

  install: () =>
    javaServer("kafka", versions.kafka, [
      { group: "org.apache.kafka", artifact: "kafka_2.13", version: versions.kafka, without: WITHOUT },
      { group: "org.slf4j", artifact: "slf4j-simple", version: "1.7.36" },
    ]),

  version: async () => versions.kafka,

  async start({ java, libs }, site, index) {
    const place = site.places[index]!;
    await format(site, index);
    const file = join(place.folder, "server.properties");
    await writeFile(file, [...properties(site, index), ...site.extra, ""].join("\n"));
    await launchProgram({
      program: java,
      args: [
        ...["-Xms64m", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"],
        ...["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", libs, "kafka.Kafka", file],
      ],
      folder: place.folder,
      isReady: () => accepts(place.ports["client"]!),
    });
  },

  /** With settings of one's own it may ask for credentials that we do not have: then its open port must do. */
  async settle(_, site) {
    if (site.extra.length === 0) await untilJoined(site);
  },

  env: async (site) => ({ KAFKA_BROKERS: addressesOf(site).join(",") }),
};

/** Three brokers that keep three copies of everything, of which two acknowledge. */
export const kafkaCluster: ServerKind<JavaServer> = {
  ...kafka,
  size: 3,
  env: async (site) => ({ KAFKA_BROKERS: addressesOf(site).join(","), KAFKA_REPLICATION: "3" }),
};

function addressesOf({ places }: Site): string[] {
  return places.map(addressOf);
}

function addressOf({ ports }: Place): string {
  return `127.0.0.1:${ports["client"]}`;
}

/** What `kafka-storage format` would write, without the seconds of another Java. A folder that has it is left alone. */
async function format({ places, token }: Site, index: number): Promise<void> {
  const data = dataOf(places[index]!);
  await mkdir(data, { recursive: true });
  const lines = [
    "version=1",
    `cluster.id=${token}`,
    `node.id=${index + 1}`,
    `directory.id=${randomBytes(16).toString("base64url")}`,
    "",
  ];
  await writeFile(join(data, "meta.properties"), lines.join("\n"), { flag: "wx" }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
}

function properties({ places }: Site, index: number): string[] {
  const place = places[index]!;
  const copies = places.length;
  const enough = Math.max(1, copies - 1);
  const voters = places.map(({ ports }, at) => `${at + 1}@127.0.0.1:${ports["controller"]}`);
  const own = `CLIENTS://127.0.0.1:${place.ports["client"]}`;
  return [
    "process.roles=broker,controller",
    `node.id=${index + 1}`,
    `controller.quorum.voters=${voters.join(",")}`,
    `listeners=${own},CONTROLLER://127.0.0.1:${place.ports["controller"]}`,
    `advertised.listeners=${own}`,
    "controller.listener.names=CONTROLLER",
    "listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name=CLIENTS",
    `log.dirs=${dataOf(place)}`,
    `default.replication.factor=${copies}`,
    `min.insync.replicas=${enough}`,
    `offsets.topic.replication.factor=${copies}`,
    "offsets.topic.num.partitions=4",
    `transaction.state.log.replication.factor=${copies}`,
    `transaction.state.log.min.isr=${enough}`,
    "transaction.state.log.num.partitions=4",
    "group.initial.rebalance.delay.ms=0",
    "auto.create.topics.enable=false",
    "log.cleaner.dedupe.buffer.size=2097152",
    "log.cleaner.threads=1",
    "num.network.threads=2",
    "num.io.threads=4",
    "background.threads=2",
    // So that one that is killed is missed within a test's patience.
    "broker.session.timeout.ms=6000",
    "broker.heartbeat.interval.ms=1000",
    "replica.lag.time.max.ms=5000",
  ];
}

function dataOf({ folder }: Place): string {
  return join(folder, "data");
}

/** A broker takes connections before the controller lets it lead: waits until all that run are in the cluster. */
async function untilJoined({ places }: Site): Promise<void> {
  const accepting = await Promise.all(places.map(({ ports }) => accepts(ports["client"]!)));
  const running = places.filter((_, index) => accepting[index]).map(addressOf);
  // Loaded where it is needed: most commands start no Kafka, and should not wait for it.
  const { Kafka, logLevel } = await import("kafkajs");
  const admin = new Kafka({ brokers: running, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    for (const deadline = Date.now() + JOINED_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
      const { brokers } = await admin.describeCluster();
      if (brokers.length >= running.length) return;
    }
    throw new Error("The brokers of Kafka did not all join in time.");
  } finally {
    await admin.disconnect();
  }
}
