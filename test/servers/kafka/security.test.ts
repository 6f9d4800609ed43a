import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadConfig } from "../../../lib/config";
import { openKafka } from "../../../mixins/channels/kafka/client";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";
import { ShopScene } from "../../mixins/channels/use-shop";
import { describeOn } from "../../setup/servers";
import { kafkaEnv } from "./kafka-env";

const openssl = (folder: string, line: string) => promisify(execFile)("openssl", line.split(" "), { cwd: folder });

/** A certificate of 127.0.0.1 by an authority of its own: `server.pem` (its key too) and `authority.pem`. */
async function makeCertificate(folder: string): Promise<void> {
  const ca = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout authority.key -out authority.pem";
  await openssl(folder, ca);
  await openssl(folder, "req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr");
  await writeFile(join(folder, "names"), "subjectAltName=IP:127.0.0.1\n");
  const sign = "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names";
  await openssl(folder, `${sign} -out server.crt`);
  const parts = await Promise.all(["server.key", "server.crt"].map((name) => readFile(join(folder, name), "utf8")));
  await writeFile(join(folder, "server.pem"), parts.join(""));
}

describeOn(["KAFKA_BROKERS"], "a Kafka that asks for credentials over TLS", () => {
  let folder: string;
  let kafka: RunningServer;
  const login =
    'org.apache.kafka.common.security.plain.PlainLoginModule required username="emulsion" password="secret"';
  const env = (): Record<string, string> => ({
    ...kafkaEnv(kafka.env["KAFKA_BROKERS"]),
    ...{ KAFKA_SASL: "plain", KAFKA_USERNAME: "emulsion", KAFKA_PASSWORD: "secret" },
    ...{ KAFKA_TLS: "on", KAFKA_CA_FILE: join(folder, "authority.pem") },
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "emulsion-secure-"));
    await makeCertificate(folder);
    kafka = await startServer("kafka", {
      folder: join(folder, "kafka"),
      extra: [
        "listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms=PLAIN",
        "sasl.mechanism.inter.broker.protocol=PLAIN",
        `listener.name.clients.plain.sasl.jaas.config=${login} user_emulsion="secret";`,
        "ssl.keystore.type=PEM",
        `ssl.keystore.location=${join(folder, "server.pem")}`,
        "ssl.truststore.type=PEM",
        `ssl.truststore.location=${join(folder, "authority.pem")}`,
      ],
    });
  }, 600_000);

  afterAll(async () => {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("carries our events for the right name and password", async () => {
    const scene = new ShopScene("postgres", env);
    await scene.start();
    const stock = scene.listen("stock");
    await scene.open.shop.change("guarded");
    await scene.settled();
    expect(stock.get("guarded")).toEqual([1]);
    await scene.stop();
  });

  it.each([
    ["a wrong password", { KAFKA_PASSWORD: "wrong" }, /authentication failed/i],
    ["no credentials", { KAFKA_SASL: "" }, /./],
    ["an authority that it does not know", { KAFKA_CA_FILE: "" }, /certificate/i],
  ])("takes nothing with %s", async (_, wrong, message) => {
    const config = loadConfig({ ...env(), ...wrong }, { isTool: true });
    const admin = openKafka(config, "stranger", { debug: () => undefined }).admin({ retry: { retries: 0 } });
    const listing = admin.connect().then(() => admin.listTopics());
    await expect(listing).rejects.toThrow(message);
    await admin.disconnect();
  });
});
