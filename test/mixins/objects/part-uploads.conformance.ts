import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
  LEAST_PART_BYTES,
  type ObjectStore,
  type Part,
  type PartUpload,
  type PartUploads,
  PartSizeError,
  PartsMissingError,
} from "../../../mixins/objects";

interface Stores {
  objects: ObjectStore;
  partUploads: PartUploads;
}

/** What every store does with objects that come in parts, whatever lies behind it. */
export function describePartUploads(open: () => Promise<Stores>): void {
  let objects: ObjectStore;
  let partUploads: PartUploads;
  let folder = 0;
  const bytes = randomBytes(2 * LEAST_PART_BYTES + 1000);
  const parts: Part[] = [
    { number: 1, sizeBytes: LEAST_PART_BYTES },
    { number: 2, sizeBytes: LEAST_PART_BYTES },
    { number: 3, sizeBytes: 1000 },
  ];
  const bytesOf = ({ number, sizeBytes }: Part) =>
    bytes.subarray((number - 1) * LEAST_PART_BYTES, (number - 1) * LEAST_PART_BYTES + sizeBytes);

  const fresh = () => `parts/${Date.now().toString(36)}-${folder++}/original`;
  const put = (upload: PartUpload, part: Part, body = bytesOf(part)) =>
    partUploads.put(upload, part, Readable.from([body], { objectMode: false }));

  beforeAll(async () => {
    ({ objects, partUploads } = await open());
  });

  it("makes one object of parts that came in any order, visible only when it is completed", async () => {
    const key = fresh();
    const upload = await partUploads.begin(key);
    for (const part of [...parts].reverse()) await put(upload, part);
    expect(await objects.stat(key)).toBeUndefined();

    const facts = await partUploads.complete(upload, parts);
    expect(facts.sizeBytes).toBe(bytes.length);
    expect(await objects.stat(key)).toEqual(facts);
    expect((await buffer(await objects.read(key))).equals(bytes)).toBe(true);
  });

  it("tells which parts are there, and goes on with the others after a new start", async () => {
    const key = fresh();
    const upload = await partUploads.begin(key);
    await put(upload, parts[1]!);

    const later = (await open()).partUploads;
    expect([...(await later.stored(upload, parts))]).toEqual([2]);
    await expect(later.complete(upload, parts)).rejects.toMatchObject({ numbers: [1, 3] });
    await put(upload, parts[0]!);
    await put(upload, parts[2]!);
    expect([...(await later.stored(upload, parts))].sort()).toEqual([1, 2, 3]);
    await expect(later.complete(upload, parts)).resolves.toMatchObject({ sizeBytes: bytes.length });
  });

  it("takes a part again, and keeps the later one", async () => {
    const key = fresh();
    const upload = await partUploads.begin(key);
    const part = { number: 1, sizeBytes: 1000 };
    await put(upload, part, Buffer.alloc(1000, "a"));
    await put(upload, part, Buffer.alloc(1000, "b"));
    await partUploads.complete(upload, [part]);
    expect((await buffer(await objects.read(key))).toString()).toBe("b".repeat(1000));
  });

  it.each([999, 1001])("refuses %i bytes for a part of 1000", async (size) => {
    const upload = await partUploads.begin(fresh());
    const part = { number: 1, sizeBytes: 1000 };
    await expect(put(upload, part, Buffer.alloc(size))).rejects.toBeInstanceOf(PartSizeError);
    expect((await partUploads.stored(upload, [part])).size).toBe(0);
    await objects.removePrefix(upload.key);
  });

  it("makes one object, however many complete it at once", async () => {
    const key = fresh();
    const upload = await partUploads.begin(key);
    for (const part of parts) await put(upload, part);
    const ends = await Promise.allSettled(Array.from({ length: 5 }, () => partUploads.complete(upload, parts)));

    expect(ends.some(({ status }) => status === "fulfilled")).toBe(true);
    for (const end of ends) if (end.status === "rejected") expect(end.reason).toBeInstanceOf(PartsMissingError);
    expect((await buffer(await objects.read(key))).equals(bytes)).toBe(true);
  });

  it("is ended by the removal of what its key begins with", async () => {
    const key = fresh();
    const upload = await partUploads.begin(key);
    await put(upload, parts[0]!);
    await objects.removePrefix(key.slice(0, -"original".length));

    expect((await partUploads.stored(upload, parts)).size).toBe(0);
    await expect(partUploads.complete(upload, parts)).rejects.toBeInstanceOf(PartsMissingError);
    expect(await objects.stat(key)).toBeUndefined();
  });
}
