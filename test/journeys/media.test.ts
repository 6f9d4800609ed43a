import sharp from "sharp";
import { type Client, picture, useGateway } from "../setup/http-client";

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

describe("media that is too large", () => {
  const gateway = useGateway({ IMAGE_MAX_BYTES: "5000", VIDEO_MAX_BYTES: "5000" });

  it("is refused with a 413 in mid-stream", async () => {
    const alice = await gateway.person("alice");
    const noise = await sharp({
      create: {
        width: 300,
        height: 300,
        channels: 3,
        noise: { type: "gaussian", mean: 128, sigma: 60 },
        background: "black",
      },
    })
      .png()
      .toBuffer();
    const { status } = await alice.upload(noise);
    expect(status).toBe(413);
  });
});
