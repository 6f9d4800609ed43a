import { request } from "node:http";
import { connect } from "node:net";
import { type Client, type Json, useGateway } from "../setup/http-client";
import { type Listener, Refused, SocketListener, StreamListener } from "../setup/live-client";

const stream = "/api/v1/feed/stream";
const socket = "/api/v1/feed/socket";

const gateway = useGateway({ LIVE_KEEP_ALIVE_SECONDS: "1", LIVE_CONNECTIONS_PER_PERSON: "3" });

describe.each([
  ["GET feed/stream", stream, StreamListener],
  ["GET feed/socket", socket, SocketListener],
] as const)("%s", (_, path, Framing) => {
  const open: Listener[] = [];
  afterEach(() => open.splice(0).forEach((listener) => listener.close()));

  async function listen(client: Client, lastId?: string): Promise<Listener> {
    const query = lastId === undefined ? "" : `?last_event_id=${lastId}`;
    const headers = { authorization: `Bearer ${client.accessToken}` };
    const listener = await Framing.open(gateway.url() + path + query, headers);
    open.push(listener);
    await listener.until(() => listener.events.length > 0, "a first event");
    return listener;
  }

  async function couple(): Promise<[author: Client, reader: Client]> {
    const [alice, bob] = [await gateway.person("alice"), await gateway.person("bob")];
    await bob.post(`/graph/follow/${alice.user.id}`);
    return [alice, bob];
  }

  it("tells at every gateway of posts as they come, as the feed shows them, and of nothing before", async () => {
    const [alice, bob] = await couple();
    await alice.posted("before");
    await gateway.settled();
    const listeners = [await listen(bob), await listen(bob)];
    const posts = [await alice.posted("one"), await alice.posted("two")];
    for (const listener of listeners) {
      await listener.untilEntries(2);
      expect(listener.events[0]).toMatchObject({ event: "ready", id: expect.any(String) });
      expect(listener.entries.toSorted()).toEqual(posts.map(({ id }) => id).sort());
    }
    await gateway.settled();
    const { body: page } = await bob.get("/feed?limit=2");
    const told = new Map(listeners[0]!.of("entry").map((post) => [post.id, post]));
    for (const post of page.items)
      expect(told.get(post.id)).toMatchObject({ caption: post.caption, author: post.author });
  });

  it("tells of likes and comments on what it shows, and of what is gone", async () => {
    const [alice, bob] = await couple();
    const shown = await alice.posted("shown by the first page");
    await gateway.settled();
    const listener = await listen(bob);
    const post = await alice.posted("told of");
    await listener.untilEntries(1);
    const latest = (id: string) =>
      listener
        .of("counts")
        .flatMap(({ counts }) => counts)
        .findLast((one) => one.post_id === id);
    await bob.post(`/posts/${post.id}/like`);
    await alice.post(`/posts/${post.id}/comments`, { text: "thanks" });
    await bob.post(`/posts/${shown.id}/like`);
    await listener.until(() => latest(post.id)?.comment_count === 1 && latest(shown.id)?.like_count === 1, "counts");
    expect(latest(post.id)).toMatchObject({ like_count: 1, comment_count: 1 });

    await alice.delete(`/posts/${post.id}`);
    await listener.until(() => listener.of("removed").length > 0, "the removal");
    expect(listener.of("removed")).toEqual([{ post_ids: [post.id] }]);
  });

  it("tells nothing of who blocks or is no longer followed, from that moment on", async () => {
    const [alice, bob] = await couple();
    const carol = await gateway.person("carol");
    await bob.post(`/graph/follow/${carol.user.id}`);
    await gateway.settled();
    const listener = await listen(bob);
    await carol.post(`/graph/block/${bob.user.id}`);
    await carol.posted("not for bob");
    const post = await alice.posted("for bob");
    await bob.delete(`/graph/follow/${alice.user.id}`);
    await alice.posted("not any more");
    await gateway.settled();
    const told = listener.entries;
    expect([[], [post.id]]).toContainEqual(told);
    await bob.post(`/graph/follow/${alice.user.id}`);
    const last = await alice.posted("again");
    await listener.until(() => listener.entries.includes(last.id), "the last post");
    expect(listener.of("entry").map(({ author }) => author.id)).not.toContain(carol.user.id);
  });

  it("goes on where a client stopped, without a hole or a repeat, while posts arrive", async () => {
    const [alice, bob] = await couple();
    const first = await listen(bob);
    const posts: Json[] = [await alice.posted("1"), await alice.posted("2")];
    await first.untilEntries(2);
    first.close();
    for (let i = 3; i <= 12; i += 1) posts.push(await alice.posted(String(i)));
    const arriving = (async () => {
      for (let i = 13; i <= 20; i += 1) posts.push(await alice.posted(String(i)));
    })();
    const second = await listen(bob, first.lastId);
    await second.untilEntries(5);
    second.close();
    const heard = [...first.entries, ...second.entries];
    const third = await listen(bob, second.lastId);
    await arriving;
    await third.untilEntries(20 - heard.length);
    // Posts are delivered side by side: which of two neighbours arrives first is chance.
    expect([...heard, ...third.entries].sort()).toEqual(posts.map(({ id }) => id).sort());
  });

  it("shows signs of life while nothing happens", async () => {
    const listener = await listen(await gateway.person("alice"));
    let pings = 0;
    if (listener instanceof SocketListener) listener.socket.on("ping", () => (pings += 1));
    await listener.until(() => pings > 1 || (listener as StreamListener).comments > 1, "a sign of life");
    expect(listener.isClosed).toBe(false);
  });

  it("ends when its session does", async () => {
    const alice = await gateway.person("alice");
    const listener = await listen(alice);
    await alice.post("/auth/logout-all");
    await listener.untilClosed();
    if (listener instanceof SocketListener) {
      expect({ code: listener.code, reason: listener.reason }).toEqual({ code: 4003, reason: "signed_out" });
    } else expect(listener.events.at(-1)).toMatchObject({ event: "end", data: { reason: "signed_out" } });
  });

  it("opens by a ticket for who cannot send a header, which is good for nothing else", async () => {
    const alice = await gateway.person("alice");
    const { status, body } = await alice.post("/feed/stream/ticket");
    expect(status).toBe(201);
    const listener = await Framing.open(`${gateway.url()}${path}?ticket=${body.ticket}`);
    open.push(listener);
    await listener.until(() => listener.events.length > 0, "a first event");
    const thief = gateway.stranger();
    thief.accessToken = body.ticket;
    expect((await thief.get("/feed")).status).toBe(401);
  });

  it.each([
    ["no token", "", {}, 401, "UNAUTHENTICATED"],
    ["a token that is none", "", { authorization: "Bearer nonsense" }, 401, "UNAUTHENTICATED"],
    ["a ticket that is none", "?ticket=nonsense", {}, 401, "UNAUTHENTICATED"],
  ])("refuses %s", async (_what, query, headers: Record<string, string>, status, type) => {
    await expect(Framing.open(gateway.url() + path + query, headers)).rejects.toMatchObject({
      status,
      body: { error: { type } },
    });
  });

  it.each([
    ["a place that is none", "?last_event_id=nonsense", 422, "BAD_CURSOR"],
    ["an unknown field", "?surprise=1", 422, "INVALID_INPUT"],
  ])("refuses %s", async (_what, query, status, type) => {
    const { accessToken } = await gateway.person("alice");
    const headers = { authorization: `Bearer ${accessToken}` };
    await expect(Framing.open(gateway.url() + path + query, headers)).rejects.toMatchObject({
      status,
      body: { error: { type } },
    });
  });

  it("refuses more of one person than are allowed, until one is closed", async () => {
    const alice = await gateway.person("alice");
    const base = gateway.url();
    const headers = { authorization: `Bearer ${alice.accessToken}` };
    const all = await Promise.all([1, 2, 3].map(() => Framing.open(base + path, headers)));
    open.push(...all);
    const refused = await Framing.open(base + path, headers).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect(refused).toMatchObject({ status: 429, body: { error: { type: "TOO_MANY_STREAMS" } } });
    all[0]!.close();
    let again: Listener | undefined;
    for (let i = 0; again === undefined && i < 100; i += 1)
      again = await Framing.open(base + path, headers).catch(() => undefined);
    open.push(again!);
    expect(again).toBeDefined();
  });
});

