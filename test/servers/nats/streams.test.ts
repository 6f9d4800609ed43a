import type { Context, ServiceSchema } from "moleculer";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { until, useNats } from "./use-nats";

const PIECE = randomBytes(64 * 1024);
const PIECES = 256;

interface Source {
  stream: Readable;
  given: () => number;
}

/** 16 MiB, counted as they are asked for. */
function bigSource(): Source {
  let given = 0;
  const pieces = function* () {
    for (; given < PIECES; given += 1) yield PIECE;
  };
  return { stream: Readable.from(pieces(), { objectMode: false, highWaterMark: PIECE.length }), given: () => given };
}

async function digest(stream: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of stream) hash.update(piece);
  return hash.digest("hex");
}

describe("streams between nodes", () => {
  const nats = useNats();
  let sources: Source[] = [];
  let failures: string[] = [];
  let taken: Readable | undefined;

  const store: ServiceSchema = {
    name: "store",
    actions: {
      put: (ctx: Context) => digest(ctx.stream as Readable),
      async putSlowly(ctx: Context) {
        taken = ctx.stream as Readable;
        await once(taken, "readable");
        taken.read();
        await sleep(300);
        return digest(taken);
      },
      async refuse(ctx: Context) {
        await once(ctx.stream as Readable, "readable");
        throw new Error("Not of a kind that is taken.");
      },
      async fail(ctx: Context) {
        await digest(ctx.stream as Readable).catch((error: Error) => failures.push(error.message));
      },
      get() {
        const source = bigSource();
        sources.push(source);
        return source.stream;
      },
    },
  };

  beforeEach(() => {
    sources = [];
    failures = [];
  });

  it("arrive byte for byte, both ways, with two nodes to choose from", async () => {
    const caller = await nats.node("caller");
    await nats.node("one", [store]);
    await nats.node("two", [store]);
    const whole = await digest(bigSource().stream);

    await expect(caller.call("store.put", {}, { stream: bigSource().stream })).resolves.toBe(whole);
    await expect(caller.call<Readable, object>("store.get", {}).then(digest)).resolves.toBe(whole);
    await expect(
      Promise.all(Array.from({ length: 4 }, () => caller.call("store.put", {}, { stream: bigSource().stream }))),
    ).resolves.toEqual([whole, whole, whole, whole]);
  });

  it("go at the pace of whoever reads them", async () => {
    const caller = await nats.node("caller");
    await nats.node("one", [store]);
    const up = bigSource();
    const put = caller.call("store.putSlowly", {}, { stream: up.stream });
    await sleep(250);
    expect(up.given()).toBeLessThan(20);
    await put;

    const down = await caller.call<Readable, object>("store.get", {});
    await sleep(250);
    expect(sources[0]!.given()).toBeLessThan(20);
    down.destroy();
  });

  it("end at their source when the reader goes, and at the reader when the source breaks off", async () => {
    const caller = await nats.node("caller");
    await nats.node("one", [store]);
    const down = await caller.call<Readable, object>("store.get", {});
    await once(down, "readable");
    down.destroy();
    await until(() => sources[0]!.stream.destroyed);
    expect(sources[0]!.given()).toBeLessThan(PIECES);

    const up = bigSource();
    await expect(caller.call("store.refuse", {}, { stream: up.stream })).rejects.toThrow("Not of a kind");
    await until(() => up.stream.destroyed);
    expect(up.given()).toBeLessThan(PIECES);

    const broken = new PassThrough();
    broken.on("error", () => undefined);
    const put = caller.call("store.fail", {}, { stream: broken });
    broken.write(PIECE);
    await sleep(50);
    broken.destroy(new Error("The client left."));
    await put;
    expect(failures).toEqual(["The client left."]);
    for (const node of [caller])
      expect(node.transit!.pendingReqStreams.size + node.transit!.pendingResStreams.size).toBe(0);
  });

  it("fail where they go also when they had failed before their call was sent", async () => {
    const caller = await nats.node("caller");
    await nats.node("one", [store]);
    const broken = new PassThrough();
    broken.on("error", () => undefined);
    const put = caller.call("store.fail", {}, { stream: broken });
    broken.destroy(new Error("Too large."));
    await put;
    expect(failures).toEqual(["Too large."]);
  });

  it("end with the node that they came from or went to", async () => {
    const caller = await nats.node("caller");
    const one = await nats.node("one", [store]);
    const down = await caller.call<Readable, object>("store.get", {});
    down.on("error", () => undefined);
    const ended = new Promise((resolve) => down.once("close", resolve));
    // Its connection is cut, as by a death.
    await (one.transit!.tx as unknown as { client: { close(): Promise<void> } }).client.close();
    const up = bigSource();
    await expect(caller.call("store.put", {}, { stream: up.stream, nodeID: "one" })).rejects.toMatchObject({
      retryable: true,
    });
    expect(up.stream.destroyed).toBe(true);
    caller.registry.nodes.disconnected("one", true);
    await ended;
  });
});
