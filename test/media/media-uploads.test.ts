import { setTimeout as sleep } from "node:timers/promises";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { newId } from "../../lib/ids";
import { databaseOf } from "../../mixins/postgres";
import { picture, processed, uploadBytes, uploadImage } from "../setup/upload-image";
import { useApp } from "../setup/use-app";

const app = useApp(["auth", "graph", "media"], { env: { IMAGE_MAX_BYTES: "300000", VIDEO_MAX_BYTES: "400000" } });

/** Every object that is stored, by its path. */
async function storedFiles(): Promise<string[]> {
  const entries = await readdir(join(app.config.dataDir, "media"), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

async function rowsOf(userId: number): Promise<number> {
  const database = await databaseOf(app.broker);
  const found = await Promise.all(
    database.shards.map((shard) =>
      shard.query<{ n: number }>("select count(*)::int as n from media where user_id = $1", [userId]),
    ),
  );
  return found.reduce((sum, { rows }) => sum + rows[0]!.n, 0);
}

async function removalsLeft(): Promise<number> {
  const database = await databaseOf(app.broker);
  const { rows } = await database.shards[0]!.query<{ n: number }>("select count(*)::int as n from media_removals");
  return rows[0]!.n;
}

describe("media.upload", () => {
  it("answers at once, and has renditions soon after that a stranger cannot see", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const uploaded = await uploadBytes(app, alice, await picture(200, 150), { alt_text: "A wall." });
    expect(uploaded).toMatchObject({ kind: "image", alt_text: "A wall." });

    const media = await processed(app, alice, uploaded.id);
    expect(media).toMatchObject({ id: uploaded.id, status: "ready", width: 200, height: 150 });
    expect(media.thumbhash).toMatch(/^[\w+/=]+$/);
    expect(media.renditions.length).toBeGreaterThan(1);
    await expect(app.as(bob).call("media.get", { media_id: media.id })).rejects.toMatchObject({
      code: 404,
      type: "MEDIA_NOT_FOUND",
    });
    await expect(app.published("media.processed")).resolves.toEqual([
      { media_id: media.id, user_id: alice.id, status: "ready" },
    ]);
  });

  it("keeps nothing of the original once the renditions are made", async () => {
    const alice = await app.user("alice");
    const { id, renditions } = await uploadImage(app, alice);
    await app.service<{ sweep(): Promise<void> }>("media").sweep();

    const files = (await storedFiles()).filter((file) => file.includes(id));
    const served = new Set(renditions.map(({ url }) => basename(new URL(url, "http://localhost").pathname)));
    expect(files.map((file) => basename(file)).sort()).toEqual([...served].sort());
  });

  it("refuses what is neither an image nor a video, with what is taken", async () => {
    const alice = await app.user("alice");
    await expect(
      uploadBytes(app, alice, Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>")),
    ).rejects.toMatchObject({
      code: 415,
      type: "UNSUPPORTED_MEDIA",
      message: expect.stringContaining("JPEG") as string,
    });
    await expect(uploadBytes(app, alice, Buffer.alloc(250_000, 7))).rejects.toMatchObject({ code: 415 });
    expect(await rowsOf(alice.id)).toBe(0);
  });

  it("refuses what is empty", async () => {
    const alice = await app.user("alice");
    await expect(uploadBytes(app, alice, Buffer.alloc(0))).rejects.toMatchObject({ code: 422, type: "EMPTY_UPLOAD" });
    await expect(app.as(alice).call("media.upload", {})).rejects.toMatchObject({ type: "EMPTY_UPLOAD" });
  });

  it("refuses an image that is too large, and keeps nothing of it", async () => {
    const alice = await app.user("alice");
    const before = (await storedFiles()).length;
    const image = Buffer.concat([await picture(32, 32), Buffer.alloc(400_000)]);

    await expect(uploadBytes(app, alice, image)).rejects.toMatchObject({
      code: 413,
      type: "MEDIA_TOO_LARGE",
      data: { max_bytes: 300_000 },
    });
    expect(await rowsOf(alice.id)).toBe(0);
    expect((await storedFiles()).length).toBe(before);
    expect(await removalsLeft()).toBe(0);
  });

  it("keeps nothing of an upload that is broken off", async () => {
    const alice = await app.user("alice");
    const before = (await storedFiles()).length;
    const bytes = new PassThrough();
    const upload = uploadBytes(app, alice, bytes);
    bytes.write((await picture(100, 100)).subarray(0, 9000));
    await sleep(50);
    bytes.destroy(new Error("The client left."));

    await expect(upload).rejects.toMatchObject({ code: 400, type: "UPLOAD_BROKEN_OFF" });
    expect(await rowsOf(alice.id)).toBe(0);
    expect((await storedFiles()).length).toBe(before);
    expect(await removalsLeft()).toBe(0);
  });

  it("fails an image that is cut short, with a reason, and keeps no object of it", async () => {
    const alice = await app.user("alice");
    const whole = await picture(200, 200);
    const { id } = await uploadBytes(app, alice, whole.subarray(0, whole.length / 2));

    const media = await processed(app, alice, id);
    expect(media).toMatchObject({ status: "failed", renditions: [] });
    expect(media.failure).toMatch(/\w+.*\.$/);
    await app.service<{ sweep(): Promise<void> }>("media").sweep();
    expect((await storedFiles()).filter((file) => file.includes(id))).toEqual([]);
    await expect(app.published("media.processed")).resolves.toEqual([
      { media_id: id, user_id: alice.id, status: "failed" },
    ]);
  });

  it("takes many at once", async () => {
    const alice = await app.user("alice");
    const uploads = await Promise.all(Array.from({ length: 12 }, () => uploadImage(app, alice)));
    expect(new Set(uploads.map(({ id }) => id)).size).toBe(12);
    expect(uploads.every(({ status }) => status === "ready")).toBe(true);
  });

  it("measures sizes", async () => {
    const alice = await app.user("alice");
    const image = await picture(50, 50);
    const service = app.service("media");
    const total = () =>
      service.broker.metrics
        .list({ includes: ["media.upload.bytes"] })
        .flatMap(({ values }) => [...(values as Iterable<{ sum: number }>)])
        .reduce((sum, value) => sum + value.sum, 0);
    const before = total();
    await uploadBytes(app, alice, image);
    expect(total() - before).toBe(image.length);
  });
});

describe("media.update", () => {
  it("changes the alternative text of one's own, and of nothing else", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id } = await uploadImage(app, alice, { alt_text: "Before." });

    await expect(app.as(alice).call("media.update", { media_id: id, alt_text: "After." })).resolves.toMatchObject({
      alt_text: "After.",
    });
    await expect(app.as(bob).call("media.update", { media_id: id, alt_text: "Mine." })).rejects.toMatchObject({
      code: 404,
    });
    await expect(app.as(alice).call("media.get", { media_id: id })).resolves.toMatchObject({ alt_text: "After." });
  });
});

