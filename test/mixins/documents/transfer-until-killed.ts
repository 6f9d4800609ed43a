/** Run by crash.test.ts as a process of its own: moves amounts between accounts, and tells each acknowledged one. */
import { writeSync } from "node:fs";
import { armFailpoint } from "../../../mixins/failpoint";
import { openNedbStore } from "../../../mixins/documents/nedb-store";

interface Account {
  _id: string;
  amount: number;
}

const [folder = "", place = "", transfersBefore = "0", isSynced = "true"] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function main(): Promise<void> {
  const collections = { accounts: { indexes: [] }, receipts: { indexes: [["at"]] } };
  const store = await openNedbStore({ folder, collections, log: silent, isSynced: isSynced === "true" });
  await store.transaction(async (tx) => {
    await tx.insert<Account>("accounts", { _id: "alice", amount: 1000 });
    await tx.insert<Account>("accounts", { _id: "bob", amount: 1000 });
  });
  const first = await store.count("receipts", {});
  const transfer = (i: number) =>
    store.transaction(async (tx) => {
      await tx.update<Account>("accounts", "alice", { increment: { amount: -1 } });
      await tx.update<Account>("accounts", "bob", { increment: { amount: 1 } });
      await tx.insert("receipts", { _id: `r${i}`, at: new Date() });
    });
  for (let i = 0; i < Number(transfersBefore); i++) {
    await transfer(first + i);
    writeSync(1, `r${first + i}\n`);
  }
  armFailpoint(place, () => {
    process.kill(process.pid, "SIGKILL");
  });
  await transfer(first + Number(transfersBefore));
  writeSync(1, `r${first + Number(transfersBefore)}\n`);
}

void main();
