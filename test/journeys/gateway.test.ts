import { request as httpRequest } from "node:http";
import { prefix, routes } from "../../services/api/routes";
import { useGateway } from "../setup/http-client";

const id = "0123456789abcdef01234567";

/** The path of a route with something in each of its holes. */
function filled(path: string): string {
  return path
    .replace("{username}", "nobody_here")
    .replace("{user_id}", "123456")
    .replace(/\{\w+\}/g, id);
}

describe("the gateway", () => {
  const gateway = useGateway({ CORS_ORIGINS: "https://app.example.com" });

  it.each(routes.filter(({ access }) => access !== "anyone").map(({ method, path }) => [method, path]))(
    "asks for a token at %s %s",
    async (method, path) => {
      const { status, body } = await gateway.stranger().send(method, filled(path));
      expect({ status, type: body.error.type }).toEqual({ status: 401, type: "UNAUTHENTICATED" });
    },
  );

  it.each(routes.map(({ method, path }) => [method, path]))(
    "refuses an unknown field at %s %s",
    async (method, path) => {
      const alice = await known();
      const withBody = method === "POST" || method === "PATCH";
      const { status, body } = await alice.send(
        method,
        filled(path) + (withBody ? "" : "?surprise=1"),
        withBody ? { body: { surprise: 1 } } : {},
      );
      expect(status).toBe(422);
      expect(body.error.details.fields).toContainEqual({ field: "surprise", message: "is not known here" });
    },
  );

  it("answers a method that an address does not take with 405 and those that it takes", async () => {
    const alice = await known();
    const { status, headers, body } = await alice.send("PATCH", "/feed");
    expect(status).toBe(405);
    expect(headers.get("allow")).toBe("GET, HEAD");
    expect(body.error.type).toBe("METHOD_NOT_ALLOWED");
  });

  it("answers HEAD as GET without a body", async () => {
    const alice = await known();
    const { status, body, headers } = await alice.send("HEAD", "/users/me");
    expect({ status, body }).toEqual({ status: 200, body: "" });
    expect(Number(headers.get("content-length"))).toBeGreaterThan(0);
  });

  it.each([
    ["no JSON", "{", 400, "MALFORMED_REQUEST"],
    ["a list", "[]", 400, "MALFORMED_REQUEST"],
    ["a megabyte", JSON.stringify({ caption: "x".repeat(1_000_000) }), 413, "PAYLOAD_TOO_LARGE"],
  ])("refuses %s as a body", async (_, body, status, type) => {
    const alice = await known();
    const answer = await alice.post("/posts", body);
    expect({ status: answer.status, type: answer.body.error.type }).toEqual({ status, type });
  });

  it("refuses a body of another type", async () => {
    const alice = await known();
    const answer = await alice.post("/posts", "caption=hi", {
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(answer.status).toBe(415);
  });

  it("takes no prototype from a body", async () => {
    const alice = await known();
    const { status, body } = await alice.patch("/users/me", '{"__proto__":{"is_private":true},"bio":"x"}');
    expect(status).toBe(200);
    expect(body.is_private).toBe(false);
  });

  it.each([
    "/feed?limit=0",
    "/feed?limit=101",
    "/feed?limit=ten",
    "/feed?cursor=nonsense",
    "/posts",
    "/posts?user_id=1&hashtag=x",
    "/posts?ids[$ne]=1",
    "/feed?limit=5&limit=6",
  ])("refuses %s with a 422", async (path) => {
    expect((await (await known()).get(path)).status).toBe(422);
  });

  it("tells no stranger what went wrong inside, and gives every answer an id", async () => {
    const alice = await known();
    const { body, headers } = await alice.get(`/posts/${id}`, { headers: { "x-request-id": "my-own-id" } });
    expect(body.error).toEqual({ type: "POST_NOT_FOUND", message: expect.any(String), request_id: "my-own-id" });
    expect(headers.get("x-request-id")).toBe("my-own-id");
    const odd = await alice.get(`/posts/${id}`, { headers: { "x-request-id": "not one; of ours" } });
    expect(odd.body.error.request_id).not.toContain(";");
  });

  it("refuses a token that is none", async () => {
    const stranger = gateway.stranger();
    for (const authorization of ["Bearer nonsense", "Basic YTpi", "Bearer "]) {
      expect((await stranger.get("/users/me", { headers: { authorization } })).status).toBe(401);
    }
  });

  it("lets in browsers of exactly the named origins", async () => {
    const stranger = gateway.stranger();
    const preflight = (origin: string) =>
      stranger.send("OPTIONS", "/feed", { headers: { origin, "access-control-request-method": "GET" } });
    const good = await preflight("https://app.example.com");
    expect(good.status).toBe(204);
    expect(good.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    for (const origin of ["https://app.example.co", "https://app.example.com.evil.test", "null"]) {
      expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("describes each of its routes in OpenAPI 3.1, and shows them on a page that needs no other server", async () => {
    const stranger = gateway.stranger();
    const { body } = await stranger.get("/openapi.json");
    expect(body.openapi).toBe("3.1.0");
    for (const { method, path, status } of routes) {
      const operation = body.paths[`${prefix}${path}`]?.[method.toLowerCase()];
      expect(Object.keys(operation.responses)).toContain(String(status));
    }
    const refs = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(refs.length).toBeGreaterThan(20);
    for (const name of refs) expect(body.components.schemas).toHaveProperty(name!);

    const page = await stranger.get("//docs");
    expect(page.status).toBe(200);
    const assets = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    expect(assets.length).toBeGreaterThan(2);
    for (const url of assets) {
      expect(url).toMatch(/^\/docs\//);
      expect((await stranger.get(`/${url}`)).status).toBe(200);
    }
    expect((await stranger.get("//docs/package.json")).status).toBe(404);
  });

  it("says whether it lives and whether it is ready", async () => {
    const stranger = gateway.stranger();
    expect((await stranger.get("//healthz")).body).toEqual({ is_alive: true });
    const { status, body } = await stranger.get("//readyz");
    expect({ status, isReady: body.is_ready }).toEqual({ status: 200, isReady: true });
    expect(body.checks).toMatchObject({ auth: true, newsfeed: true });
  });

  it("keeps what a node tells the others of itself small, and without a schema or a secret", () => {
    const info = JSON.stringify(gateway.app.broker.registry.getLocalNodeInfo(true));
    expect(info.length).toBeLessThan(64 * 1024);
    expect(info).not.toMatch(/"def"|postgres:\/\//);
  });

  it("publishes no action that has no route", async () => {
    const alice = await known();
    for (const path of [
      "//auth/grantRole",
      "//auth.grantRole",
      "//api/v1/auth/grantRole",
      "//$node/health",
      "//~node/health",
      "//api/list-aliases",
    ]) {
      expect((await alice.get(path)).status).toBe(404);
    }
  });

  it("survives paths that are no paths", async () => {
    const status = await new Promise((resolve, reject) => {
      const url = new URL(gateway.url());
      httpRequest({ host: url.hostname, port: url.port, path: "/api/v1/users/%E0%A4%A", headers: {} }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect([400, 401, 404]).toContain(status);
  });

  let someone: Promise<Awaited<ReturnType<typeof gateway.person>>> | undefined;
  function known() {
    return (someone ??= gateway.person("alice"));
  }
});

describe("the gateway's limits", () => {
  const gateway = useGateway({
    RATE_LIMITS: "on",
    RATE_LIMIT_AUTH: "4",
    RATE_LIMIT_WRITES: "2",
    RATE_LIMIT_READS: "4",
  });

  it("count logins by address and the rest by user, and say how it stands", async () => {
    const alice = await gateway.person("alice");
    const reads = [];
    for (let i = 0; i < 5; i += 1) reads.push(await alice.get("/users/me"));
    expect(reads.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
    expect(reads[0]!.headers.get("ratelimit-limit")).toBe("4");
    expect(reads[3]!.headers.get("ratelimit-remaining")).toBe("0");
    expect(Number(reads[4]!.headers.get("retry-after"))).toBeGreaterThan(0);

    // By the fast way too, which is counted with the rest.
    const bob = await gateway.person("bob");
    const feeds = [];
    for (let i = 0; i < 5; i += 1) feeds.push(await bob.get(i % 2 === 0 ? "/feed" : "/users/me"));
    expect(feeds.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
    expect(feeds[2]!.headers.get("ratelimit-remaining")).toBe("1");
    expect(Number(feeds[4]!.headers.get("retry-after"))).toBeGreaterThan(0);

    const writes = [];
    for (let i = 0; i < 3; i += 1) writes.push((await alice.patch("/users/me", { bio: String(i) })).status);
    expect(writes).toEqual([200, 200, 429]);

    const logins = [];
    for (let i = 0; i < 3; i += 1) {
      logins.push(
        (
          await gateway
            .stranger()
            .post("/auth/login", { username: "x", password: "y" }, { headers: { "x-forwarded-for": `10.0.0.${i}` } })
        ).status,
      );
    }
    expect(logins).toEqual([401, 401, 429]);
  });
});