describe("media.delete", () => {
  it("removes one's own unused upload with its objects", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id } = await uploadImage(app, alice);

    await expect(app.as(bob).call("media.delete", { media_id: id })).rejects.toMatchObject({ code: 404 });
    await app.as(alice).call("media.delete", { media_id: id });

    await expect(app.as(alice).call("media.get", { media_id: id })).rejects.toMatchObject({ code: 404 });
    expect((await storedFiles()).filter((file) => file.includes(id))).toEqual([]);
    expect(await removalsLeft()).toBe(0);
  });

  it("leaves no object of an upload that is deleted while it is processed", async () => {
    const alice = await app.user("alice");
    const { id } = await uploadImage(app, alice, { width: 300, height: 200, isAwaited: false });
    await app.as(alice).call("media.delete", { media_id: id });
    // Whatever was at work is done once this one is.
    await uploadImage(app, alice);
    await sleep(100);

    expect((await storedFiles()).filter((file) => file.includes(id))).toEqual([]);
  });

  it("refuses what a post or an avatar shows", async () => {
    const alice = await app.user("alice");
    const [posted, avatar] = [await uploadImage(app, alice), await uploadImage(app, alice)];
    await app.as(alice).call("media.claim", { media_ids: [posted.id], post_id: newId() });
    await app.as(alice).call("media.claimAvatar", { media_id: avatar.id });

    for (const { id } of [posted, avatar]) {
      await expect(app.as(alice).call("media.delete", { media_id: id })).rejects.toMatchObject({
        code: 409,
        type: "MEDIA_IN_USE",
      });
    }
  });
});

describe("media.read", () => {
  it("streams the bytes of what was located, whole or in part, and nothing else", async () => {
    const alice = await app.user("alice");
    const { id, renditions } = await uploadImage(app, alice);
    const [, name, query] = /\/([^/]+)\?(.*)$/.exec(renditions[0]!.url)!;
    const { expires, signature } = Object.fromEntries(new URLSearchParams(query));
    const object = await app.call("media.locate", {
      media_id: id,
      name: name!,
      expires: Number(expires),
      signature: signature!,
    });
    expect(object).toMatchObject({ is_public: false, size_bytes: renditions[0]!.bytes });
    const bytesOf = async (range: { start?: number; end?: number }) => {
      const stream = (await app.call("media.read", { object_key: object.object_key, ...range })) as Readable;
      return Buffer.concat(await stream.map((chunk: Uint8Array) => Buffer.from(chunk)).toArray());
    };

    const whole = await bytesOf({});
    expect(whole.length).toBe(object.size_bytes);
    expect(await bytesOf({ start: 5, end: 14 })).toEqual(whole.subarray(5, 15));
    for (const object_key of ["media/../keys/media.keys", `media/${id}/original`, `media/${id}/none.webp`, "keys"]) {
      await expect(app.call("media.read", { object_key })).rejects.toMatchObject({ code: 404 });
    }
  });
});
