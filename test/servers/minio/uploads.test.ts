import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { databaseOf } from "../../../mixins/postgres";
import { readinessOf } from "../../../mixins/readiness";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";
import { type Client, everyService, gatewayOf, type Json, noise, picture } from "../../setup/http-client";
import { useApp } from "../../setup/use-app";
import { describeOn } from "../../setup/servers";
import { tempRoot } from "../../setup/temp-root";
import { freshAddress, namesIn, plainClient, unfinishedOf } from "./bucket";

/** A part of an upload, as `presign` cut it. */
function bytesOf(bytes: Buffer, { part_size_bytes }: Json, { part_number, size_bytes }: Json): Buffer {
  const from = (part_number - 1) * part_size_bytes;
  return bytes.subarray(from, from + size_bytes);
}

async function presigned(client: Client, bytes: Buffer): Promise<Json> {
  const { status, body } = await client.post("/media/presign", { size_bytes: bytes.length, content_type: "image/png" });
  expect(status).toBe(201);
  return body;
}

describeOn(["DATABASE_URL", "MINIO_URL"], "uploads in parts to MinIO", () => {
  const address = freshAddress();
  const gateway = gatewayOf(
    useApp(everyService, {
      env: { MINIO_URL: address.url, MINIO_PUBLIC_URL: `http://localhost:${address.origin.port}` },
    }),
  );
  const bucket = plainClient(address);
  const objectsOf = async (id: string) =>
    (await namesIn(bucket, address.bucket)).filter((name) => name.includes(id)).map((name) => name.split("/")[2]);
  const unfinished = (id: string) => unfinishedOf(bucket, address.bucket, `media/${id}/original`);
  const sweep = () => gateway.app.service<{ sweep(): Promise<void> }>("media").sweep();

  it("go straight to MinIO, on after a restart of every service, and leave renditions alone", async () => {
    const alice = await gateway.person("alice");
    const image = await noise(2300, 1700);
    const upload = await presigned(alice, image);
    expect(upload.parts).toHaveLength(3);
    for (const { url } of upload.parts)
      expect(url).toMatch(`http://localhost:${address.origin.port}/${address.bucket}/`);
    const [first, second, third] = upload.parts;
    expect(await alice.putPart(third, bytesOf(image, upload, third))).toBe(200);
    expect(await alice.putPart(first, bytesOf(image, upload, first))).toBe(200);

    await gateway.app.restart();
    const { body: resumed } = await alice.get(`/media/${upload.id}/parts`);
    expect(resumed.parts.map(({ is_stored }: Json) => is_stored)).toEqual([true, false, true]);
    expect(await alice.putPart(second, bytesOf(image, upload, second))).toBe(200);
    expect((await alice.post(`/media/${upload.id}/complete`)).status).toBe(200);

    const media = await alice.processed(upload.id);
    expect(media).toMatchObject({ status: "ready", width: 2300, height: 1700 });
    await sweep();
    const files = await objectsOf(upload.id);
    expect(files).toContain("w1080.webp");
    expect(files.filter((name) => name?.startsWith("original"))).toEqual([]);
    expect(await unfinished(upload.id)).toBe(0);

    const [{ url, bytes }] = media.renditions;
    const served = await fetch(gateway.url() + url, { headers: { range: "bytes=100-199" } });
    expect([served.status, served.headers.get("content-range")]).toEqual([206, `bytes 100-199/${bytes}`]);
    const direct = await fetch(new URL(`${address.bucket}/media/${upload.id}/w1080.webp`, address.origin));
    expect(direct.status).toBe(403);
  });

  it("are refused by what their bytes are, and nothing of them stays", async () => {
    const alice = await gateway.person("alice");
    const text = Buffer.from("<html><script>alert(1)</script></html>".repeat(100));
    const upload = await presigned(alice, text);
    expect(await alice.putPart(upload.parts[0], text)).toBe(200);
    const { status, body } = await alice.post(`/media/${upload.id}/complete`);
    expect([status, body.error.type]).toEqual([415, "UNSUPPORTED_MEDIA"]);
    expect(await objectsOf(upload.id)).toEqual([]);
    expect((await alice.post(`/media/${upload.id}/complete`)).status).toBe(404);
  });

  it("take no more than was announced, nor less", async () => {
    const alice = await gateway.person("alice");
    const image = await picture(100, 100);
    const upload = await presigned(alice, image);
    expect(await alice.putPart(upload.parts[0], Buffer.concat([image, image]))).toBe(403);
    expect(await alice.putPart(upload.parts[0], image.subarray(1))).toBe(403);
    expect((await alice.post(`/media/${upload.id}/complete`)).body.error.type).toBe("UPLOAD_INCOMPLETE");
    const tooLarge = { size_bytes: gateway.app.config.imageMaxBytes + 1, content_type: "image/png" };
    expect((await alice.post("/media/presign", tooLarge)).status).toBe(413);
  });

  it("are swept when they have expired unfinished", async () => {
    const alice = await gateway.person("alice");
    const image = await picture(100, 100);
    const [expired, waiting] = [await presigned(alice, image), await presigned(alice, image)];
    for (const upload of [expired, waiting]) expect(await alice.putPart(upload.parts[0], image)).toBe(200);
    const database = await databaseOf(gateway.app.service("media").broker);
    await database.at(expired.id).query("update media_removals set due_at = now() where media_id = $1", [expired.id]);
    await sweep();

    expect(await objectsOf(expired.id)).toEqual([]);
    expect(await unfinished(expired.id)).toBe(0);
    expect(await alice.putPart(expired.parts[0], image)).toBe(404);
    expect(await unfinished(waiting.id)).toBe(1);
    expect((await alice.post(`/media/${waiting.id}/complete`)).status).toBe(200);
  });

  it("and every other upload are removed with what they are for", async () => {
    const alice = await gateway.person("alice");
    const media = await alice.uploaded(await picture(300, 200));
    const { body: post } = await alice.post("/posts", { media_ids: [media.id] });
    await gateway.settled();
    expect(await objectsOf(media.id)).not.toEqual([]);
    await alice.delete(`/posts/${post.id}`);
    await gateway.settled();
    expect(await objectsOf(media.id)).toEqual([]);
  });
});

