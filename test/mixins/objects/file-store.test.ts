import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { openFileStore } from "../../../mixins/objects/file-store";
import { PartFiles } from "../../../mixins/objects/part-files";
import { describeObjectStore } from "./object-store.conformance";
import { describePartUploads } from "./part-uploads.conformance";

const folder = mkdtempSync(join(tmpdir(), "emulsion-objects-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the store of objects on files", () => {
  describeObjectStore(() => openFileStore(folder));
  describePartUploads(async () => {
    const objects = await openFileStore(folder);
    return { objects, partUploads: new PartFiles(objects) };
  });

  it("leaves nothing unfinished behind", () => {
    expect(readdirSync(join(folder, ".unfinished"))).toEqual([]);
  });

  it("removes at opening what a process that died left, and not what this one is writing", async () => {
    const place = join(folder, "reopened");
    mkdirSync(join(place, ".unfinished"), { recursive: true });
    writeFileSync(join(place, ".unfinished", "0123456789ab-7"), "left by a process that died");
    const store = await openFileStore(place);
    expect(existsSync(join(place, ".unfinished", "0123456789ab-7"))).toBe(false);

    const slow = new Readable({ read() {} });
    slow.push("first ");
    const writing = store.put("a/slow", slow);
    await sleep(20);
    await openFileStore(place);
    slow.push("second");
    slow.push(null);
    await writing;

    expect((await buffer(await store.read("a/slow"))).toString()).toBe("first second");
  });

  it("finds its objects again when opened anew", async () => {
    const place = join(folder, "again");
    const facts = await (await openFileStore(place)).put("a/b.bin", Buffer.from("kept"));
    expect(await (await openFileStore(place)).stat("a/b.bin")).toEqual(facts);
  });

  it("tells of a file that is no object of its own", async () => {
    const place = join(folder, "foreign");
    const store = await openFileStore(place);
    await store.put("a/b.bin", Buffer.from("kept"));
    writeFileSync(join(place, "a", "b.bin"), "x".repeat(100));
    await expect(store.stat("a/b.bin")).rejects.toThrow("not an object");
    await expect(store.read("a/b.bin")).rejects.toThrow("not an object");
  });
});
