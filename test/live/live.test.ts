import { connect } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "../../lib/ids";
import type { DocumentStore } from "../../mixins/documents";
import type { LiveConnection } from "../../services/api/live/live-connection";
import { useFeeds } from "../newsfeed/use-feeds";
import { everyService } from "../setup/http-client";
import { type Listener, SocketListener, StreamListener } from "../setup/live-client";
import { seededRandom } from "../setup/seeded-random";
import type { Person } from "../setup/use-app";

const QUEUE_BYTES = 65_536;
const env = {
  INFLUENCER_FOLLOWERS: "3",
  FEED_MAX_ITEMS: "1000",
  LIVE_POLL_SECONDS: "1",
  LIVE_STALL_SECONDS: "1",
  LIVE_QUEUE_BYTES: String(QUEUE_BYTES),
};

interface ApiService {
  server: Server;
  live: { hub: { all(): Iterable<LiveConnection> } };
}

describe.each([
  ["in one process", {}, everyService, 60],
  ["over a wire, on two gateways", { nodes: 2 }, [...everyService, "api"], 500],
] as const)("live updates %s", (_, options, services, gap) => {
  const app = useFeeds({ ...options, env }, [...services]);
  const random = seededRandom(5);
  const open: Listener[] = [];
  let asked = 0;
  afterEach(() => open.splice(0).forEach((listener) => listener.close()));

  /** Of each gateway in turn. */
  function url(path = "/api/v1/feed/stream"): string {
    const gateways = app.instances<ApiService>("api");
    const { port } = gateways[(asked += 1) % gateways.length]!.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${path}`;
  }

  async function tokenOf({ username, password }: Person): Promise<Record<string, string>> {
    const { access_token } = await app.call("auth.login", { username, password });
    return { authorization: `Bearer ${access_token}` };
  }

  async function listen(person: Person, lastId?: string): Promise<StreamListener> {
    const headers = { ...(await tokenOf(person)), ...(lastId === undefined ? {} : { "last-event-id": lastId }) };
    const listener = await StreamListener.open(url(), headers);
    open.push(listener);
    await listener.until(() => listener.lastId !== undefined, "a first id");
    return listener;
  }

  /** Stored without an event: nobody is told. */
  async function storePost(author: Person, caption: string): Promise<{ _id: string; created_at: Date }> {
    const { documents } = app.service<{ documents: DocumentStore }>("posts");
    const [_id, created_at] = [newId(), new Date()];
    await documents.transaction(async (tx) => {
      await tx.insert("posts", {
        ...{ _id, user_id: author.id, caption, media_ids: [], location: "", hashtags: [], mentions: [] },
        ...{ like_count: 0, comment_count: 0, view_count: 0, is_comments_disabled: false, is_hidden: false },
        ...{ created_at, updated_at: created_at, seq: 1 },
      });
    });
    return { _id, created_at };
  }

  it("bring an influencer's post, which is nobody's row, to those who follow them", async () => {
    const [star, bob, stranger] = await app.users("star", "bob", "stranger");
    for (const fan of [...(await app.users("fan", "fan", "fan")), bob]) await app.follow(fan, star);
    await app.settled();
    const [bobs, others] = [await listen(bob), await listen(stranger)];
    const post = await app.post(star);
    await bobs.untilEntries(1);
    expect(bobs.entries).toEqual([post.id]);
    expect(await app.feedRows(bob)).toEqual([]);
    expect(others.entries).toEqual([]);
  });

  it("come without a hint too, a while later", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.follow(bob, alice);
    await app.page(bob);
    await app.settled();
    const listener = await listen(bob);
    const { _id, created_at } = await storePost(alice, "nobody was told");
    await app
      .feeds()
      .sql.at(bob.id)
      .query("insert into feed_items (user_id, post_id, post_user_id, post_created_at) values ($1, $2, $3, $4)", [
        bob.id,
        _id,
        alice.id,
        created_at,
      ]);
    await listener.untilEntries(1);
    expect(listener.entries).toEqual([_id]);
  });

  it(`go on over a gap of ${gap} posts of many authors without a hole or a repeat, while more arrive and lines break`, async () => {
    const bob = await app.user("bob");
    const authors = await app.users("alice", "carol", "dave", "erin", "star");
    await app.follow(bob, ...authors);
    for (const fan of await app.users("fan", "fan", "fan")) await app.follow(fan, authors[4]);
    await app.settled();
    const first = await listen(bob);
    const made: string[] = [];
    const write = async (each: number) => {
      const posts = await Promise.all(authors.map((author) => app.posts(author, each)));
      made.push(...posts.flat().map(({ id }) => id));
    };
    await write(4);
    await first.untilEntries(7);
    first.close();
    const heard = [...first.entries];
    let { lastId } = first;
    await write(gap / authors.length);
    const arriving = write(10);
    const all = gap + 70;
    while (heard.length < all) {
      const listener = await listen(bob, lastId);
      const wanted = Math.min(all - heard.length, 10 + Math.floor(random() * 90));
      await listener.untilEntries(wanted);
      listener.close();
      heard.push(...listener.entries);
      lastId = listener.lastId;
    }
    await arriving;
    await app.settled();
    const last = await listen(bob, lastId);
    // Time for a repeat to show.
    await sleep(1_500);
    heard.push(...last.entries);
    expect(heard).toHaveLength(all);
    expect(heard.toSorted()).toEqual(made.toSorted());
  });

  it("wait for a slow reader with little queued, cut off one who takes nothing, and go on where they stopped", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const listener = await listen(bob);
    await app.follow(bob, alice);
    listener.close();
    const caption = "x".repeat(30_000);
    const ids: string[] = [];
    for (let i = 0; i < 600; i += 1) ids.push((await storePost(alice, caption))._id);

    const { authorization } = await tokenOf(bob);
    const target = new URL(url());
    const line = connect(Number(target.port), target.hostname);
    // Whoever does not read is a socket that is paused: what it was sent fills the system's buffers, then ours.
    line.pause();
    const closed = new Promise<void>((resolve) => line.once("close", () => resolve()));
    line.on("error", () => undefined);
    line.write(
      `GET ${target.pathname}?last_event_id=${listener.lastId} HTTP/1.1\r\nHost: ${target.host}\r\nAuthorization: ${authorization}\r\n\r\n`,
    );
    const connections = () => app.instances<ApiService>("api").flatMap(({ live }) => [...live.hub.all()]);
    const theirs = () => connections().filter(({ viewer }) => viewer.id === bob.id);
    let most = 0;
    for (let i = 0; i < 2_000 && theirs().length === 0; i += 1) await sleep(5);
    for (let i = 0; i < 2_000 && theirs().length > 0; i += 1) {
      most = Math.max(most, ...theirs().map(({ channel }) => channel.queuedBytes));
      await sleep(5);
    }
    expect(theirs()).toEqual([]);
    expect(most).toBeGreaterThan(QUEUE_BYTES);
    expect(most).toBeLessThan(QUEUE_BYTES + 2 * caption.length);

    let text = "";
    line.on("data", (chunk) => (text += chunk.toString("latin1"))).resume();
    await closed;
    // What lay in the system's buffers is there; the last whole event tells where to go on.
    const told = [...text.matchAll(/^id: (\S+)\nevent: entry\ndata: \{"id":"(\w+)".*\n\n/gm)];
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(600);
    const back = await listen(bob, told.at(-1)![1]);
    await back.untilEntries(600 - told.length);
    expect([...told.map(([, , id]) => id), ...back.entries]).toEqual(ids);
  });

  it("end where the node stops, so that clients come back to another, and go on there", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.follow(bob, alice);
    await app.settled();
    const stream = await listen(bob);
    const socket = await SocketListener.open(url("/api/v1/feed/socket"), await tokenOf(bob));
    await socket.until(() => socket.events.length > 0, "a first event");
    const before = await app.post(alice);
    await Promise.all([stream.untilEntries(1), socket.untilEntries(1)]);
    await app.restart();
    await Promise.all([stream.untilClosed(), socket.untilClosed()]);
    expect(stream.events.at(-1)).toMatchObject({ event: "end", data: { reason: "shutting_down" } });
    expect({ code: socket.code, reason: socket.reason }).toEqual({ code: 1001, reason: "shutting_down" });
    const after = await app.post(alice);
    for (const { lastId } of [stream, socket]) {
      const back = await listen(bob, lastId);
      await back.untilEntries(1);
      expect(back.entries).toEqual([after.id]);
    }
    expect(stream.entries).toEqual([before.id]);
  });
});

describe("a live update", () => {
  const app = useFeeds({ env: { ...env, ACCESS_TOKEN_SECONDS: "2" } }, everyService);
  const url = (path: string) => {
    const { port } = app.service<ApiService>("api").server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${path}`;
  };

  it("ends with its token, and says so", async () => {
    const { username, password } = await app.user("alice");
    const { access_token } = await app.call("auth.login", { username, password });
    const headers = { authorization: `Bearer ${access_token}` };
    const stream = await StreamListener.open(url("/api/v1/feed/stream"), headers);
    const socket = await SocketListener.open(url("/api/v1/feed/socket"), headers);
    await Promise.all([stream.untilClosed(), socket.untilClosed()]);
    const [ready] = stream.of("ready");
    expect(Date.parse(ready.expires_at)).toBeLessThanOrEqual(Date.now());
    expect(stream.events.at(-1)).toMatchObject({ event: "end", data: { reason: "token_expired" } });
    expect({ code: socket.code, reason: socket.reason }).toEqual({ code: 4001, reason: "token_expired" });
    await expect(StreamListener.open(url("/api/v1/feed/stream"), headers)).rejects.toMatchObject({ status: 401 });
  });

  it("ends when the account is suspended or deleted", async () => {
    const [admin, alice] = await app.users("admin", "alice");
    await app.call("auth.grantRole", { username: admin.username, role: "admin" });
    const { username, password } = alice;
    const { access_token } = await app.call("auth.login", { username, password });
    const stream = await StreamListener.open(url("/api/v1/feed/stream"), { authorization: `Bearer ${access_token}` });
    await app.as({ id: admin.id, role: "admin" }).call("auth.updateAccount", { user_id: alice.id, is_suspended: true });
    await stream.untilClosed();
    expect(stream.events.at(-1)).toMatchObject({ event: "end", data: { reason: "signed_out" } });
  });
});
