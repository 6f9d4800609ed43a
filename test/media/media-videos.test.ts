import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findFfmpeg } from "../../services/media/find-ffmpeg";
import { recognise } from "../../services/media/recognise";
import { processed, uploadBytes } from "../setup/upload-image";
import { useApp } from "../setup/use-app";

const app = useApp(["auth", "graph", "media"]);

/** Two seconds of moving bars, with a title that must not be kept. */
async function film(): Promise<Buffer> {
  const tools = findFfmpeg("")!;
  const folder = await mkdtemp(join(tmpdir(), "emulsion-film-"));
  try {
    const file = join(folder, "film.mp4");
    const source = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=10", "-t", "2", "-metadata", "title=secret place"];
    await promisify(execFile)(tools.ffmpeg, [...source, "-pix_fmt", "yuv420p", file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("media.upload of a video", () => {
  it("gives a film, its poster in WebP, and its length", async () => {
    const alice = await app.user("alice");
    const { id, kind } = await uploadBytes(app, alice, await film());
    expect(kind).toBe("video");

    const media = await processed(app, alice, id);
    expect(media).toMatchObject({ status: "ready", kind: "video", width: 320, height: 240 });
    expect(media.duration_ms).toBeGreaterThan(1800);
    expect(media.duration_ms).toBeLessThan(2300);
    expect(new Set(media.renditions.map(({ format }) => format))).toEqual(new Set(["mp4", "webp"]));
    const query = new URL(media.renditions.find(({ format }) => format === "mp4")!.url, "http://localhost");
    const located = await app.call("media.locate", {
      media_id: id,
      name: "video.mp4",
      expires: Number(query.searchParams.get("expires")),
      signature: query.searchParams.get("signature")!,
    });
    expect(located.content_type).toBe("video/mp4");
    await expect(app.as(alice).call("media.claimAvatar", { media_id: id })).rejects.toMatchObject({
      data: { media: [{ media_id: id, reason: "not_image" }] },
    });
  });

  it("is refused with what is missing where there is no ffmpeg", async () => {
    const head = (await film()).subarray(0, 4096);
    expect(recognise(head, findFfmpeg("")).kind).toBe("video");
    expect(() => recognise(head, undefined)).toThrow(
      expect.objectContaining({
        code: 415,
        type: "UNSUPPORTED_MEDIA",
        message: expect.stringContaining("ffmpeg") as string,
      }),
    );
  });
});
