import { useApp } from "../setup/use-app";

declare const NODES: number;

describe("discovery", () => {
  const app = useApp(["discovery", "auth"]);
  const moderator = { id: 1, role: "moderator" as const };

  it("nodes lists every node with its services", async () => {
    const { items } = await app.as(moderator).call("discovery.nodes", {});

    expect(items).toHaveLength(NODES);
    expect(items.flatMap(({ services }) => services).sort()).toEqual(["auth", "discovery"]);
    expect(items.every(({ is_available }) => is_available)).toBe(true);
  });

  it("services tells where each one runs and what it offers", async () => {
    const { items } = await app.as(moderator).call("discovery.services", {});

    expect(items.map(({ name }) => name)).toEqual(["auth", "discovery"]);
    expect(items[1]).toMatchObject({ node_ids: ["node-0"], is_available: true });
    expect(items[1]!.actions).toContain("discovery.nodes");
  });

  it("health is bad while a service of the house is missing", async () => {
    const health = await app.as(moderator).call("discovery.health", {});

    expect(health).toMatchObject({ is_healthy: false, nodes: NODES });
    expect(health.services).toMatchObject({ auth: true, discovery: true, newsfeed: false });
  });

  it("health tells how nodes find each other", async () => {
    const health = await app.as(moderator).call("discovery.health", {});

    expect(health.discoverer).toBe(NODES === 1 ? "in_process" : "heartbeats");
    expect(health.is_zookeeper_connected).toBeNull();
  });

  it("is not for everyone", async () => {
    await expect(app.as({ id: 2 }).call("discovery.nodes", {})).rejects.toMatchObject({ type: "FORBIDDEN" });
    await expect(app.call("discovery.nodes", {})).rejects.toMatchObject({ type: "UNAUTHENTICATED" });
  });
});
