import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { databaseOf } from "../../mixins/postgres";
import type { ResultOf } from "../../services/contracts";
import { picture, processed } from "../setup/upload-image";
import { type Person, useApp } from "../setup/use-app";

const app = useApp(["auth", "graph", "media"], { env: { UNUSED_MEDIA_SECONDS: "3600" } });

type Upload = ResultOf<"media.presign">;

const sweep = () => app.service<{ sweep(): Promise<void> }>("media").sweep();

const presign = (person: Person, bytes: Buffer, content_type = "image/png") =>
  app.as(person).call("media.presign", { size_bytes: bytes.length, content_type });

/** Sends a part as the gateway does: as a stream, whichever node serves media. */
async function putPart({ id, parts }: Upload, bytes: Buffer, number = 1): Promise<void> {
  const { searchParams } = new URL(parts[number - 1]!.url, "http://localhost");
  const params = {
    media_id: id,
    part_number: number,
    expires: Number(searchParams.get("expires")),
    signature: searchParams.get("signature")!,
  };
  await app.broker.call("media.putPart", params, { stream: Readable.from([bytes], { objectMode: false }) });
}

async function uploaded(person: Person, bytes: Buffer, contentType?: string): Promise<Upload> {
  const upload = await presign(person, bytes, contentType);
  await putPart(upload, bytes);
  return upload;
}

async function filesOf(mediaId: string): Promise<string[]> {
  const names = await readdir(join(app.config.dataDir, "media"), { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile() && entry.parentPath.includes(mediaId)).map(({ name }) => name);
}

async function rowsLeft(mediaId: string): Promise<number> {
  const database = await databaseOf(app.service("media").broker);
  const counts = ["media_uploads", "media_removals"].map((table) =>
    database.at(mediaId).query<{ n: number }>(`select count(*)::int as n from ${table} where media_id = $1`, [mediaId]),
  );
  return (await Promise.all(counts)).reduce((sum, { rows }) => sum + rows[0]!.n, 0);
}

/** What time would have done. */
async function expire(mediaId: string): Promise<void> {
  const database = await databaseOf(app.service("media").broker);
  await database.at(mediaId).query("update media_removals set due_at = now() where media_id = $1", [mediaId]);
}

describe("media.presign", () => {
  it("refuses one more than may be unfinished, until one is deleted", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const bytes = await picture(30, 20);
    const begun: Upload[] = [];
    for (let i = 0; i < 50; i += 1) begun.push(await presign(alice, bytes));
    const refusal = { code: 429, type: "TOO_MANY_UPLOADS", data: { max_uploads: 50 } };
    await expect(presign(alice, bytes)).rejects.toMatchObject(refusal);
    await presign(bob, bytes);
    await app.as(alice).call("media.delete", { media_id: begun[7]!.id });
    await presign(alice, bytes);
    await expect(presign(alice, bytes)).rejects.toMatchObject(refusal);
  });
});

describe("media.complete", () => {
  it("makes one upload, however many ask for it at once, and keeps nothing of the parts", async () => {
    const alice = await app.user("alice");
    const upload = await uploaded(alice, await picture(300, 200));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => app.as(alice).call("media.complete", { media_id: upload.id })),
    );
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([upload.id]));

    const media = await processed(app, alice, upload.id);
    expect(media).toMatchObject({ status: "ready", width: 300 });
    await expect(app.published("media.processed")).resolves.toHaveLength(1);
    await sweep();
    const served = new Set(media.renditions.map(({ url }) => basename(new URL(url, "http://localhost").pathname)));
    expect(new Set(await filesOf(upload.id))).toEqual(served);
    expect(await rowsLeft(upload.id)).toBe(0);
  });

  it("goes on where an attempt broke off between the object and its row", async () => {
    const alice = await app.user("alice");
    const upload = await uploaded(alice, await picture(60, 60));
    const { partUploads } = app.service<{ partUploads: { complete(...args: unknown[]): Promise<unknown> } }>("media");
    const database = await databaseOf(app.service("media").broker);
    const { rows } = await database
      .at(upload.id)
      .query<{ store_name: string }>("select store_name from media_uploads where media_id = $1", [upload.id]);
    const parts = upload.parts.map(({ part_number, size_bytes }) => ({ number: part_number, sizeBytes: size_bytes }));
    await partUploads.complete({ key: `media/${upload.id}/original`, name: rows[0]!.store_name }, parts);
    await app.restart();

    await app.as(alice).call("media.complete", { media_id: upload.id });
    expect((await processed(app, alice, upload.id)).status).toBe("ready");
  });

  it("refuses content of another kind than declared, and keeps nothing of it", async () => {
    const alice = await app.user("alice");
    const upload = await uploaded(alice, await picture(60, 60), "video/mp4");
    expect(await filesOf(upload.id)).not.toEqual([]);
    await expect(app.as(alice).call("media.complete", { media_id: upload.id })).rejects.toMatchObject({
      code: 415,
      type: "UNSUPPORTED_MEDIA",
      message: expect.stringContaining("image/png") as string,
    });
    expect(await filesOf(upload.id)).toEqual([]);
    expect(await rowsLeft(upload.id)).toBe(0);
  });
});

