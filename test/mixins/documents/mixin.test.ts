import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type Service } from "moleculer";
import { attachConfig, loadConfig } from "../../../lib/config";
import { documents, type DocumentStore } from "../../../mixins/documents";

describe("the documents mixin", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "documents-mixin-"));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  async function run(name: string): Promise<number[]> {
    const counts: number[] = [];
    const broker = new ServiceBroker({ nodeID: name, logger: false });
    attachConfig(broker, loadConfig({ DATA_DIR: dataDir }));
    const store = function (this: Service): Promise<unknown> {
      const { documents: store } = this as unknown as { documents: DocumentStore };
      return store
        .transaction((tx) => tx.insert("notes", { _id: `${name}:${counts.length}` }))
        .then(async () => counts.push(await store.count("notes", {})));
    };
    broker.createService({
      name: "notes",
      mixins: [documents("notes", { notes: { indexes: [["at"]] } })],
      async started(this: Service) {
        await store.call(this);
      },
      async stopped(this: Service) {
        await store.call(this);
      },
    });
    await broker.start();
    await broker.stop();
    return counts;
  }

  it("has the store open from the service's start to its stop, and again at the next start", async () => {
    expect(await run("first")).toEqual([1, 2]);
    expect(await run("second")).toEqual([3, 4]);
    expect(existsSync(join(dataDir, "documents", "notes.db"))).toBe(true);
  });
});
