/** Run by crash.test.ts: fills a collection, rewrites its file, and dies while the new one is half written. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { NedbCollection } from "../../../mixins/documents/nedb-collection";

const [folder = ""] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function main(): Promise<void> {
  const collection = await NedbCollection.open(folder, "receipts", { indexes: [["at"]] }, silent);
  const images = new Map<string, { _id: string; at: Date; note: string }>();
  for (let i = 0; i < 20_000; i++) images.set(`r${i}`, { _id: `r${i}`, at: new Date(i), note: "n".repeat(300) });
  await collection.apply(images);
  const whole = statSync(collection.file).size;
  const watch = (): void => {
    const written = statSync(join(folder, "receipts.db~"), { throwIfNoEntry: false })?.size ?? 0;
    if (written > 0 && written < whole / 2) process.kill(process.pid, "SIGKILL");
    setImmediate(watch);
  };
  watch();
  for (;;) await collection.compact();
}

void main();
