import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../demo/api-client";
import { progress } from "../progress";
import { alternate, type Measured } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { startChild } from "./child";
import { colour } from "./feed-scene";
import { eachOf, type Framing, openLine } from "./idle-line";
import type { Lab } from "./lab";
import { canMeasureMemory, processMemory } from "./memory";

const CONNECTIONS = 5_000;
const PEOPLE = 500;
/** In the feed of each: what a connection tells the counters of. */
const POSTS = 20;
const WARM_UP = 200;
const AT_ONCE = 32;
const SETTLE_MS = 10_000;
const PAUSE_MS = 500;
const MEBIBYTE = 1024 ** 2;

export const idleConnections: Benchmark = {
  names: ["idle_connection_bytes_stream", "idle_connection_bytes_socket"],
  about: `Bytes that a gateway holds for each of ${CONNECTIONS} idle streams, or sockets, of ${PEOPLE} people with ${POSTS} posts in their feeds; to a bare node:http server that holds as many, or one with the library ws. Without what the kernel holds. Linux alone tells.`,
  async run(lab) {
    if (!canMeasureMemory) return { rows: [] };
    const urls = await lab.urls("nats", "postgres", "mongodb", "redis", "minio");
    // Nobody answers a ping here, and nobody comes back.
    const fleet = await lab.startFleet([["api"], ["api"], ["auth", "graph", "media", "posts", "newsfeed", "discovery"]], {
      ...urls,
      LIVE_KEEP_ALIVE_SECONDS: "3600",
      LIVE_CONNECTIONS_PER_PERSON: String(Math.ceil(CONNECTIONS / PEOPLE) + 1),
    });
    const [ofStreams, ofSockets] = fleet.of("api");
    const tokens = await readers(ofStreams!.url);
    const stream = await bytesEach(lab, "stream", { url: ofStreams!.url, pid: (await ofStreams!.pid())! }, tokens);
    const socket = await bytesEach(lab, "socket", { url: ofSockets!.url, pid: (await ofSockets!.pid())! }, tokens);
    return {
      rows: [
        rowOf("idle_connection_bytes_stream", "B", stream),
        rowOf("idle_connection_bytes_socket", "B", socket),
      ],
    };
  },
};

/** People who follow somebody with posts; answers their tokens. */
async function readers(url: string): Promise<string[]> {
  const api = new ApiClient(url);
  const register = (username: string) => {
    const body = { username, email: `${username}@example.com`, password: `password of ${username}` };
    return api.post<{ user: { id: number }; access_token: string }>("auth/register", body);
  };
  const author = await register("author");
  const writer = api.as(author.access_token);
  for (let i = 0; i < POSTS; i++) {
    const media = await writer.upload({ name: "colour.png", bytes: await colour(i) }, "One colour");
    await writer.post("posts", { caption: `Number ${i}`, media_ids: [media.id] });
  }
  const shown = progress("People", PEOPLE);
  const tokens: string[] = [];
  await eachOf(PEOPLE, AT_ONCE, async (i) => {
    const { access_token } = await register(`reader_${i}`);
    const reader = api.as(access_token);
    await reader.post(`graph/follow/${author.user.id}`);
    await reader.get("feed");
    tokens.push(access_token);
    shown.advance();
  });
  shown.end();
  return tokens;
}

async function bytesEach(
  lab: Lab,
  framing: Framing,
  gateway: { url: string; pid: number },
  tokens: readonly string[],
): Promise<Measured> {
  const bare = await startChild("stream-server", {});
  lab.onEnd(() => bare.stop());
  const lines: Socket[] = [];
  // Before the next framing's are opened, for a process may have only so many.
  const close = async () => lines.splice(0).forEach((line) => line.destroy());
  lab.onEnd(close);
  const ours = await held(lines, framing, new URL(gateway.url), gateway.pid, tokens);
  const reference = await held(lines, framing, bare.url, bare.pid, tokens);
  const name = `idle_connection_bytes_${framing}`;
  const measured = await alternate(name, {
    ours: async () => ({ [name]: await ours() }),
    reference: async () => ({ [name]: await reference() }),
  });
  await close();
  return measured[name]!;
}

/** Opens them all; answers how to ask what each of them costs. */
async function held(
  lines: Socket[],
  framing: Framing,
  url: URL,
  pid: number,
  tokens: readonly string[],
): Promise<() => Promise<number>> {
  const open = (count: number, done: () => void) =>
    eachOf(count, AT_ONCE, async (i) => {
      lines.push(await openLine(url, framing, tokens[i % tokens.length]!));
      done();
    });
  // What the first ones bring with them, compiled code above all, is no connection's.
  await open(WARM_UP, () => undefined);
  await sleep(SETTLE_MS);
  const before = await processMemory(pid);
  const shown = progress(`${framing}s at ${url.host}`, CONNECTIONS);
  await open(CONNECTIONS, () => shown.advance());
  shown.end();
  await sleep(SETTLE_MS);
  return async () => {
    await sleep(PAUSE_MS);
    return ((await processMemory(pid)) - before) * (MEBIBYTE / CONNECTIONS);
  };
}
