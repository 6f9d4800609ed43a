import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answers } from "../answers";
import { type JavaServer, javaServer } from "../install/java-server";
import { launchProgram } from "../launch-program";
import { versions } from "../install/versions";
import type { Place, ServerKind } from "../server-kind";

/** One ZooKeeper with ticks so short that the end of a session is seen in a test's time. */
export const zookeeper: ServerKind<JavaServer> = {
  size: 1,
  ports: ["client"],

  install: () =>
    javaServer("zookeeper", versions.zookeeper, [
      {
        group: "org.apache.zookeeper",
        artifact: "zookeeper",
        version: versions.zookeeper,
        without: ["io.netty:netty-tcnative-boringssl-static"],
      },
      { group: "io.dropwizard.metrics", artifact: "metrics-core", version: "4.1.12.1" },
      { group: "org.xerial.snappy", artifact: "snappy-java", version: "1.1.10.7" },
      { group: "org.slf4j", artifact: "slf4j-simple", version: "2.0.13" },
    ]),

  version: async () => versions.zookeeper,

  async start({ java, libs }, { places, extra }, index) {
    const place = places[index]!;
    const file = join(place.folder, "zoo.cfg");
    await mkdir(dataOf(place), { recursive: true });
    await writeFile(file, [...configuration(place), ...extra, ""].join("\n"));
    await launchProgram({
      program: java,
      args: [
        ...["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"],
        ...["-cp", libs, "org.apache.zookeeper.server.quorum.QuorumPeerMain", file],
      ],
      folder: place.folder,
      // `ruok` says imok before it serves.
      isReady: () => answers(place.ports["client"]!, "srvr", "Mode:"),
    });
  },

  env: async ({ places }) => ({ ZOOKEEPER_URL: `zookeeper://127.0.0.1:${places[0]!.ports["client"]}` }),
};

function configuration(place: Place): string[] {
  return [
    "tickTime=500",
    "initLimit=10",
    "syncLimit=5",
    `dataDir=${dataOf(place)}`,
    `clientPort=${place.ports["client"]}`,
    "clientPortAddress=127.0.0.1",
    "admin.enableServer=false",
    "4lw.commands.whitelist=ruok,srvr,mntr",
    "maxClientCnxns=0",
    "minSessionTimeout=1000",
    "maxSessionTimeout=20000",
  ];
}

function dataOf({ folder }: Place): string {
  return join(folder, "data");
}
