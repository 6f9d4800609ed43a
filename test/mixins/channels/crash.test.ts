import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freshDatabase, type FreshDatabase } from "../../setup/fresh-database";
import { sellUntilKilled } from "./sell-until-killed";
import { openShop, type Home } from "./shop";

describe.each<Home>(["postgres", "documents"])("an outbox in %s, after its process was killed", (home) => {
  let database: FreshDatabase;
  let dataDir: string;

  beforeEach(async () => {
    database = await freshDatabase();
    dataDir = await mkdtemp(join(tmpdir(), "emulsion-crash-"));
  });

  afterEach(async () => {
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const sell = (place: string): Promise<string | null> => sellUntilKilled({ home, url: database.url, dataDir, place });
  const seenBefore = async (): Promise<string> => readFile(join(dataDir, "seen"), "utf8").catch(() => "");

  async function startAgain(): Promise<number[]> {
    const got: number[] = [];
    const handlers = { stock: ({ data }: { data: { n: number } }) => void got.push(data.n) };
    const { broker, shop } = await openShop({ home, databaseUrl: database.url, dataDir, handlers });
    for (let i = 0; i < 200 && (await shop.outboxState()).unsent > 0; i++) await new Promise((r) => setTimeout(r, 10));
    expect((await shop.outboxState()).unsent).toBe(0);
    await broker.stop();
    return got;
  }

  it("has nothing of a transaction that was not committed", async () => {
    expect(await sell("outbox.before-commit")).toBe("SIGKILL");
    expect(await startAgain()).toEqual([]);
  });

  it("is delivered at the next start when nothing had been sent", async () => {
    expect(await sell("outbox.read")).toBe("SIGKILL");
    expect(await seenBefore()).toBe("");
    expect(await startAgain()).toEqual([1, 2, 3, 4, 5]);
  });

  it("is delivered once more when it had been handled and not yet marked so", async () => {
    expect(await sell("outbox.delivered")).toBe("SIGKILL");
    expect(await seenBefore()).toBe("1\n2\n3\n4\n5\n");
    expect(await startAgain()).toEqual([1, 2, 3, 4, 5]);
  });
});