describe("media.putPart", () => {
  it.each([-1, 1])("refuses a part of %i bytes more than agreed, and stores nothing", async (difference) => {
    const alice = await app.user("alice");
    const bytes = await picture(60, 60);
    const upload = await presign(alice, bytes);
    await expect(putPart(upload, Buffer.alloc(bytes.length + difference))).rejects.toMatchObject({
      code: 422,
      type: "WRONG_PART_SIZE",
      data: { size_bytes: bytes.length },
    });
    expect(await filesOf(upload.id)).toEqual([]);
  });

  it("refuses a part at another's URL", async () => {
    const alice = await app.user("alice");
    const [one, other] = [await presign(alice, Buffer.alloc(10)), await presign(alice, Buffer.alloc(10))];
    await expect(putPart({ ...one, parts: other.parts }, Buffer.alloc(10))).rejects.toMatchObject({ code: 404 });
    expect(await filesOf(one.id)).toEqual([]);
  });
});

/** Until so many statements wait for a lock. */
async function waitForWaiting(count: number): Promise<void> {
  const database = await databaseOf(app.service("media").broker);
  const waiting = () =>
    database.shards[0]!.query<{ n: number }>(
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
  for (const deadline = Date.now() + 5_000; (await waiting()).rows[0]!.n < count; await sleep(10))
    if (Date.now() > deadline) throw new Error(`Fewer than ${count} statements wait for a lock.`);
}

describe("an upload in parts", () => {
  it("is deleted also where it is completed between the first look and the deletion", async () => {
    const alice = await app.user("alice");
    const { id: media_id } = await uploaded(alice, await picture(60, 60));
    const database = await databaseOf(app.service("media").broker);
    const [, deletion] = await database.at(media_id).transaction(async (tx) => {
      await tx.query("select from media_removals where media_id = $1 for update", [media_id]);
      const completion = Promise.allSettled([app.as(alice).call("media.complete", { media_id })]);
      await waitForWaiting(1);
      const asked = Promise.allSettled([app.as(alice).call("media.delete", { media_id })]);
      await waitForWaiting(2);
      return [completion, asked] as const;
    });
    expect((await deletion)[0].status).toBe("fulfilled");
    await expect(app.as(alice).call("media.get", { media_id })).rejects.toMatchObject({ code: 404 });
  });

  it("is swept when it has expired, and not before", async () => {
    const alice = await app.user("alice");
    const [expired, waiting] = [
      await uploaded(alice, await picture(60, 60)),
      await uploaded(alice, await picture(60, 60)),
    ];
    await expire(expired.id);
    await expect(app.as(alice).call("media.complete", { media_id: expired.id })).rejects.toMatchObject({ code: 404 });
    await expect(putPart(expired, Buffer.alloc(expired.size_bytes))).rejects.toMatchObject({ code: 404 });
    await sweep();

    expect(await filesOf(expired.id)).toEqual([]);
    expect(await rowsLeft(expired.id)).toBe(0);
    await expect(app.as(alice).call("media.getParts", { media_id: waiting.id })).resolves.toMatchObject({
      parts: [{ is_stored: true }],
    });
  });

  it("goes with its owner's account, and leaves nobody else's", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const [hers, his] = [await uploaded(alice, await picture(60, 60)), await uploaded(bob, await picture(60, 60))];
    await app.as(alice).call("auth.deleteAccount", {});
    await app.settled();
    expect(await filesOf(hers.id)).toEqual([]);
    expect(await rowsLeft(hers.id)).toBe(0);
    expect(await filesOf(his.id)).not.toEqual([]);
  });
});
