import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Client } from "minio";
import { UnavailableError } from "../../../lib/errors";
import { makeBucket } from "../../../mixins/objects/make-bucket";
import { parseMinioUrl } from "../../../mixins/objects/minio-address";
import { MinioBucket } from "../../../mixins/objects/minio-bucket";
import { MinioPartUploads } from "../../../mixins/objects/minio-part-uploads";
import { MinioStore } from "../../../mixins/objects/minio-store";
import { describeObjectStore } from "../../mixins/objects/object-store.conformance";
import { describePartUploads } from "../../mixins/objects/part-uploads.conformance";
import { describeOn } from "../../setup/servers";
import { freshAddress, namesIn, plainClient, unfinishedOf } from "./bucket";

const MIB = 1024 ** 2;
const silent = { warn: () => undefined };

describeOn(["MINIO_URL"], "the store of objects in MinIO", () => {
  let address: ReturnType<typeof freshAddress>;
  let bucket: MinioBucket;
  let client: Client;
  const stores = async () => ({
    objects: new MinioStore(bucket),
    partUploads: new MinioPartUploads(bucket, address.origin),
  });

  beforeAll(async () => {
    address = freshAddress();
    bucket = new MinioBucket(address);
    client = plainClient(address);
    await makeBucket(bucket, silent);
  });

  describeObjectStore(async () => (await stores()).objects);
  describePartUploads(stores);

  it("leaves nothing in the bucket but objects", async () => {
    expect((await namesIn(client, address.bucket)).filter((name) => name.includes("~"))).toEqual([]);
  });

  it("gives what is larger than a block one ETag too, whether it streams or is there", async () => {
    const { objects } = await stores();
    const bytes = randomBytes(17 * MIB);
    const streamed = await objects.put("large/a", Readable.from([bytes.subarray(0, 3 * MIB), bytes.subarray(3 * MIB)]));
    const whole = await objects.put("large/b", bytes);
    expect(streamed).toEqual({ sizeBytes: 17 * MIB, etag: expect.stringMatching(/^[0-9a-f]{32}-3$/) as string });
    expect(whole).toEqual(streamed);
    expect(await objects.stat("large/a")).toEqual(streamed);
    expect((await buffer(await objects.read("large/a"))).equals(bytes)).toBe(true);
    const middle = await buffer(await objects.read("large/a", { start: 8 * MIB - 2, end: 8 * MIB + 1 }));
    expect(middle).toEqual(bytes.subarray(8 * MIB - 2, 8 * MIB + 2));
  });

  it("holds no more of a stream than some blocks", async () => {
    const { objects } = await stores();
    const piece = randomBytes(MIB);
    const before = process.memoryUsage().arrayBuffers;
    let highest = 0;
    const pieces = (function* () {
      for (let sent = 0; sent < 300; sent++) {
        highest = Math.max(highest, process.memoryUsage().arrayBuffers - before);
        yield Buffer.from(piece);
      }
    })();
    await objects.put("large/stream", Readable.from(pieces));
    // The measure sees blocks at all.
    expect(highest).toBeGreaterThan(2 * MIB);
    expect(highest).toBeLessThan(150 * MIB);
    await objects.removePrefix("large/");
  });

  it("leaves no part of a large stream that is broken off", async () => {
    const { objects } = await stores();
    const broken = Readable.from(
      (function* () {
        for (let sent = 0; sent < 20; sent++) yield Buffer.alloc(MIB);
        throw new Error("the sender left");
      })(),
    );
    await expect(objects.put("broken/off", broken)).rejects.toThrow("the sender left");
    await expect(objects.put("broken/large", Buffer.alloc(20 * MIB), { maxBytes: 18 * MIB })).rejects.toThrow();
    expect((await namesIn(client, address.bucket)).filter((name) => name.startsWith("broken"))).toEqual([]);
    for (const key of ["broken/off", "broken/large"]) expect(await unfinishedOf(client, address.bucket, key)).toBe(0);
  });

  it("removes parts that a process left when it died, with all else below their prefix", async () => {
    const { objects, partUploads } = await stores();
    const upload = await partUploads.begin("dead/node/original");
    await partUploads.put(
      upload,
      { number: 1, sizeBytes: 4 },
      Readable.from([Buffer.from("left")], { objectMode: false }),
    );
    expect(await unfinishedOf(client, address.bucket, upload.key)).toBe(1);
    await objects.removePrefix("dead/");
    expect(await unfinishedOf(client, address.bucket, upload.key)).toBe(0);
    expect((await namesIn(client, address.bucket)).filter((name) => name.startsWith("dead"))).toEqual([]);
  });

  it("removes more than a page of objects", async () => {
    const { objects } = await stores();
    for (let done = 0; done < 1050; done += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => objects.put(`many/${done + i}`, Buffer.from("x"))));
    }
    await objects.removePrefix("many/");
    expect((await namesIn(client, address.bucket)).filter((name) => name.startsWith("many"))).toEqual([]);
  });

  it("gives URLs at which anybody may PUT a part, of just its size", async () => {
    const { partUploads, objects } = await stores();
    const upload = await partUploads.begin("signed/original");
    const part = { number: 1, sizeBytes: 2000 };
    const url = await partUploads.url(upload, part, 60);
    const send = (to: string, size: number) => fetch(to, { method: "PUT", body: new Uint8Array(size).fill(7) });

    expect((await send(url, 2001)).status).toBe(403);
    expect((await send(url, 1999)).status).toBe(403);
    expect((await send(url.replace("partNumber=1", "partNumber=2"), 2000)).status).toBe(403);
    expect((await send(url, 2000)).status).toBe(200);
    const brief = await partUploads.url(upload, part, 1);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect((await send(brief, 2000)).status).toBe(403);
    await expect(partUploads.complete(upload, [part])).resolves.toMatchObject({ sizeBytes: 2000 });
    expect((await send(url, 2000)).status).toBe(404);
    expect((await buffer(await objects.read(upload.key))).equals(Buffer.alloc(2000, 7))).toBe(true);
  });
});

