import sharp from "sharp";
import { type Client, type Json, noise, picture, useGateway } from "../setup/http-client";

describe("media", () => {
  const gateway = useGateway();

  function fetchBytes(url: string, headers: Record<string, string> = {}, method = "GET") {
    return fetch(url.startsWith("http") ? url : gateway.url() + url, { method, headers });
  }

  async function publicPicture(client: Client) {
    const media = await client.uploaded(await picture(1200, 900));
    await client.post("/posts", { media_ids: [media.id] });
    await gateway.settled();
    return (await client.get(`/media/${media.id}`)).body;
  }

  it("is taken as a raw body too, and renditions have the sizes that they are named for", async () => {
    const alice = await gateway.person("alice");
    const response = await fetch(`${gateway.url()}/api/v1/media?alt_text=raw`, {
      method: "POST",
      headers: { authorization: `Bearer ${alice.accessToken}`, "content-type": "image/png" },
      body: new Uint8Array(await picture(1200, 900)),
    });
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: string };
    let media = (await alice.get(`/media/${id}`)).body;
    while (media.status === "processing") media = (await alice.get(`/media/${id}`)).body;

    expect(media).toMatchObject({ status: "ready", kind: "image", width: 1200, height: 900, alt_text: "raw" });
    const sizes = media.renditions.map(({ name, width, height, format }: Record<string, unknown>) => ({
      name,
      width,
      height,
      format,
    }));
    for (const format of ["webp", "jpeg"]) {
      expect(
        sizes
          .filter((size: { format: string }) => size.format === format)
          .map(({ width }: { width: number }) => width)
          .sort((a: number, b: number) => a - b),
      ).toEqual([150, 320, 640, 1080]);
    }
    for (const { url, width, height, bytes } of media.renditions) {
      const served = await fetchBytes(url);
      expect(served.status).toBe(200);
      const body = Buffer.from(await served.arrayBuffer());
      expect(body.length).toBe(bytes);
      expect(await sharp(body).metadata()).toMatchObject({ width, height });
    }
  });

  it("of a public account lies at a lasting address, with ETag and ranges", async () => {
    const alice = await gateway.person("alice");
    const { renditions } = await publicPicture(alice);
    const { url, bytes } = renditions[0];
    expect(url).not.toContain("signature");
    const whole = await fetchBytes(url);
    expect(whole.headers.get("cache-control")).toMatch(/^public, .*immutable/);
    const body = Buffer.from(await whole.arrayBuffer());
    const etag = whole.headers.get("etag")!;

    expect((await fetchBytes(url, { "if-none-match": etag })).status).toBe(304);
    const part = await fetchBytes(url, { range: "bytes=10-19" });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe(`bytes 10-19/${bytes}`);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(body.subarray(10, 20));
    const tail = await fetchBytes(url, { range: "bytes=-5" });
    expect(Buffer.from(await tail.arrayBuffer())).toEqual(body.subarray(-5));
    expect((await fetchBytes(url, { range: `bytes=${bytes}-` })).status).toBe(416);
    const head = await fetchBytes(url, {}, "HEAD");
    expect({ status: head.status, length: head.headers.get("content-length") }).toEqual({
      status: 200,
      length: String(bytes),
    });
  });

  it("of a private account is served by signed URLs alone, and old public ones are gone", async () => {
    const [alice, bob] = await gateway.people3();
    const media = await publicPicture(alice);
    const publicUrl = media.renditions[0].url;
    expect((await fetchBytes(publicUrl)).status).toBe(200);

    await alice.patch("/users/me", { is_private: true });
    expect((await fetchBytes(publicUrl)).status).toBe(404);
    const { url } = (await alice.get(`/media/${media.id}`)).body.renditions[0];
    const signed = await fetchBytes(url);
    expect(signed.status).toBe(200);
    expect(signed.headers.get("cache-control")).toMatch(/^private/);
    expect(
      (
        await fetchBytes(
          url.replace(/signature=./, (found: string) => (found.endsWith("A") ? "signature=B" : "signature=A")),
        )
      ).status,
    ).toBe(404);
    expect((await fetchBytes(url.replace(/expires=\d/, "expires=9"))).status).toBe(404);
    expect((await bob.get(`/media/${media.id}`)).status).toBe(404);
  });

  it("is hidden with a post that is archived, by its id and at a known address, and comes back with it", async () => {
    const [alice, bob] = await gateway.people3();
    const media = await publicPicture(alice);
    const { url } = media.renditions[0];
    const { body } = await alice.get(`/posts?user_id=${alice.user.id}`);
    const archive = `/posts/${body.items[0].id}/archive`;
    expect((await bob.get(`/media/${media.id}`)).status).toBe(200);

    await alice.post(archive);
    await gateway.settled();
    expect((await fetchBytes(url)).status).toBe(404);
    expect((await bob.get(`/media/${media.id}`)).status).toBe(404);
    const own = (await alice.get(`/media/${media.id}`)).body.renditions[0].url;
    expect(own).toContain("signature");
    expect((await fetchBytes(own)).status).toBe(200);

    await alice.delete(archive);
    await gateway.settled();
    expect((await fetchBytes(url)).status).toBe(200);
    expect((await bob.get(`/media/${media.id}`)).body.renditions[0].url).toBe(url);
  });

  it("is gone with its post", async () => {
    const alice = await gateway.person("alice");
    const media = await publicPicture(alice);
    const { body } = await alice.get(`/posts?user_id=${alice.user.id}`);
    await alice.delete(`/posts/${body.items[0].id}`);
    await gateway.settled();
    expect((await fetchBytes(media.renditions[0].url)).status).toBe(404);
    expect((await alice.get(`/media/${media.id}`)).status).toBe(404);
  });

  it("of an unknown kind is refused by its content, whatever its name", async () => {
    const alice = await gateway.person("alice");
    const { status, body } = await alice.upload(Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>".repeat(50)), {
      name: "photo.jpg",
    });
    expect({ status, type: body.error.type }).toEqual({ status: 415, type: "UNSUPPORTED_MEDIA" });
    // Large enough that the answer stands before all of it was sent: it must arrive all the same.
    expect((await alice.upload(Buffer.alloc(20_000_000, "not a picture "))).status).toBe(415);
    expect((await alice.upload(Buffer.alloc(0))).status).toBe(422);
    const form = new FormData();
    form.append("other", "x");
    const none = await fetch(`${gateway.url()}/api/v1/media`, {
      method: "POST",
      headers: { authorization: `Bearer ${alice.accessToken}` },
      body: form,
    });
    expect(none.status).toBe(400);
  });

  it("takes its alternative text before or after the file, and changes it later", async () => {
    const alice = await gateway.person("alice");
    const form = new FormData();
    form.append("file", new Blob([new Uint8Array(await picture())]), "x.png");
    form.append("alt_text", "after");
    const response = await fetch(`${gateway.url()}/api/v1/media`, {
      method: "POST",
      headers: { authorization: `Bearer ${alice.accessToken}` },
      body: form,
    });
    const media = (await response.json()) as { id: string; alt_text: string };
    expect(media.alt_text).toBe("after");
    expect((await alice.patch(`/media/${media.id}`, { alt_text: "later" })).body.alt_text).toBe("later");
    expect((await alice.delete(`/media/${media.id}`)).status).toBe(204);
    expect((await alice.get(`/media/${media.id}`)).status).toBe(404);
  });
});

