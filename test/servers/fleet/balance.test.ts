import { Gateway } from "../../setup/http-client";
import { describeOn } from "../../setup/servers";
import { fleetServers, useFleet } from "../../setup/use-fleet";

describeOn(fleetServers, "a fleet on real servers", () => {
  const app = useFleet();
  const gateway = new Gateway(app, () => app.nextGateway());

  async function readsOf(opsUrl: string): Promise<number> {
    const metrics = await (await fetch(`${opsUrl}/metrics`)).text();
    return Number(/^newsfeed_read_ms_bucket\{.*le="\+Inf"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
  }

  it("shares calls between both newsfeed nodes, whichever gateway they come through", async () => {
    const alice = await gateway.person("alice");
    for (let i = 0; i < 200; i += 1) expect((await alice.get("/feed")).status).toBe(200);
    const reads = await Promise.all(app.fleet.of("newsfeed").map(({ opsUrl }) => readsOf(opsUrl)));
    expect(reads[0]! + reads[1]!).toBe(200);
    expect(Math.min(...reads)).toBeGreaterThan(50);
  });

  it("shows every node and service to a moderator", async () => {
    const alice = await gateway.person("alice");
    await app.call("auth.grantRole", { username: alice.user.username, role: "moderator" });
    alice.accessToken = (
      await alice.post("/auth/login", { username: alice.user.username, password: alice.password })
    ).body.access_token;
    const { body: nodes } = await alice.get("/discovery/nodes");
    const served = nodes.items.flatMap(({ services }: { services: string[] }) => services);
    for (const service of ["auth", "graph", "media", "posts", "discovery"])
      expect(served.filter((name: string) => name === service)).toHaveLength(1);
    for (const service of ["newsfeed", "api"])
      expect(served.filter((name: string) => name === service)).toHaveLength(2);
    const { body: health } = await alice.get("/discovery/health");
    expect(health.is_healthy).toBe(true);
  });
});