describeOn(["MINIO_URL"], "the bucket", () => {
  it("is made by whichever of many nodes comes first, and lets no stranger in", async () => {
    const address = freshAddress();
    await Promise.all(Array.from({ length: 8 }, () => makeBucket(new MinioBucket(address), silent)));
    await new MinioStore(new MinioBucket(address)).put("a/b", Buffer.from("secret"));
    const anonymous = await fetch(new URL(`${address.bucket}/a/b`, address.origin));
    expect(anonymous.status).toBe(403);
  });

  it("is shut to strangers where it was open, and keeps the rest of its policy", async () => {
    const address = freshAddress();
    const client = plainClient(address);
    await makeBucket(new MinioBucket(address), silent);
    const allow = (actions: string[], more = {}) => ({
      Effect: "Allow",
      Principal: { AWS: ["*"] },
      Action: actions,
      Resource: [`arn:aws:s3:::${address.bucket}/*`],
      ...more,
    });
    const Condition = { IpAddress: { "aws:SourceIp": ["10.1.2.0/24"] } };
    const fromHere = allow(["s3:GetObject"], { Condition });
    const policy = { Version: "2012-10-17", Statement: [allow(["s3:GetObject", "s3:PutObject"]), fromHere] };
    await client.setBucketPolicy(address.bucket, JSON.stringify(policy));
    await client.putObject(address.bucket, "a", "secret");
    const read = () => fetch(new URL(`${address.bucket}/a`, address.origin));
    expect((await read()).status).toBe(200);

    const warnings: unknown[] = [];
    await makeBucket(new MinioBucket(address), { warn: (text: unknown) => void warnings.push(text) });
    expect((await read()).status).toBe(403);
    expect(warnings).toHaveLength(1);
    const left = JSON.parse(await client.getBucketPolicy(address.bucket)) as { Statement: unknown[] };
    expect(left.Statement).toEqual([expect.objectContaining({ Condition })]);
  });
});

describe("a MinIO that cannot be reached", () => {
  const servers: Server[] = [];
  const limits = { connectMs: 200, answerMs: 300, silenceMs: 200 };

  async function listening(answer: (socket: Socket) => void): Promise<number> {
    const server = createServer(answer).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }
  const storeAt = (port: number) =>
    new MinioStore(new MinioBucket(parseMinioUrl(`http://key:12345678@127.0.0.1:${port}/bucket`), limits));

  afterAll(() => servers.forEach((server) => server.close()));

  async function expectUnavailable(store: MinioStore): Promise<void> {
    const questions = [
      store.stat("a/b"),
      store.read("a/b"),
      store.removePrefix("a/"),
      store.put("a/b", Buffer.from("x")),
      store.put("a/b", Readable.from([Buffer.alloc(20 * MIB)])),
      store.withFile("a/b", async () => "never"),
    ];
    for (const end of await Promise.allSettled(questions))
      expect(end).toMatchObject({ status: "rejected", reason: expect.any(UnavailableError) as unknown });
  }

  it("is told at once where nobody listens", async () => {
    const port = await listening((socket) => socket.destroy());
    await new Promise((resolve) => servers.pop()!.close(resolve));
    await expectUnavailable(storeAt(port));
  });

  it("is told in time where somebody listens and does not answer", async () => {
    const sockets: Socket[] = [];
    const port = await listening((socket) => void sockets.push(socket.on("error", () => undefined)));
    const startedAt = Date.now();
    await expectUnavailable(storeAt(port));
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    sockets.forEach((socket) => socket.destroy());
  });

  it("is told in time where an answer stops half-way, and not where its reader pauses", async () => {
    const sockets: Socket[] = [];
    const port = await listening((socket) => {
      sockets.push(socket.on("error", () => undefined));
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
    });
    const stopped = await storeAt(port).read("a/b");
    await expect(buffer(stopped)).rejects.toBeInstanceOf(UnavailableError);

    const slow = await storeAt(port).read("a/b");
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(slow.destroyed).toBe(false);
    slow.destroy();
    sockets.forEach((socket) => socket.destroy());
  });
});
