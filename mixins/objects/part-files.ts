import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { exactly } from "./exactly";
import { ObjectMissingError, PartsMissingError } from "./object-errors";
import type { ObjectFacts, ObjectStore } from "./object-store";
import type { Part, PartUpload, PartUploads } from "./part-uploads";

/** Parts as objects whose keys begin with the key of what they will be, so that they go when it goes. */
export class PartFiles implements PartUploads {
  constructor(private readonly objects: ObjectStore) {}

  async begin(key: string): Promise<PartUpload> {
    return { key, name: randomBytes(8).toString("hex") };
  }

  /** Files have no address of their own. */
  async url(): Promise<undefined> {
    return undefined;
  }

  async put(upload: PartUpload, part: Part, body: Readable): Promise<void> {
    await this.objects.put(keyOf(upload, part), exactly(body, part.sizeBytes));
  }

  async stored(upload: PartUpload, parts: readonly Part[]): Promise<ReadonlySet<number>> {
    const found = new Set<number>();
    for (const part of parts) {
      const facts = await this.objects.stat(keyOf(upload, part));
      if (facts?.sizeBytes === part.sizeBytes) found.add(part.number);
    }
    return found;
  }

  async complete(upload: PartUpload, parts: readonly Part[]): Promise<ObjectFacts> {
    const found = await this.stored(upload, parts);
    const missing = parts.filter(({ number }) => !found.has(number));
    if (missing.length > 0) throw new PartsMissingError(missing.map(({ number }) => number));
    const facts = await this.objects.put(upload.key, Readable.from(this.joined(upload, parts), { objectMode: false }));
    await this.objects.removePrefix(folderOf(upload));
    return facts;
  }

  private async *joined(upload: PartUpload, parts: readonly Part[]): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      yield* (await this.read(upload, part)) as AsyncIterable<Uint8Array>;
    }
  }

  /** A part that goes while they are joined was joined by somebody else. */
  private async read(upload: PartUpload, part: Part): Promise<Readable> {
    return this.objects.read(keyOf(upload, part)).catch((error: unknown) => {
      throw error instanceof ObjectMissingError ? new PartsMissingError([part.number]) : error;
    });
  }
}

function folderOf({ key, name }: PartUpload): string {
  return `${key}.parts-${name}/`;
}

function keyOf(upload: PartUpload, { number }: Part): string {
  return `${folderOf(upload)}${number}`;
}
