import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../../lib/errors";
import { type MongoStore, openMongoStore } from "../../../mixins/documents/mongo-store";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";
import { describeOn } from "../../setup/servers";
import { tempRoot } from "../../setup/temp-root";

interface Account {
  _id: string;
  receipts: number;
}

const WRITERS = 8;
const log = { info: () => undefined, warn: jest.fn(), error: jest.fn() };

// Seen with the official driver against SecantusDB with --sync-on-commit, where no mongod is on the PATH.
describeOn(["MONGODB_URL"], "documents on a MongoDB that is killed", () => {
  let folder: string;
  let server: RunningServer;
  let store: MongoStore;
  const acknowledged: string[] = [];
  const failures: unknown[] = [];
  let isOver = false;

  beforeAll(async () => {
    folder = await mkdtemp(join(tempRoot(), "emulsion-outage-"));
    server = await startServer("mongodb", { folder });
    const collections = { accounts: { indexes: [] }, receipts: { indexes: [["account"]] } };
    store = await openMongoStore({ url: server.env["MONGODB_URL"]!, collections, log });
    await store.transaction(async (tx) => {
      for (let writer = 0; writer < WRITERS; writer++)
        await tx.insert<Account>("accounts", { _id: String(writer), receipts: 0 });
    });
  });

  afterAll(async () => {
    await store.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** One receipt after the other, each asked for until it is acknowledged. */
  async function write(account: string): Promise<void> {
    for (let n = 0; !isOver;) {
      const _id = `${account}:${n}`;
      try {
        await store.transaction(async (tx) => {
          if (await tx.insert("receipts", { _id, account } as { _id: string }))
            await tx.update<Account>("accounts", account, { increment: { receipts: 1 } });
        });
        acknowledged.push(_id);
        n++;
      } catch (error) {
        failures.push(error);
      }
    }
  }

  it("keep every acknowledged write, refuse in bounded time meanwhile, and go on by themselves", async () => {
    const writers = Array.from({ length: WRITERS }, (_, i) => write(String(i)));
    await sleep(1_500);
    const before = acknowledged.length;
    expect(before).toBeGreaterThan(WRITERS);

    await server.kill();
    const askedMs = performance.now();
    await expect(store.get("accounts", "0")).rejects.toThrow(UnavailableError);
    await expect(store.ping()).rejects.toThrow();
    expect(performance.now() - askedMs).toBeLessThan(8_000);

    await server.restart();
    const after = acknowledged.length;
    for (let i = 0; i < 100 && acknowledged.length < after + 2 * WRITERS; i++) await sleep(100);
    expect(acknowledged.length).toBeGreaterThanOrEqual(after + 2 * WRITERS);
    isOver = true;
    await Promise.all(writers);

    for (const failure of failures) expect(failure).toBeInstanceOf(UnavailableError);
    expect(failures.length).toBeGreaterThan(0);
    expect(await store.getMany("receipts", acknowledged)).toHaveLength(acknowledged.length);
    // The count beside them went with them.
    for (let writer = 0; writer < WRITERS; writer++) {
      const account = String(writer);
      const receipts = await store.count("receipts", { account });
      expect(await store.get<Account>("accounts", account)).toEqual({ _id: account, receipts });
    }
  });
});
