import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, picture } from "../setup/http-client";
import { ServerProcess } from "../setup/server-process";

describe("the embedded default, as npm start runs it", () => {
  let dataDir: string;
  let running: ServerProcess | undefined;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "emulsion-process-"));
  });
  afterEach(async () => {
    await running?.end("SIGTERM");
    running = undefined;
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(env: Record<string, string> = {}): Promise<ServerProcess> {
    running = new ServerProcess(dataDir, env);
    return running.start();
  }

  async function register(server: ServerProcess, username: string): Promise<Client> {
    const client = server.client();
    const { status, body } = await client.post("/auth/register", {
      username,
      email: `${username}@example.com`,
      password: "a password",
    });
    expect(status).toBe(201);
    client.user = body.user;
    client.accessToken = body.access_token;
    return client;
  }

  async function postgresPid(): Promise<number> {
    const text = await readFile(join(dataDir, "postgres", "postmaster.pid"), "utf8");
    return Number(text.split("\n")[0]);
  }

  function isAlive(pid: number): boolean {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  /** What came before is delivered, or the doomed process would die of that instead. */
  async function expectNothingUnderway(server: ServerProcess, alice: Client): Promise<void> {
    const until = Date.now() + 20_000;
    while ((await alice.get(`/graph/stats/${alice.user.id}`)).body.follower_count < 3 && Date.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await server.client().get("//healthz")).status).toBe(200);
  }

  it("says where it is, stops all of itself on Ctrl-C, and finds its data again", async () => {
    const first = await start();
    expect(first.output).toContain(dataDir);
    const alice = await register(first, "alice");
    const media = await alice.uploaded(await picture());
    const { body: post } = await alice.post("/posts", { caption: "kept", media_ids: [media.id] });
    const pid = await postgresPid();
    const bob = await register(first, "bob");
    await bob.post(`/graph/follow/${alice.user.id}`);
    await alice.get("/feed");
    const metrics = await (await fetch(`${first.opsUrl}/metrics`)).text();
    for (const name of [
      "newsfeed_read_ms",
      "newsfeed_cache_requests",
      "newsfeed_rebuilds",
      "graph_follows",
      "posts_created_total",
      "media_upload_bytes",
      "process_memory_rss",
      "process_eventloop_utilization",
    ]) {
      expect(metrics).toContain(name);
    }
    expect((await fetch(`${first.opsUrl}/readyz`)).status).toBe(200);
    expect((await first.client().get("//metrics")).status).toBe(404);

    expect(await first.end("SIGINT")).toBe(0);
    expect(isAlive(pid)).toBe(false);

    const second = await start();
    alice.accessToken = (
      await second.client().post("/auth/login", { username: "alice", password: "a password" })
    ).body.access_token;
    const again = second.client();
    again.accessToken = alice.accessToken;
    expect((await again.get(`/posts/${post.id}`)).body).toMatchObject({
      caption: "kept",
      media: [{ status: "ready" }],
    });
  }, 60_000);

  it("refuses a data folder that another process holds, or of another PostgreSQL, and touches neither", async () => {
    const holder = await start();
    const refused = await new ServerProcess(dataDir).startAndFail();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(String(holder.pid));
    expect((await holder.client().get("//healthz")).status).toBe(200);
    await holder.end("SIGTERM");

    await writeFile(join(dataDir, "postgres", "PG_VERSION"), "12\n");
    const before = await readdir(join(dataDir, "postgres"));
    const old = await new ServerProcess(dataDir).startAndFail();
    expect(old.code).not.toBe(0);
    expect(old.output).toMatch(/12[\s\S]*(pg_dump|pg_upgrade|another folder|DATA_DIR)/);
    expect(await readdir(join(dataDir, "postgres"))).toEqual(before);
  }, 60_000);

  it("leaves no PostgreSQL behind when its start fails", async () => {
    const first = await start();
    const { port } = new URL(first.url);
    await first.end("SIGTERM");
    const holder = createServer().listen(Number(port), "127.0.0.1");
    try {
      const { code } = await new ServerProcess(dataDir, { PORT: port }).startAndFail();
      expect(code).not.toBe(0);
    } finally {
      holder.close();
    }
    const until = Date.now() + 10_000;
    const isGone = async () => (await readdir(join(dataDir, "postgres"))).every((name) => name !== "postmaster.pid");
    while (!(await isGone()) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await isGone()).toBe(true);
  }, 60_000);

  it("lists every fault of a bad configuration at once and ends with 2", async () => {
    const { code, output } = await new ServerProcess(dataDir, {
      PORT: "many",
      REDIS_URL: "http://x",
      NODE_ENV: "production",
    }).startAndFail();
    expect(code).toBe(2);
    for (const name of ["PORT", "REDIS_URL", "JWT_KEYS", "RATE_LIMITS"]) expect(output).toContain(name);
  }, 60_000);

  it.each(["outbox.read", "outbox.delivered"])(
    "killed at %s, between a post's answer and the end of its fan-out, brings it to every follower once",
    async (point) => {
      const first = await start();
      const alice = await register(first, "alice");
      const followers = [];
      for (const name of ["bob", "carol", "dave"]) {
        const follower = await register(first, name);
        await follower.post(`/graph/follow/${alice.user.id}`);
        followers.push(follower);
      }
      const media = await alice.uploaded(await picture());
      for (const follower of followers) expect((await follower.get("/feed")).body.items).toEqual([]);
      await expectNothingUnderway(first, alice);
      await first.end("SIGTERM");

      const doomed = await start({ FAILPOINT: point });
      const author = doomed.client();
      author.accessToken = (
        await doomed.client().post("/auth/login", { username: "alice", password: "a password" })
      ).body.access_token;
      const { status, body: post } = await author.post("/posts", { caption: "survives", media_ids: [media.id] });
      expect(status).toBe(201);
      await doomed.ended();

      const third = await start();
      for (const name of ["bob", "carol", "dave"]) {
        const reader = third.client();
        reader.accessToken = (
          await third.client().post("/auth/login", { username: name, password: "a password" })
        ).body.access_token;
        // The events that the death left are delivered by themselves; a read is right at any time.
        const { body } = await reader.get("/feed");
        const until = Date.now() + 20_000;
        let items = body.items;
        while (items.length === 0 && Date.now() < until) items = (await reader.get("/feed")).body.items;
        expect(items.map(({ id }: { id: string }) => id)).toEqual([post.id]);
        expect((await reader.get("/feed/metadata")).body.total_items).toBe(1);
      }
    },
    90_000,
  );
});
