import { holdDataFolder, holderOf } from "../../lib/data-folder";
import { loadConfig } from "../../lib/config";
import { runningEmbedded } from "../../mixins/postgres/embedded";
import { grantRole } from "../../tools/admin";
import { migrateAll } from "../../tools/migrate";
import { startServices } from "../../tools/start-services";
import { freshDatabase } from "../setup/fresh-database";
import { join } from "node:path";
import { withFolder } from "./with-folder";

const configIn = (folder: string, env: Record<string, string> = {}) =>
  loadConfig({ DATA_DIR: folder, BCRYPT_COST: "4", LOG_LEVEL: "error", ...env }, { isTool: true });

const alice = { username: "alice", email: "alice@example.com", password: "correct horse" };

describe("npm run admin -- grant-role", () => {
  it("works beside a running server, whose folder and PostgreSQL stay its own, and without one", async () => {
    await withFolder(async (folder) => {
      const config = configIn(folder);
      const postgres = join(config.dataDir, "postgres");
      const server = await startServices(config, ["auth"], { holdsFolder: true });
      const url = await runningEmbedded(postgres);
      await server.call("auth.register", alice);

      await expect(grantRole(config, "alice", "admin")).resolves.toMatchObject({ username: "alice", role: "admin" });
      expect(await holderOf(config.dataDir)).toBe(process.pid);
      expect(await runningEmbedded(postgres)).toBe(url);
      const { users } = await server.call("auth.findByUsernames", { usernames: ["alice"] });
      expect(users[0]?.role).toBe("admin");
      // Only services that are not there can take the change of the account: it waits, and is no dead letter.
      expect(await server.homes[0]!.outboxState()).toMatchObject({ unsent: 1, dead: 0 });
      await server.stop();

      await expect(grantRole(config, "alice", "moderator")).resolves.toMatchObject({ role: "moderator" });
      expect(await runningEmbedded(postgres)).toBeUndefined();
      expect(await holderOf(config.dataDir)).toBeUndefined();
    });
  }, 60_000);

  it("says so when nobody bears the name, or there is no data at all", async () => {
    const database = await freshDatabase();
    await withFolder(async (folder) => {
      const config = configIn(folder, { DATABASE_URL: database.url });
      await expect(grantRole(config, "nobody", "admin")).rejects.toThrow("Nobody is called nobody.");
      await expect(grantRole(configIn(folder), "alice", "admin")).rejects.toThrow(/no accounts in .* yet/);
    });
    await database.drop();
  }, 30_000);
});

describe("npm run migrate", () => {
  it("brings up the tables of every service that has some, as often as it is run", async () => {
    const database = await freshDatabase();
    await withFolder(async (folder) => {
      const config = configIn(folder, { DATABASE_URL: database.url });
      const services = ["newsfeed", "media", "graph", "auth"];
      await expect(migrateAll(config)).resolves.toEqual(services);
      await expect(migrateAll(config)).resolves.toEqual(services);
    });
    await database.drop();
  }, 30_000);

  it("is refused while a server holds the folder, and touches nothing in it", async () => {
    await withFolder(async (folder) => {
      const held = await holdDataFolder(folder);
      await expect(migrateAll(configIn(folder))).rejects.toThrow(/is in use by process/);
      expect(await runningEmbedded(join(folder, "postgres"))).toBeUndefined();
      expect(await holderOf(folder)).toBe(process.pid);
      await held.release();
    });
  });
});
