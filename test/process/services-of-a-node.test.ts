import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerProcess } from "../setup/server-process";

describe("a node of some services, as npm start runs it", () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "emulsion-node-"));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it("fails at once on a name that there is not, with those that there are", async () => {
    const { code, output } = await new ServerProcess(dataDir, { SERVICES: "auth,likes" }).startAndFail();
    expect(code).toBe(2);
    expect(output).toMatch(/SERVICES: there is no likes; there are .*newsfeed.*discovery/);
    expect(await readdir(dataDir)).toEqual([]);
  }, 60_000);

  it("has these and no other, and neither starts nor keeps what they do not use", async () => {
    const node = await new ServerProcess(dataDir, { SERVICES: "discovery, posts" }).start();
    try {
      expect(node.output).toMatch(/services +discovery, posts\n/);
      expect(node.output).toMatch(/gateway +none on this node/);
      expect(node.output).not.toMatch(/PostgreSQL|media /);
      expect(await readdir(dataDir)).toEqual(expect.not.arrayContaining(["postgres", "keys"]));
      expect((await fetch(`${node.opsUrl}/readyz`)).status).toBe(200);
    } finally {
      expect(await node.end("SIGTERM")).toBe(0);
    }
  }, 60_000);
});
