import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Channels } from "../../../mixins/channels";
import { readinessOf } from "../../../mixins/readiness";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";
import { eventually, ShopScene } from "../../mixins/channels/use-shop";
import { describeOn } from "../../setup/servers";
import { App } from "../../setup/use-app";
import { everyService, gatewayOf, picture } from "../../setup/http-client";
import { kafkaEnv } from "./kafka-env";

const BACK_MS = 30_000;

describeOn(["KAFKA_BROKERS"], "a node whose Kafka is down", () => {
  let folder: string;
  let kafka: RunningServer;
  let scene: ShopScene;
  const checks = async () => (await readinessOf(scene.open.broker)).checks;
  const unsent = async () => (await scene.open.shop.outboxState()).unsent;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "emulsion-outage-"));
    kafka = await startServer("kafka", { folder });
    scene = new ShopScene("postgres", () => kafkaEnv(kafka.env["KAFKA_BROKERS"]));
  }, 600_000);

  afterAll(async () => {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("starts all the same, takes posts over HTTP, is unready, and catches up by itself", async () => {
    await kafka.kill();
    const app = new App(everyService, { env: kafkaEnv(kafka.env["KAFKA_BROKERS"]) });
    await app.start();
    const gateway = gatewayOf(app);
    const alice = await gateway.person("alice");
    const postCount = async () => (await alice.get(`/users/${alice.user.username}`)).body.post_count;
    const { body: media } = await alice.upload(await picture());
    expect((await alice.post("/posts", { caption: "in the dark", media_ids: [media.id] })).status).toBe(201);
    await sleep(500);
    expect((await app.service<Channels>("posts").outboxState()).unsent).toBe(1);
    expect(await postCount()).toBe(0);
    const { status, body } = await alice.get("//readyz");
    expect({ status, checks: body.checks }).toMatchObject({ status: 503, checks: { kafka_posts: false } });

    await kafka.restart();
    await eventually(async () => (await alice.get("//readyz")).status === 200, BACK_MS);
    await app.settled();
    expect(await postCount()).toBe(1);
    await app.stop();
  }, 90_000);

  it("goes on taking writes when Kafka is killed, and its consumers come back from their crash", async () => {
    await scene.start();
    const stock = scene.listen("stock");
    for (let i = 0; i < 20; i++) await scene.open.shop.change(`late-${i % 4}`);
    await kafka.kill();
    for (let i = 0; i < 20; i++) await scene.open.shop.change(`late-${i % 4}`);
    await eventually(async () => (await checks())["kafka_stock"] === false, BACK_MS);
    expect(await unsent()).toBeGreaterThan(0);

    await kafka.restart();
    await eventually(async () => Object.values(await checks()).every(Boolean), BACK_MS);
    await scene.settled(BACK_MS);
    for (let i = 0; i < 4; i++) {
      const ascending = Array.from({ length: 10 }, (_, n) => n + 1);
      expect([...new Set(stock.get(`late-${i}`))]).toEqual(ascending);
    }
    expect(await unsent()).toBe(0);
    await scene.stop();
  }, 90_000);
});
