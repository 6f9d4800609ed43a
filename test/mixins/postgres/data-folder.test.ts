import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataFolderInUseError, holdDataFolder, holderOf } from "../../../lib/data-folder";

const HOLD = `
  require("tsx/cjs");
  const { holdDataFolder } = require(process.argv[1]);
  holdDataFolder(process.argv[2]).then(
    () => (console.log("held"), setInterval(() => {}, 1000)),
    (error) => (console.log("refused " + error.message), process.exit()),
  );`;

describe("holdDataFolder", () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "emulsion-lock-"));
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  });

  async function holdElsewhere(): Promise<{ child: ChildProcess; said: string }> {
    const source = join(__dirname, "../../../lib/data-folder.ts");
    const child = spawn(process.execPath, ["-e", HOLD, source, folder], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    return { child, said: said.toString().trim() };
  }

  it("makes the folder, and leaves nothing in it after the release", async () => {
    const inner = join(folder, "a", "b");
    const held = await holdDataFolder(inner);
    expect(await holderOf(inner)).toBe(process.pid);
    await held.release();

    expect(await readdir(inner)).toEqual([]);
    expect(await holderOf(inner)).toBeUndefined();
  });

  it("refuses while another process holds it, names that process and changes nothing", async () => {
    const { child, said } = await holdElsewhere();
    expect(said).toBe("held");
    const before = await readdir(folder);
    const lock = await readFile(join(folder, before[0]!), "utf8");

    await expect(holdDataFolder(folder)).rejects.toThrow(DataFolderInUseError);
    await expect(holdDataFolder(folder)).rejects.toThrow(`process ${child.pid}`);
    expect(await readdir(folder)).toEqual(before);
    expect(await readFile(join(folder, before[0]!), "utf8")).toBe(lock);
  });

  it("takes over from a process that was killed", async () => {
    const { child } = await holdElsewhere();
    child.kill("SIGKILL");
    await once(child, "exit");
    const held = await holdDataFolder(folder);

    expect(await holderOf(folder)).toBe(process.pid);
    expect((await holdElsewhere()).said).toContain(
      `refused The data folder ${folder} is in use by process ${process.pid}`,
    );
    await held.release();
  });

  it("takes over when the holder's pid now belongs to another process", async () => {
    await writeFile(join(folder, "in-use.1.json"), JSON.stringify({ pid: process.ppid, started_at: "long ago" }));
    const held = await holdDataFolder(folder);

    expect(await holderOf(folder)).toBe(process.pid);
    await held.release();
  });

  it("takes over from a lock file that a full disk cut short", async () => {
    await writeFile(join(folder, "in-use.1.json"), '{"pid":');
    const held = await holdDataFolder(folder);
    await held.release();

    expect(await readdir(folder)).toEqual([]);
  });

  it("lets one in, of many that race for what a killed process left", async () => {
    await writeFile(join(folder, "in-use.1.json"), JSON.stringify({ pid: process.pid, started_at: "long ago" }));
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => holdDataFolder(folder)));

    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await readdir(folder)).toEqual(["in-use.2.json"]);
  });
});
