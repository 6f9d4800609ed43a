import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { runningProcess } from "../../../lib/running-process";
import { runningEmbedded, startEmbedded, type EmbeddedPostgres } from "../../../mixins/postgres/embedded";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** One long journey of one data folder, for making a folder takes a second. */
describe("startEmbedded", () => {
  let home: string;
  let folder: string;
  let server: EmbeddedPostgres;
  const others: EmbeddedPostgres[] = [];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "emulsion-embedded-"));
    await chmod(home, 0o755);
    folder = join(home, "some data", "postgres");
    server = await startEmbedded({ folder, log });
    await query(server.url, "create table notes (text text); insert into notes values ('kept')");
  });

  afterAll(async () => {
    for (const one of [server, ...others]) await one.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function query(url: string, sql: string): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return ((await client.query(sql)) as { rows: unknown[] }).rows;
    } finally {
      await client.end();
    }
  }

  const notes = () => query(server.url, "select text from notes");

  it("lets nobody in without the password of its folder", async () => {
    const url = new URL(server.url);
    expect(url.hostname).toBe("127.0.0.1");
    url.password = "wrong";

    await expect(query(url.href, "select 1")).rejects.toThrow("password authentication failed");
  });

  it("runs in a process group of its own, which a terminal's Ctrl-C does not reach", async () => {
    if (process.platform !== "linux") return expect(server.pid).toBeGreaterThan(0);
    const stat = await readFile(`/proc/${server.pid}/stat`, "utf8");
    const [, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");

    expect([Number(group), Number(session)]).toEqual([server.pid, server.pid]);
  });

  it("ends when it is stopped, though somebody is connected, and has its data at the next start", async () => {
    const idle = new Client({ connectionString: server.url });
    idle.on("error", () => undefined);
    await idle.connect();
    const { pid } = server;
    await server.stop();
    await server.stop();
    expect(await runningProcess(pid)).toBeUndefined();
    expect(await runningEmbedded(folder)).toBeUndefined();

    server = await startEmbedded({ folder, log });
    expect(server.pid).not.toBe(pid);
    expect(await notes()).toEqual([{ text: "kept" }]);
    expect(await runningEmbedded(folder)).toBe(server.url);
  });

  it("recovers what was committed after the server was killed", async () => {
    await query(server.url, "insert into notes values ('just before')");
    process.kill(server.pid, "SIGKILL");
    server = await startEmbedded({ folder, log });

    expect(await notes()).toEqual([{ text: "kept" }, { text: "just before" }]);
  });

  it("starts though the pid that a killed server left now belongs to another program", async () => {
    process.kill(server.pid, "SIGKILL");
    while (await runningProcess(server.pid)) await new Promise((resolve) => setTimeout(resolve, 10));
    const file = join(folder, "postmaster.pid");
    const [, ...rest] = (await readFile(file, "utf8")).split("\n");
    const bystander = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    await writeFile(file, [bystander.pid, ...rest].join("\n"));
    server = await startEmbedded({ folder, log });

    expect(await notes()).toHaveLength(2);
    bystander.kill("SIGKILL");
    await once(bystander, "exit");
  });

  it("attaches to the server that a killed Node left running, and stops it", async () => {
    await server.stop();
    const starter = spawn(
      process.execPath,
      [
        "-e",
        `require("tsx/cjs");
         require(process.argv[1]).startEmbedded({ folder: process.argv[2], log: console })
           .then(({ pid }) => (console.log("pid " + pid), setInterval(() => {}, 1000)));`,
        join(__dirname, "../../../mixins/postgres/embedded.ts"),
        folder,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const [said] = (await once(starter.stdout, "data")) as [Buffer];
    starter.kill("SIGKILL");
    await once(starter, "exit");
    server = await startEmbedded({ folder, log });

    expect(`pid ${server.pid}`).toBe(said.toString().trim());
    expect(await notes()).toHaveLength(2);
    await server.stop();
    expect(await runningProcess(server.pid)).toBeUndefined();
    server = await startEmbedded({ folder, log });
  });

  it("refuses a folder of another PostgreSQL version, says what to do and touches nothing", async () => {
    const old = join(home, "old");
    await mkdir(join(old, "base"), { recursive: true });
    await writeFile(join(old, "PG_VERSION"), "17\n");

    await expect(startEmbedded({ folder: old, log })).rejects.toThrow(/made by PostgreSQL 17.*DATA_DIR/s);
    expect((await readdir(old)).sort()).toEqual(["PG_VERSION", "base"]);
    expect(await readdir(home)).not.toContain("old.new");
  });

  it("refuses a folder that holds something else", async () => {
    const photos = join(home, "photos");
    await mkdir(photos);
    await writeFile(join(photos, "cat.jpg"), "meow");

    await expect(startEmbedded({ folder: photos, log })).rejects.toThrow("no data folder of PostgreSQL");
    expect(await readdir(photos)).toEqual(["cat.jpg"]);
  });

  it("starts under a home that others may not enter, over what a killed first start left", async () => {
    const closed = join(home, "closed");
    await mkdir(closed, { mode: 0o700 });
    await mkdir(join(closed, "postgres.new", "data"), { recursive: true });
    await writeFile(join(closed, "postgres.new", "data", "PG_VERSION"), "18\n");
    const hidden = await startEmbedded({ folder: join(closed, "postgres"), log, isThrowaway: true });
    others.push(hidden);

    expect(await query(hidden.url, "select 1 as n")).toEqual([{ n: 1 }]);
    await hidden.stop();
    expect(await readdir(closed)).toEqual(["postgres"]);
  });

  it("starts again after its home was closed to others", async () => {
    await server.stop();
    await chmod(home, 0o700);
    server = await startEmbedded({ folder, log });
    expect(await notes()).toHaveLength(2);
    await server.stop();

    await chmod(home, 0o755);
    server = await startEmbedded({ folder, log });
    expect(await notes()).toHaveLength(2);
  });
});
