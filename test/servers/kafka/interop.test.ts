import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { newId } from "../../../lib/ids";
import { projectRoot } from "../../../lib/project-root";
import { KafkaDeadLetters } from "../../../mixins/channels/kafka/kafka-dead-letters";
import { contracts } from "../../../services/contracts";
import { describeOn } from "../../setup/servers";
import { App } from "../../setup/use-app";
import { kafkaEnv } from "./kafka-env";
import { Stranger } from "./stranger";

describeOn(["KAFKA_BROKERS", "DATABASE_URL"], "a plain client of Kafka", () => {
  let app: App;
  let stranger: Stranger;
  let env: Record<string, string>;

  beforeAll(async () => {
    env = kafkaEnv();
    stranger = new Stranger(env);
    app = new App(["auth", "graph", "media", "posts", "newsfeed"], { env });
    await app.start();
  }, 60_000);
  afterAll(() => app.stop(), 60_000);

  it("reads our events: JSON as the contract says, the key, and no header but the request id", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.broker.call(
      "graph.follow",
      { user_id: bob.id },
      { requestID: "request-7", meta: { viewer: { id: alice.id, role: "user" } } },
    );
    await app.settled();

    const [message] = await stranger.read("follow.accepted");
    expect(message!.key!.toString()).toBe(String(alice.id));
    const value = message!.value!.toString();
    const { event_id, occurred_at } = JSON.parse(value) as { event_id: string; occurred_at: string };
    expect(event_id).toMatch(/^[0-9a-f]{24}$/);
    // The very bytes.
    expect(JSON.parse(value)).toEqual({
      event_id,
      type: "follow.accepted",
      version: 1,
      occurred_at,
      aggregate_id: String(alice.id),
      data: { follower_id: alice.id, following_id: bob.id },
    });
    expect(Object.entries(message!.headers!).map(([name, header]) => [name, header!.toString()])).toEqual([
      ["request_id", "request-7"],
    ]);
  });

  it("reads of a feed that changed in feed.updated, which is told straight", async () => {
    const [dora, emil] = await app.users("dora", "emil");
    await app.as(emil).call("graph.follow", { user_id: dora.id });
    await app.as(emil).call("newsfeed.read", {});
    let told: Awaited<ReturnType<Stranger["read"]>> = [];
    for (const deadline = Date.now() + 10_000; told.length === 0 && Date.now() < deadline; await sleep(100))
      told = await stranger.read("feed.updated");

    expect(told[0]!.key!.toString()).toBe(String(emil.id));
    expect(JSON.parse(told[0]!.value!.toString())).toMatchObject({
      type: "feed.updated",
      aggregate_id: String(emil.id),
      data: { user_ids: [emil.id] },
    });
  });

  it("publishes post.created to us, and one that is malformed becomes a dead letter of each group", async () => {
    const carol = await app.user("carol");
    const post = { post_id: newId(), user_id: carol.id, created_at: new Date().toISOString(), media_ids: [] };
    const event = (data: object) => ({
      ...{ event_id: newId(), type: "post.created", version: 1, occurred_at: post.created_at },
      ...{ aggregate_id: post.post_id, data },
    });
    const key = String(carol.id);
    const { media_ids: _, ...malformed } = post;
    await stranger.publish("post.created", [
      { key, value: JSON.stringify(event(malformed)) },
      { key, value: JSON.stringify({ ...event({ ...post, mood: "unknown to us" }), source: "unknown to us" }) },
    ]);
    await app.settled();

    const { post_count } = await app.as(carol).call("graph.profile", { username: carol.username });
    expect(post_count).toBe(1);
    const box = new KafkaDeadLetters(app.config, contracts, app.broker.logger);
    const letters = await box.list({ topic: "post.created", limit: 10 });
    await box.close();
    expect(letters.map(({ group }) => group).sort()).toEqual(["graph", "media", "newsfeed"]);
    for (const { error } of letters) expect(error).toMatch(/media_ids/);
  });

  it("is not what a dead letter needs: the command lists it, and gives it back beside the running fleet", async () => {
    const events = (...args: string[]) =>
      promisify(execFile)(process.execPath, ["--import", "tsx", join(projectRoot, "tools/events.ts"), "dlq", ...args], {
        env: { PATH: process.env["PATH"], ...env },
      });
    expect((await events("list", "--group", "media")).stdout).toMatch(
      /^\S+Z {2}media {2}post\.created {2}key \d+\n.*media_ids[^]*\n1 dead letters listed\.\n$/,
    );
    expect((await events("replay", "--group", "media")).stdout).toMatch(/\n1 dead letters on their way/);
    await app.settled();

    // It is as malformed as it was, and ends where it came from; the other groups' letters lie untouched.
    const { stdout } = await events("list", "--topic", "post.created");
    expect(stdout).toMatch(/\n3 dead letters listed\.\n$/);
    const letters = await stranger.read("media.dlq");
    expect(letters).toHaveLength(3);
    expect(letters[2]!.headers!["original_topic"]!.toString()).toBe(stranger.nameOf("post.created"));
    await expect(events("list", "--group", "nobody")).rejects.toMatchObject({
      stderr: expect.stringMatching(/There is no group nobody/) as string,
    });
  });
});