describe("media in parts", () => {
  const gateway = useGateway();
  const declared = (bytes: Buffer, more: object = {}) => ({
    size_bytes: bytes.length,
    content_type: "image/png",
    ...more,
  });
  const bytesOf = (bytes: Buffer, upload: Json, part: Json) => {
    const from = (part.part_number - 1) * upload.part_size_bytes;
    return bytes.subarray(from, from + part.size_bytes);
  };

  it("is sent part by part, goes on where it stopped, and is then an upload like any other", async () => {
    const alice = await gateway.person("alice");
    const image = await noise(1900, 1400);
    const { status, body: upload } = await alice.post("/media/presign", declared(image, { alt_text: "Noise." }));
    expect(status).toBe(201);
    const sizes: number[] = upload.parts.map(({ size_bytes }: Json) => size_bytes);
    expect(sizes).toEqual([upload.part_size_bytes, image.length - upload.part_size_bytes]);
    expect(Date.parse(upload.urls_expire_at)).toBeLessThanOrEqual(Date.now() + 3_600_000);
    expect(await alice.get(`/media/${upload.id}`)).toMatchObject({ status: 404 });

    expect(await alice.putPart(upload.parts[1], bytesOf(image, upload, upload.parts[1]))).toBe(200);
    expect(await alice.post(`/media/${upload.id}/complete`)).toMatchObject({
      status: 422,
      body: { error: { type: "UPLOAD_INCOMPLETE", details: { missing_parts: [1] } } },
    });
    const { body: resumed } = await alice.get(`/media/${upload.id}/parts`);
    expect(resumed.parts.map(({ is_stored }: Json) => is_stored)).toEqual([false, true]);
    expect(await alice.putPart(resumed.parts[0], bytesOf(image, upload, resumed.parts[0]))).toBe(200);

    const completed = await alice.post(`/media/${upload.id}/complete`);
    expect(completed).toMatchObject({ status: 200, body: { id: upload.id, kind: "image", alt_text: "Noise." } });
    const repeated = await alice.post(`/media/${upload.id}/complete`);
    expect(repeated).toMatchObject({ status: 200, body: { id: upload.id } });
    const media = await alice.processed(upload.id);
    expect(media).toMatchObject({ status: "ready", width: 1900, height: 1400 });
    expect((await alice.get(`/media/${upload.id}/parts`)).status).toBe(404);
    expect(await alice.putPart(upload.parts[0], bytesOf(image, upload, upload.parts[0]))).toBe(404);
    expect((await alice.post("/posts", { media_ids: [upload.id] })).status).toBe(201);
  });

  it("is known by its content, whatever was declared, and nothing is kept of what is not taken", async () => {
    const alice = await gateway.person("alice");
    const text = Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>".repeat(50));
    const { body: upload } = await alice.post("/media/presign", declared(text));
    expect(await alice.putPart(upload.parts[0], text)).toBe(200);
    expect(await alice.post(`/media/${upload.id}/complete`)).toMatchObject({
      status: 415,
      body: { error: { type: "UNSUPPORTED_MEDIA" } },
    });
    expect((await alice.post(`/media/${upload.id}/complete`)).status).toBe(404);
    expect((await alice.get(`/media/${upload.id}/parts`)).status).toBe(404);
    expect(await alice.putPart(upload.parts[0], text)).toBe(404);
  });

  it("takes each part at its own URL alone, with just its bytes", async () => {
    const alice = await gateway.person("alice");
    const image = await picture(200, 100);
    const { body: upload } = await alice.post("/media/presign", declared(image));
    const [part] = upload.parts;
    // A store's own refusal is a 403.
    expect([422, 403]).toContain(await alice.putPart(part, Buffer.concat([image, Buffer.from("x")])));
    expect([422, 403]).toContain(await alice.putPart(part, image.subarray(1)));
    const forged = part.url.replace(/([sS]ignature=[^&]*)./, (_: string, kept: string) => `${kept}~`);
    expect([404, 403]).toContain(await alice.putPart({ url: forged }, image));
    expect((await alice.get(`/media/${upload.id}/parts`)).body.parts[0].is_stored).toBe(false);
    expect(await alice.putPart(part, image)).toBe(200);
    expect((await alice.post(`/media/${upload.id}/complete`)).status).toBe(200);
  });

  it("is nobody else's", async () => {
    const [alice, bob] = await gateway.people3();
    const image = await picture();
    const { body: upload } = await alice.post("/media/presign", declared(image));
    await alice.putPart(upload.parts[0], image);
    for (const client of [bob, gateway.stranger()]) {
      const status = client === bob ? 404 : 401;
      expect((await client.get(`/media/${upload.id}/parts`)).status).toBe(status);
      expect((await client.post(`/media/${upload.id}/complete`)).status).toBe(status);
      expect((await client.delete(`/media/${upload.id}`)).status).toBe(status);
    }
    expect((await alice.delete(`/media/${upload.id}`)).status).toBe(204);
    expect((await alice.post(`/media/${upload.id}/complete`)).status).toBe(404);
  });

  it("is refused before a byte is sent where it can be told", async () => {
    const alice = await gateway.person("alice");
    const refused = async (body: object) => {
      const answer = await alice.post("/media/presign", body);
      return [answer.status, answer.body.error.type];
    };
    expect(await refused({ size_bytes: 5, content_type: "image/svg+xml" })).toEqual([415, "UNSUPPORTED_MEDIA"]);
    expect(await refused({ size_bytes: 32_000_000, content_type: "image/png" })).toEqual([413, "MEDIA_TOO_LARGE"]);
    expect(await refused({ size_bytes: 0, content_type: "image/png" })).toEqual([422, "INVALID_INPUT"]);
    expect((await gateway.stranger().post("/media/presign", declared(Buffer.alloc(1)))).status).toBe(401);
  });
});

describe("media that is too large", () => {
  const gateway = useGateway({ IMAGE_MAX_BYTES: "5000", VIDEO_MAX_BYTES: "5000" });

  it("is refused with a 413 in mid-stream", async () => {
    const alice = await gateway.person("alice");
    const { status } = await alice.upload(await noise(300, 300));
    expect(status).toBe(413);
  });
});
