import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type Service } from "moleculer";
import { attachConfig, loadConfig } from "../../../lib/config";
import { databaseOf, postgres, postgresMiddleware, type Database } from "../../../mixins/postgres";
import { runningEmbedded } from "../../../mixins/postgres/embedded";
import { freshDatabase } from "../../setup/fresh-database";
import { testKeys } from "../../setup/test-keys";

function brokerWith(env: Record<string, string>): ServiceBroker {
  const broker = new ServiceBroker({ logger: false, middlewares: [postgresMiddleware()] });
  attachConfig(broker, loadConfig({ ...testKeys, ...env }));
  broker.createService({
    name: "notes",
    mixins: [postgres("notes")],
    async started(this: Service & { sql: Database }) {
      await this.sql.at(1).query("create table if not exists notes (text text)");
    },
    actions: {
      async add(this: Service & { sql: Database }, ctx) {
        await this.sql.at(1).query("insert into notes values ($1)", [(ctx.params as { text: string }).text]);
        const { rows } = await this.sql.at(1).query<{ n: number }>("select count(*) as n from notes");
        return rows[0]?.n;
      },
    },
  });
  return broker;
}

describe("a broker with postgresMiddleware", () => {
  it("starts PostgreSQL before its services, stops it after them, and keeps the data", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "emulsion-broker-"));
    const folder = join(dataDir, "postgres");
    try {
      for (const count of [1, 2]) {
        const broker = brokerWith({ DATA_DIR: dataDir });
        await broker.start();
        expect(await broker.call("notes.add", { text: "hello" })).toBe(count);
        expect(await runningEmbedded(folder)).toBeDefined();
        await broker.stop();
        expect(await runningEmbedded(folder)).toBeUndefined();
      }
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it("uses the server of DATABASE_URL, one database for the whole broker", async () => {
    const fresh = await freshDatabase();
    const broker = brokerWith({ DATABASE_URL: fresh.url });
    await broker.start();
    expect(await broker.call("notes.add", { text: "hello" })).toBe(1);
    expect(await databaseOf(broker)).toBe(await databaseOf(broker));

    await broker.stop();
    await fresh.drop();
  });
});
