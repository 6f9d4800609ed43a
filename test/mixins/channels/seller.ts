import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { armFailpoint } from "../../../mixins/failpoint";
import { openShop, type Home } from "./shop";

/** A process of its own: changes one order five times, and dies at the failpoint as `kill -9` would have it. */
async function main(home: Home, databaseUrl: string, dataDir: string, place: string, env: string): Promise<void> {
  armFailpoint(place, () => void process.kill(process.pid, "SIGKILL"));
  const seen = join(dataDir, "seen");
  const handlers = { stock: ({ data }: { data: { n: number } }) => appendFileSync(seen, `${data.n}\n`) };
  const { shop } = await openShop({
    home,
    databaseUrl,
    dataDir,
    handlers,
    env: JSON.parse(env) as Record<string, string>,
  });
  await shop.transaction(async (tx) => {
    for (let n = 1; n <= 5; n++) await shop.publish(tx, "order.changed", { order_id: "a", customer_id: 7, n });
  });
  await shop.drainOutbox();
}

const [home, databaseUrl, dataDir, place, env] = process.argv.slice(2) as [Home, string, string, string, string];
void main(home, databaseUrl, dataDir, place, env);
