import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../../lib/project-root";
import { runningProcess } from "../../../lib/running-process";
import { settings } from "../../../lib/settings";
import { guard } from "../../../tools/servers/guard-server";
import { describeOn } from "../../setup/servers";
import { tempRoot } from "../../setup/temp-root";

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

describeOn(["NATS_URL", "REDIS_URL", "DATABASE_SHARDS"], "npm run servers", () => {
  let home: string;
  let dismissals: (() => void)[] = [];

  beforeAll(async () => {
    home = await mkdtemp(join(tempRoot(), "emulsion-servers-command-"));
    // What the command starts outlives it, and must not outlive a run of ours that is killed.
    const folders = ["nats", "redis", "shards", "postgres"].map((name) => join(home, name));
    dismissals = await Promise.all([...folders.map((folder) => guard(folder)), guard(home, { remove: true })]);
  });

  afterAll(async () => {
    await servers("down");
    await rm(home, { recursive: true, force: true });
    for (const dismiss of dismissals) dismiss();
  });

  /** The command as npm starts it, on a home of our own. */
  async function servers(...args: string[]): Promise<Answer> {
    const command = ["--import", "tsx", "tools/servers.ts", ...args, "--home", home];
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: projectRoot });
      return { code: 0, stdout, stderr };
    } catch (error) {
      return error as Answer;
    }
  }

  async function pidOf(name: string): Promise<number> {
    const { stdout } = await servers("status", name);
    return Number(/process (\d+)/.exec(stdout)?.[1]);
  }

  it("says what there is where a name or a command is unknown", async () => {
    await expect(servers("up", "nats", "oracle")).resolves.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("There is no oracle. There are nats, zookeeper, kafka,"),
    });
    await expect(servers("pu")).resolves.toMatchObject({ code: 1, stderr: expect.stringContaining("Usage:") });
    await expect(servers("status", "nats")).resolves.toMatchObject({ stdout: expect.stringMatching(/nats +down/) });
  });

  it("prints no settings while nothing is up", async () => {
    await expect(servers("env")).resolves.toMatchObject({ code: 1, stdout: "" });
  });

  it("brings up what is asked for, and prints settings that a node takes", async () => {
    const up = await servers("up", "nats", "redis", "shards", "postgres");
    expect(up).toMatchObject({ code: 0, stdout: expect.stringMatching(/nats +up after/) });

    const { stdout } = await servers("env");

    const lines = stdout.trim().split("\n");
    const names = ["NATS_URL", "DATABASE_SHARDS", "REDIS_URL", "JWT_KEYS", "MEDIA_KEYS"];
    expect(lines.map((line) => line.split("=")[0])).toEqual(names);
    for (const [name, value] of lines.map((line) => line.split(/=(.*)/s))) {
      const { schema } = Object.values(settings).find(({ env }) => env === name)!;
      expect(schema.safeParse(value)).toMatchObject({ success: true });
    }
  });

  it("prints them fit for export by a shell", async () => {
    const { stdout } = await servers("env");
    const lines = stdout.trim().split("\n");
    const names = lines.map((line) => line.split("=")[0]!);
    const script = 'export $(cat) && for name in "$@"; do echo "$name=$(printenv "$name")"; done';
    const shell = promisify(execFile)("sh", ["-c", script, "shell", ...names]);
    shell.child.stdin!.end(stdout);
    expect((await shell).stdout.trim().split("\n")).toEqual(lines);
    // Nothing in it is a space or a pattern to a shell.
    expect(stdout).toMatch(/^[\w=:/@.,+\n-]+$/);
  });

  it("keeps the keys between calls, for their owner alone", async () => {
    const keysOf = async () => (await servers("env")).stdout.match(/^(JWT|MEDIA)_KEYS=.*$/gm);
    expect(await keysOf()).toEqual(await keysOf());
    expect((await stat(join(home, "keys", "jwt.keys"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, "redis", "server.json"))).mode & 0o777).toBe(0o600);
  });

  it("leaves what is up as it is, and starts again on the same port what was killed", async () => {
    const [nats, redis] = [await pidOf("nats"), await pidOf("redis")];
    const before = (await servers("env", "redis")).stdout;
    process.kill(redis, "SIGKILL");

    const { stdout } = await servers("up", "nats", "redis");

    expect(stdout).toMatch(/nats +was up already/);
    expect(stdout).toMatch(/redis +up after/);
    expect(await pidOf("nats")).toBe(nats);
    expect(await pidOf("redis")).not.toBe(redis);
    expect((await servers("env", "redis")).stdout).toBe(before);
  });

  it("ends what it is told to, and what it started in all", async () => {
    const pids = [await pidOf("nats"), await pidOf("redis"), await pidOf("shards"), await pidOf("postgres")];
    await expect(servers("down", "redis")).resolves.toMatchObject({ stdout: "Ended redis.\n" });
    await expect(servers("down")).resolves.toMatchObject({ stdout: "Ended nats, postgres, shards.\n" });
    await expect(servers("down")).resolves.toMatchObject({ stdout: "None of them was up.\n" });
    await expect(Promise.all(pids.map(runningProcess))).resolves.toEqual(pids.map(() => undefined));
  });

  it("names the toolchain that is missing, and the server that this costs", async () => {
    const command = ["--import", "tsx", "tools/servers.ts", "up", "redis", "kafka", "--home", home];
    const env = { ...process.env, PATH: join(projectRoot, "no-programs-here") };
    const ended = promisify(execFile)(process.execPath, command, { cwd: projectRoot, env });
    await expect(ended).rejects.toMatchObject({ code: 1 });
    const { stdout, stderr } = (await ended.catch((error: unknown) => error)) as Answer;
    expect(stdout).toMatch(/kafka +FAILED +kafka needs java/);
    expect(stdout).toMatch(/redis +FAILED +redis needs redis-server and redis-cli/);
    expect(stderr).toContain("Not up: kafka, redis.");
    await expect(readFile(join(home, "kafka", "server.json"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