describe("GET feed/stream", () => {
  it("is an event stream that nobody keeps or collects, also by HEAD, and refuses who takes none", async () => {
    const alice = await gateway.person("alice");
    const { status, headers, body } = await alice.send("HEAD", "/feed/stream");
    expect({ status, body }).toEqual({ status: 200, body: "" });
    expect(headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(headers.get("cache-control")).toBe("no-store, no-transform");
    expect(headers.get("x-accel-buffering")).toBe("no");
    const refused = await alice.get("/feed/stream", { headers: { accept: "application/json" } });
    expect({ status: refused.status, type: refused.body.error.type }).toEqual({ status: 406, type: "NOT_ACCEPTABLE" });
    const listener = await StreamListener.open(gateway.url() + stream, {
      authorization: `Bearer ${alice.accessToken}`,
    });
    await listener.until(() => listener.retryMs !== undefined, "how long to wait before coming back");
    listener.close();
  });
});

describe("GET feed/socket", () => {
  it("is a WebSocket alone, and of no page that is a stranger", async () => {
    const alice = await gateway.person("alice");
    const { status, body, headers } = await alice.get("/feed/socket");
    expect({ status, type: body.error.type }).toEqual({ status: 426, type: "UPGRADE_REQUIRED" });
    expect(headers.get("upgrade")).toBe("websocket");
    const authorization = `Bearer ${alice.accessToken}`;
    await expect(
      SocketListener.open(gateway.url() + socket, { authorization, origin: "https://evil.test" }),
    ).rejects.toMatchObject({ status: 403 });
    const home = await SocketListener.open(gateway.url() + socket, { authorization, origin: gateway.url() }).catch(
      (error: unknown) => error,
    );
    // On a fleet the page came from another gateway than the socket goes to.
    if (home instanceof SocketListener) home.close();
    else expect(home).toMatchObject({ status: 403 });
  });

  it("survives an upgrade of what is no address", async () => {
    const { hostname, port } = new URL(gateway.url());
    const answer = await new Promise<string>((resolve, reject) => {
      let text = "";
      const line = connect(Number(port), hostname, () =>
        line.write("GET // HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
      );
      line
        .on("data", (bytes) => (text += bytes.toString()))
        .on("close", () => resolve(text))
        .on("error", reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*MALFORMED_REQUEST/);
  });

  it("is not what another upgrade finds: an offer that is not taken up is served as it is", async () => {
    const alice = await gateway.person("alice");
    const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABkAAQAAP__" };
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const all = { ...headers, authorization: `Bearer ${alice.accessToken}` };
      request(`${gateway.url()}/api/v1/users/me`, { headers: all }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      })
        .on("error", reject)
        .end();
    });
    expect(answer).toBe(200);
  });
});