describeOn(["DATABASE_URL", "MINIO_URL"], "a MinIO that is killed", () => {
  let minio: RunningServer;
  let folder: string;
  const env: Record<string, string> = {};
  // Before the gateway's own: hooks run in the order in which they stand.
  beforeAll(async () => {
    folder = await mkdtemp(join(tempRoot(), "emulsion-minio-"));
    minio = await startServer("minio", { folder });
    env["MINIO_URL"] = minio.env["MINIO_URL"]!;
  });
  const gateway = gatewayOf(useApp(everyService, { env }));
  afterAll(async () => {
    await minio.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("costs only what needs it, in bounded time, and keeps what it acknowledged", async () => {
    const alice = await gateway.person("alice");
    const kept = await alice.uploaded(await picture(300, 200));
    const image = await picture(100, 100);
    const upload = await presigned(alice, image);
    expect(await alice.putPart(upload.parts[0], image)).toBe(200);
    await minio.kill();

    const startedAt = Date.now();
    expect(await alice.upload(image)).toMatchObject({ status: 503, body: { error: { type: "UNAVAILABLE" } } });
    expect((await alice.post(`/media/${upload.id}/complete`)).status).toBe(503);
    expect((await fetch(gateway.url() + kept.renditions[0].url)).status).toBe(503);
    expect((await alice.get(`/media/${kept.id}`)).status).toBe(200);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    const { checks } = await readinessOf(gateway.app.service("media").broker);
    expect(checks["minio"]).toBe(false);

    await minio.restart();
    expect((await readinessOf(gateway.app.service("media").broker)).checks["minio"]).toBe(true);
    expect((await fetch(gateway.url() + kept.renditions[0].url)).status).toBe(200);
    expect((await alice.post(`/media/${upload.id}/complete`)).status).toBe(200);
    expect((await alice.processed(upload.id)).status).toBe("ready");
    expect((await alice.uploaded(image)).status).toBe("ready");
  });
});
