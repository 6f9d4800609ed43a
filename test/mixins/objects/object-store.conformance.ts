import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { ObjectMissingError, TooLargeError, type ObjectStore } from "../../../mixins/objects";

/** What every store of objects does, whatever lies behind it. */
export function describeObjectStore(open: () => Promise<ObjectStore>): void {
  let store: ObjectStore;
  let folder = 0;
  const bytes = randomBytes(300_000);

  /** A folder of keys that no other test uses. */
  const fresh = () => `tests/${Date.now().toString(36)}-${folder++}/`;
  const readAll = async (key: string, range?: { start: number; end: number }) => buffer(await store.read(key, range));

  beforeAll(async () => {
    store = await open();
  });

  it("gives back the bytes of a stream and of a buffer, with their size and one ETag for the same bytes", async () => {
    const prefix = fresh();
    const streamed = await store.put(`${prefix}a.bin`, Readable.from(piecesOf(bytes)));
    const whole = await store.put(`${prefix}b.bin`, bytes);

    expect(streamed).toEqual({ sizeBytes: 300_000, etag: expect.stringMatching(/^[\w-]{8,}$/) as string });
    expect(whole).toEqual(streamed);
    expect(await store.stat(`${prefix}a.bin`)).toEqual(streamed);
    expect(sha(await readAll(`${prefix}a.bin`))).toBe(sha(bytes));
    expect(sha(await readAll(`${prefix}b.bin`))).toBe(sha(bytes));
  });

  it("gives exactly the bytes of a range, cut at the object's end", async () => {
    const key = `${fresh()}a.bin`;
    await store.put(key, bytes);

    expect(await readAll(key, { start: 0, end: 0 })).toEqual(bytes.subarray(0, 1));
    expect(await readAll(key, { start: 1000, end: 70_000 })).toEqual(bytes.subarray(1000, 70_001));
    expect(await readAll(key, { start: 299_990, end: 400_000 })).toEqual(bytes.subarray(299_990));
  });

  it("keeps an empty object", async () => {
    const key = `${fresh()}empty`;
    expect((await store.put(key, Readable.from([]))).sizeBytes).toBe(0);
    expect((await store.stat(key))?.sizeBytes).toBe(0);
    expect(await readAll(key)).toHaveLength(0);
  });

  it("replaces an object whole, while a reader of the old one goes on", async () => {
    const key = `${fresh()}a.bin`;
    const before = await store.put(key, bytes);
    const reader = await store.read(key);
    const after = await store.put(key, Buffer.from("new"));

    expect(after.etag).not.toBe(before.etag);
    expect(sha(await buffer(reader))).toBe(sha(bytes));
    expect((await readAll(key)).toString()).toBe("new");
  });

  it("stores nothing of a stream that fails or is broken off, and keeps what was there", async () => {
    const prefix = fresh();
    await store.put(`${prefix}kept`, Buffer.from("old"));
    const broken = () => Readable.from(failing(bytes));
    const endless = new Readable({ read() {} });
    endless.push(bytes.subarray(0, 1000));
    setTimeout(() => endless.destroy(), 20);

    await expect(store.put(`${prefix}a`, broken())).rejects.toThrow("the sender left");
    await expect(store.put(`${prefix}kept`, broken())).rejects.toThrow("the sender left");
    await expect(store.put(`${prefix}b`, endless)).rejects.toThrow();
    expect(await store.stat(`${prefix}a`)).toBeUndefined();
    expect(await store.stat(`${prefix}b`)).toBeUndefined();
    expect((await readAll(`${prefix}kept`)).toString()).toBe("old");
  });

  it("takes exactly maxBytes, and not one more", async () => {
    const prefix = fresh();
    const source = Readable.from(piecesOf(bytes));

    await expect(store.put(`${prefix}a`, bytes, { maxBytes: 300_000 })).resolves.toMatchObject({ sizeBytes: 300_000 });
    await expect(store.put(`${prefix}b`, bytes, { maxBytes: 299_999 })).rejects.toBeInstanceOf(TooLargeError);
    await expect(store.put(`${prefix}c`, source, { maxBytes: 100_000 })).rejects.toBeInstanceOf(TooLargeError);
    expect(source.destroyed).toBe(true);
    expect(await store.stat(`${prefix}b`)).toBeUndefined();
    expect(await store.stat(`${prefix}c`)).toBeUndefined();
  });

  it("tells a missing object", async () => {
    const key = `${fresh()}none`;
    expect(await store.stat(key)).toBeUndefined();
    await expect(store.read(key)).rejects.toBeInstanceOf(ObjectMissingError);
    await expect(store.withFile(key, async () => "never")).rejects.toBeInstanceOf(ObjectMissingError);
  });

  it("removes what begins with a prefix, that alone, and again without complaint", async () => {
    const prefix = fresh();
    for (const name of ["one/w150.webp", "one/w150.jpeg", "one/original", "one-more/a", "two/a"])
      await store.put(prefix + name, Buffer.from(name));
    const left = async () => {
      const names = ["one/w150.webp", "one/w150.jpeg", "one/original", "one-more/a", "two/a"];
      const facts = await Promise.all(names.map((name) => store.stat(prefix + name)));
      return names.filter((_, index) => facts[index] !== undefined);
    };

    await store.removePrefix(`${prefix}one/w150`);
    expect(await left()).toEqual(["one/original", "one-more/a", "two/a"]);
    await store.removePrefix(`${prefix}one/`);
    await store.removePrefix(`${prefix}one/`);
    expect(await left()).toEqual(["one-more/a", "two/a"]);
    await store.removePrefix(prefix);
    expect(await left()).toEqual([]);
  });

  it("lends an object as a file of just its bytes, gone when the work is done or has failed", async () => {
    const key = `${fresh()}a.bin`;
    await store.put(key, bytes);
    const seen: string[] = [];

    const found = await store.withFile(key, async (path) => {
      seen.push(path);
      return sha(readFileSync(path));
    });
    const failed = store.withFile(key, async (path) => {
      seen.push(path);
      throw new Error("the work failed");
    });

    await expect(failed).rejects.toThrow("the work failed");
    expect(found).toBe(sha(bytes));
    expect(seen).toHaveLength(2);
    expect(seen.filter((path) => existsSync(path))).toEqual([]);
  });

  it("never shows half an object, however many write one key", async () => {
    const key = `${fresh()}a.bin`;
    const bodies = Array.from({ length: 10 }, (_, index) => Buffer.alloc(50_000 + index, index));
    await store.put(key, bodies[0]!);
    const reads: Buffer[] = [];
    await Promise.all([
      ...bodies.map((body) => store.put(key, Readable.from(piecesOf(body)))),
      ...Array.from({ length: 20 }, async () => reads.push(await readAll(key))),
    ]);

    for (const read of reads) expect(bodies.some((body) => body.equals(read))).toBe(true);
    expect(bodies.some((body) => body.equals(reads.at(-1)!))).toBe(true);
  });

  it.each(["", "/a", "a/", "../a", "a/../b", "a//b", "a/./b", ".hidden", "a\\..\\b", "A", "a\0b", "c:/a", "%2e%2e/a"])(
    "refuses %j as a key",
    async (key) => {
      await expect(store.put(key, Buffer.from("x"))).rejects.toBeInstanceOf(TypeError);
      await expect(store.read(key)).rejects.toBeInstanceOf(TypeError);
      await expect(store.stat(key)).rejects.toBeInstanceOf(TypeError);
      await expect(store.withFile(key, async () => "never")).rejects.toBeInstanceOf(TypeError);
    },
  );

  it.each(["", "/", "../", "a/../", "..", "."])("refuses %j as a prefix", async (prefix) => {
    await expect(store.removePrefix(prefix)).rejects.toBeInstanceOf(TypeError);
  });
}

function sha(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 7_001) yield bytes.subarray(at, at + 7_001);
}

function* failing(bytes: Buffer): Generator<Buffer> {
  yield bytes.subarray(0, 1000);
  throw new Error("the sender left");
}
