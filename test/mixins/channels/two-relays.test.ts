import { tmpdir } from "node:os";
import { freshDatabase } from "../../setup/fresh-database";
import { describeTwoRelays } from "./two-relays.conformance";

describeTwoRelays("postgres", async () => {
  const database = await freshDatabase();
  return {
    options: { home: "postgres", databaseUrl: database.url, dataDir: tmpdir() },
    drop: () => database.drop(),
  };
});
