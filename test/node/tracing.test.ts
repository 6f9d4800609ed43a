import { ServiceBroker } from "moleculer";
import { randomUUID } from "node:crypto";
import { loadConfig } from "../../lib/config";
import { brokerOptions } from "../../node/broker-options";
import { everyService, gatewayOf, picture } from "../setup/http-client";
import { type CollectedSpan, TraceCollector } from "../setup/trace-collector";
import { useApp } from "../setup/use-app";

const isRoot = ({ parentId }: CollectedSpan) => parentId === undefined;
const namesOf = (spans: CollectedSpan[]) => spans.map(({ name }) => name);

describe("a traced request", () => {
  const collector = new TraceCollector();
  // Of so small pages that two followers are worth a fan-out.
  const env: Record<string, string> = { TRACE_SAMPLE: "1", FAN_OUT_PAGE: "1" };
  beforeAll(async () => (env["TRACE_URL"] = await collector.start()));
  const gateway = gatewayOf(useApp(everyService, { env, nodes: 2 }));
  afterAll(() => collector.stop());

  it("is one tree of spans over services and nodes, down to the fan-out that its event began", async () => {
    const [alice, ...followers] = await gateway.people3();
    for (const follower of followers) await follower.post(`/graph/follow/${alice.user.id}`);
    const requestId = randomUUID();
    const { body: media } = await alice.upload(await picture());
    const body = { caption: "a caption of hers", media_ids: [media.id] };
    expect((await alice.post("/posts", body, { headers: { "x-request-id": requestId } })).status).toBe(201);
    await gateway.settled();

    // Each node sends what it has every second: a span may come before the one above it.
    const isWhole = (some: CollectedSpan[]) =>
      some.some(({ tags }) => tags["topic"] === "feed.fanout") &&
      ["POST /api/v1/posts", "posts.create", "media.claim"].every((name) => namesOf(some).includes(name)) &&
      some.every((span) => isRoot(span) || some.some(({ id }) => id === span.parentId));
    const spans = await collector.traceOf(requestId, isWhole);
    expect(namesOf(spans)).toEqual(expect.arrayContaining(["posts.create", "media.claim", "newsfeed.receive"]));
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([requestId.replaceAll("-", "")]));
    expect(new Set(spans.map(({ tags }) => tags["node"]))).toEqual(new Set(["node-0", "node-1"]));
    const ids = new Set(spans.map(({ id }) => id));
    expect(ids.size).toBe(spans.length);
    expect(spans.filter(isRoot)).toMatchObject([{ name: "POST /api/v1/posts", tags: { "http.status_code": "201" } }]);
    expect(spans.filter((span) => !isRoot(span) && !ids.has(span.parentId!))).toEqual([]);
  });

  it("is traced where its page of the feed is passed on without a call, by the id that it brought", async () => {
    const [, bob] = await gateway.people3();
    await bob.get("/feed");
    await bob.get("/feed", { headers: { "x-request-id": "of.a:proxy" } });
    const isDone = (some: CollectedSpan[]) => namesOf(some).includes("GET /api/v1/feed");
    const spans = await collector.traceOf("of.a:proxy", isDone);
    expect(namesOf(spans)).not.toContain("newsfeed.readNewest");
    expect(spans.find(({ name }) => name === "GET /api/v1/feed")).toMatchObject({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  it("tells of an error its type, and of nobody who they are or what they wrote", async () => {
    const [alice] = await gateway.people3();
    const requestId = randomUUID();
    await alice.get("/users/somebody_secret", { headers: { "x-request-id": requestId } });
    const isDone = (some: CollectedSpan[]) => some.some(({ tags }) => tags["error"] === "USER_NOT_FOUND");
    const spans = await collector.traceOf(requestId, (some) => isDone(some) && some.some(isRoot));
    expect(namesOf(spans.filter(isRoot))).toEqual(["GET /api/v1/users/{username}"]);
    const told = JSON.stringify(collector.spans);
    for (const secret of [
      "somebody_secret",
      "a caption of hers",
      alice.accessToken!,
      alice.user.username,
      alice.password,
    ])
      expect(told).not.toContain(secret);
  });
});

it("loses spans, and nothing else, where the collector takes none", async () => {
  const collector = new TraceCollector();
  const TRACE_URL = await collector.start({ hangs: true });
  const config = loadConfig({ LOG_LEVEL: "fatal", TRACE_URL, TRACE_SAMPLE: "1" }, { services: [] });
  const broker = new ServiceBroker(brokerOptions(config));
  broker.createService({ name: "math", actions: { one: () => 1 } });
  await broker.start();
  for (let i = 0; i < 5_000; i++) await expect(broker.call("math.one")).resolves.toBe(1);
  await broker.stop();
  const spans = broker.metrics.list({ includes: "tracing.spans" }) as unknown as { values: object[] }[];
  expect(spans[0]!.values).toMatchObject([{ labels: { outcome: "lost" }, value: 5_000 }]);
  expect(collector.largestBatch).toBeGreaterThan(0);
  expect(collector.largestBatch).toBeLessThanOrEqual(2_000);
  await collector.stop();
});
