import { loadConfig } from "../../lib/config";
import { newId } from "../../lib/ids";
import type { Database } from "../../mixins/postgres";
import { openDeadLetters } from "../../tools/events";
import { startServices } from "../../tools/start-services";
import { freshDatabase } from "../setup/fresh-database";
import { withFolder } from "./with-folder";

describe("npm run events -- dlq, without Kafka", () => {
  it("lists what the outboxes' groups gave up, and gives it back to the one group asked for", async () => {
    const database = await freshDatabase();
    await withFolder(async (folder) => {
      const config = loadConfig(
        { DATABASE_URL: database.url, DATA_DIR: folder, BCRYPT_COST: "4", LOG_LEVEL: "fatal" },
        { isTool: true },
      );
      const services = await startServices(config, ["auth", "graph", "media", "posts", "newsfeed"], {
        holdsFolder: true,
      });
      const [auth] = services.homes.filter(({ name }) => name === "auth");
      const event_id = newId();
      const event = { event_id, type: "user.deleted", version: 1, occurred_at: new Date().toISOString() };
      // As no code of ours would write it: somebody mended the table by hand.
      await (auth as unknown as { sql: Database }).sql.at(7).query(
        `insert into auth_outbox (event_id, topic, key, aggregate_id, payload, occurred_at)
         values ($1, 'user.deleted', '7', '7', $2, now())`,
        [event_id, { ...event, aggregate_id: "7", data: { user_id: "nobody" } }],
      );
      await auth!.drainOutbox();
      await services.stop();

      const box = await openDeadLetters(config);
      const letters = await box.list({ limit: 10 });
      expect(letters.map(({ group }) => group).sort()).toEqual(["auth", "graph", "media", "newsfeed", "posts"]);
      expect(letters[0]).toMatchObject({
        topic: "user.deleted",
        key: "7",
        error: expect.stringMatching(/user_id/) as string,
      });
      expect(await box.replay({ group: "graph", limit: 10 })).toMatchObject([{ group: "graph" }]);
      expect(await box.list({ group: "graph", limit: 10 })).toEqual([]);
      await box.close();

      // It is as wrong as it was, and back where it lay: closing delivered what was given back.
      const again = await openDeadLetters(config);
      expect(await again.list({ limit: 10 })).toHaveLength(5);
      const [graphs] = await again.list({ group: "graph", limit: 10 });
      expect(graphs!.failed_at > letters[0]!.failed_at).toBe(true);
      await again.close();
    });
    await database.drop();
  }, 120_000);
});
