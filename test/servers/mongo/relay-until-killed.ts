/** Run by takeover.test.ts as a process of its own: holds the outbox of a shop, and handles its events without end. */
import { writeSync } from "node:fs";
import { openShop } from "../../mixins/channels/shop";

async function main(databaseUrl: string, dataDir: string, mongodbUrl: string): Promise<void> {
  const stock = async (): Promise<void> => {
    writeSync(1, "handling\n");
    await new Promise(() => undefined);
  };
  const env = { MONGODB_URL: mongodbUrl };
  const options = { home: "documents" as const, databaseUrl, dataDir, handlers: { stock }, nodeID: "doomed", env };
  const { shop } = await openShop(options);
  for (let i = 0; i < 5; i++) await shop.change("inherited");
}

const [databaseUrl, dataDir, mongodbUrl] = process.argv.slice(2) as [string, string, string];
void main(databaseUrl, dataDir, mongodbUrl);
