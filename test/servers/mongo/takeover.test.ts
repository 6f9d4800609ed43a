import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openShop } from "../../mixins/channels/shop";
import { freshDatabase } from "../../setup/fresh-database";
import { describeOn } from "../../setup/servers";
import { freshMongo } from "./fresh-mongo";

describeOn(["MONGODB_URL", "DATABASE_URL"], "an outbox on MongoDB whose relay was killed", () => {
  let doomed: ChildProcess | undefined;
  afterEach(() => doomed?.kill("SIGKILL"));

  it("is relayed by the other node a few seconds later, in order, and not before", async () => {
    const mongo = freshMongo();
    const database = await freshDatabase();
    const got: number[] = [];
    const stock = ({ data }: { data: { n: number } }): void => void got.push(data.n);
    const script = join(__dirname, "relay-until-killed.ts");
    doomed = spawn(process.execPath, ["--import", "tsx", script, database.url, tmpdir(), mongo.url], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(doomed.stdout!, "data");

    const env = { MONGODB_URL: mongo.url };
    const options = { home: "documents" as const, databaseUrl: database.url, dataDir: tmpdir(), handlers: { stock } };
    const { broker, shop } = await openShop({ ...options, nodeID: "heir", env });
    try {
      // Longer than a lease lasts: it is the holder's while that lives.
      await sleep(4_000);
      expect(got).toEqual([]);

      const killedMs = performance.now();
      doomed.kill("SIGKILL");
      while (got.length < 5 && performance.now() - killedMs < 15_000) await sleep(20);
      const tookMs = performance.now() - killedMs;
      expect(got).toEqual([1, 2, 3, 4, 5]);
      expect(tookMs).toBeLessThan(10_000);
      await shop.drainOutbox();
      expect(got).toEqual([1, 2, 3, 4, 5]);
    } finally {
      await broker.stop();
      await mongo.drop();
      await database.drop();
    }
  });
});
