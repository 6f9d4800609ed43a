import { existsSync, statSync } from "node:fs";
import { runChild } from "./run-child";
import { log, useFolder } from "./nedb-folder";

const place = useFolder({ accounts: { indexes: [] }, receipts: { indexes: [["at"]] } });

describe("a commit killed with SIGKILL", () => {
  it.each([
    ["documents.before-redo", "nothing"],
    ["documents.redo-written", "all"],
    ["documents.half-applied", "all"],
    ["documents.applied", "all"],
  ])("at %s leaves %s of itself and everything acknowledged", async (failpoint, left) => {
    // Killed twice, so that the second run starts from what the first one left.
    const first = await runChild("transfer-until-killed.ts", [place.folder, failpoint, "3", "true"]);
    const second = await runChild("transfer-until-killed.ts", [place.folder, failpoint, "2", "false"]);
    expect([first.errors, first.signal, second.errors, second.signal]).toEqual(["", "SIGKILL", "", "SIGKILL"]);
    expect(existsSync(place.file("redo.json"))).toBe(left === "all");

    const store = await place.open();
    const receipts = left === "all" ? 7 : 5;
    expect(await store.count("receipts", {})).toBe(receipts);
    expect(await store.get("accounts", "alice")).toEqual({ _id: "alice", amount: 1000 - receipts });
    expect(await store.get("accounts", "bob")).toEqual({ _id: "bob", amount: 1000 + receipts });
    const acknowledged = [...first.lines, ...second.lines];
    expect(acknowledged).toHaveLength(5);
    expect(await store.getMany("receipts", acknowledged)).toHaveLength(5);
    for (const { at } of await store.find<{ _id: string; at: Date }>("receipts", { query: {} }))
      expect(at).toBeInstanceOf(Date);
    expect(existsSync(place.file("redo.json"))).toBe(false);
  });
});

describe("a compaction killed with SIGKILL", () => {
  it("leaves every document, and the next one works", async () => {
    const killed = await runChild("compact-until-killed.ts", [place.folder]);
    expect([killed.errors, killed.signal]).toEqual(["", "SIGKILL"]);
    expect(statSync(place.file("receipts.db~")).size).toBeLessThan(statSync(place.file("receipts.db")).size);

    const store = await place.open();
    expect(await store.count("receipts", {})).toBe(20_000);
    expect(await store.get("receipts", "r19999")).toMatchObject({ at: new Date(19_999) });
    expect(existsSync(place.file("receipts.db~"))).toBe(false);
    expect(log.error).not.toHaveBeenCalled();
  });
});
