import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, settingRows } from "../../lib/config";
import { projectRoot } from "../../lib/project-root";
import { keysOf, storesOf, urlsOf } from "../../lib/stores";
import { signingKeys } from "../../lib/signing-keys";
import { allServices } from "../../tools/start-services";
import { composeFiles, imageEnvironment, nodesOf, ownContainers, readCompose } from "./compose-file";

/** Longer than a node drains. */
const DRAIN_SECONDS = 30;

/** Taste in the order and quoting of keys: ours is Prettier's. */
const taste = [
  "no-quotes-in-volumes",
  "require-quotes-in-ports",
  "service-dependencies-alphabetical-order",
  "service-keys-order",
  "service-ports-alphabetical-order",
  "services-alphabetical-order",
  "top-level-properties-order",
  // Cannot read a variable: the address is asked for below.
  "no-unbound-port-interfaces",
  // Built where it is not there yet, and named so that all containers share it.
  "no-build-and-image",
];

/** The linter's own types do not resolve in a CommonJS project. */
type LintResults = { messages: { rule: string; line: number; message: string }[] }[];

async function faultsOf(file: string): Promise<string[]> {
  const { DCLinter } = await import("dclint");
  const rules = Object.fromEntries(taste.map((rule) => [rule, 0 as const]));
  const linter = new DCLinter({ rules, quiet: true, debug: false, exclude: [] });
  const results = linter.lintFiles([join(projectRoot, file)], false) as LintResults;
  return results.flatMap(({ messages }) => messages).map(({ rule, line, message }) => `${line}: ${rule}: ${message}`);
}

function bytes(limit: string | undefined): number {
  const [, number, unit] = /^(\d+)([mg])$/.exec(limit ?? "")!;
  return Number(number) * (unit === "g" ? 1024 ** 3 : 1024 ** 2);
}

describe.each(composeFiles)("%s", (file) => {
  const compose = readCompose(file);
  const environments = ownContainers(compose).map(([name, { environment }]) => [name, environment ?? {}] as const);

  it("is valid by the schema of Compose and by the linter", async () => {
    expect(await faultsOf(file)).toEqual([]);
  });

  it.each(environments)("sets nothing for %s that lib/config.ts does not know", (_, environment) => {
    const known = [...settingRows().map(({ env }) => env), "NODE_ENV"];
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("takes from the shell only settings of ours, and what docs/operations.md tells of", async () => {
    const [text, told] = await Promise.all(
      [file, "docs/operations.md"].map((path) => readFile(join(projectRoot, path), "utf8")),
    );
    const taken = new Set([...text!.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!));
    expect(taken.size).toBeGreaterThan(5);
    const known = settingRows().map(({ env }) => env);
    expect([...taken].filter((name) => !known.includes(name) && !told!.includes(`\`${name}\``))).toEqual([]);
  });

  it("waits only for what is there, until it is healthy or done", () => {
    const waits = Object.values(compose.services).flatMap(({ depends_on }) => Object.entries(depends_on ?? {}));
    expect(waits.length).toBeGreaterThan(0);
    for (const [name, { condition }] of waits) {
      const isJob = compose.services[name]!.restart === undefined;
      expect([name, condition]).toEqual([name, isJob ? "service_completed_successfully" : "service_healthy"]);
    }
  });

  it("restarts what ends, asks it for its health, and bounds its memory", async () => {
    const image = await readFile(join(projectRoot, "Dockerfile"), "utf8");
    for (const [name, { build, restart, healthcheck, mem_limit }] of Object.entries(compose.services)) {
      const isAsked = healthcheck?.test !== undefined || (build !== undefined && /^HEALTHCHECK/m.test(image));
      const isJob = restart === undefined;
      expect([name, isJob || (restart === "unless-stopped" && isAsked)]).toEqual([name, true]);
      expect([name, isJob && healthcheck?.disable !== true]).toEqual([name, false]);
      expect([name, bytes(mem_limit)]).toEqual([name, expect.any(Number)]);
    }
  });

  it("gives our containers a read-only root, no capability, and nodes more time than their drain takes", () => {
    for (const [, container] of ownContainers(compose)) {
      expect(container).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
    }
    for (const [, { stop_grace_period }] of nodesOf(compose))
      expect(parseInt(stop_grace_period!)).toBeGreaterThan(DRAIN_SECONDS);
  });

  it("opens no port to other machines unless told to", () => {
    const ports = Object.values(compose.services).flatMap(({ ports }) => ports ?? []);
    expect(ports).toContain("127.0.0.1:8080:8080");
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    const opened = readCompose(file, { GATEWAY_ADDRESS: "0.0.0.0" });
    expect(Object.values(opened.services).flatMap(({ ports }) => ports ?? [])).toContain("0.0.0.0:8080:8080");
  });

  it("names only hosts that it has", () => {
    const urls = environments.flatMap(([, environment]) =>
      Object.entries(environment)
        .filter(([name]) => /_(URL|SHARDS|BROKERS)$/.test(name) && !/^(PUBLIC|CDN_BASE|MINIO_PUBLIC|TRACE)_/.test(name))
        .flatMap(([, value]) => String(value).split(",")),
    );
    const hosts = urls.map((url) => (url.includes("//") ? new URL(url).hostname : url.split(":")[0]!));
    expect(hosts.length).toBeGreaterThan(0);
    expect(hosts.filter((host) => !(host in compose.services))).toEqual([]);
  });

  describe("with keys as its job makes them", () => {
    let dataDir: string;
    beforeAll(async () => {
      dataDir = await mkdtemp(join(tmpdir(), "emulsion-compose-"));
      for (const use of ["jwt", "media"] as const) await signingKeys({ jwtKeys: [], mediaKeys: [], dataDir }, use);
    });
    afterAll(() => rm(dataDir, { recursive: true, force: true }));

    it.each(environments)("configures %s so that it starts", (name, environment) => {
      const here = Object.entries({ ...imageEnvironment(), ...environment }).map(([name, value]) => [
        name,
        String(value).replace(/^\/var\/lib\/emulsion\/keys\//, join(dataDir, "keys/")),
      ]);
      const isTool = compose.services[name]!.restart === undefined;
      expect(() => loadConfig(Object.fromEntries(here) as Record<string, string>, { isTool })).not.toThrow();
    });
  });
});

describe("docker-compose.yml", () => {
  const compose = readCompose("docker-compose.yml");

  it("runs each service in a container of its name", () => {
    const run = nodesOf(compose).map(([name, { environment }]) => [name, environment?.["SERVICES"]]);
    expect(Object.fromEntries(run)).toEqual(Object.fromEntries(allServices.map((name) => [name, name])));
  });

  it.each(nodesOf(compose))("gives %s the stores and keys that it uses, and no others", (name, { environment }) => {
    const given = Object.keys(environment!);
    const stores = Object.entries(urlsOf).filter(([, urls]) => urls.some((url) => given.includes(url)));
    expect(stores.map(([store]) => store).sort()).toEqual([...storesOf[name]!].sort());
    const keys = Object.values(keysOf).filter((setting) => given.includes(setting));
    expect(keys).toEqual(keysOf[name] === undefined ? [] : [keysOf[name]]);
  });

  it("has nodes wait for keys, tables and every server that always runs", () => {
    const servers = Object.entries(compose.services).filter(([, { build, profiles }]) => !build && !profiles);
    const direct = ["shard-0", "shard-1"];
    for (const [, { depends_on }] of nodesOf(compose)) {
      expect(Object.keys(depends_on!)).toEqual(
        expect.arrayContaining([
          "keys",
          "migrate",
          ...servers.map(([name]) => name).filter((n) => !direct.includes(n)),
        ]),
      );
      for (const [name, { required }] of Object.entries(depends_on!))
        expect([name, required ?? true]).toEqual([name, compose.services[name]!.profiles === undefined]);
    }
  });

  it("has three brokers in the profile kafka-ha, and an environment file that makes nodes use them", async () => {
    const text = await readFile(join(projectRoot, "deploy/kafka-ha.env"), "utf8");
    const variables = Object.fromEntries(
      [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
    );
    const brokers = Object.entries(compose.services).filter(([, { profiles }]) => profiles?.includes("kafka-ha"));
    const { services } = readCompose("docker-compose.yml", variables);

    expect(variables["COMPOSE_PROFILES"]).toBe("kafka-ha");
    expect(services["newsfeed"]!.environment).toMatchObject({
      KAFKA_BROKERS: brokers.map(([name]) => `${name}:9092`).join(","),
      KAFKA_REPLICATION: String(brokers.length),
    });
    expect(brokers.map(([, { environment }]) => environment?.["KAFKA_NODE_ID"])).toEqual([1, 2, 3]);
  });
});

describe("docker-compose.small.yml", () => {
  it("fits a machine of 2 GB, with room for the system itself", () => {
    const stay = Object.values(readCompose("docker-compose.small.yml").services).filter(({ restart }) => restart);
    const sum = stay.reduce((total, { mem_limit }) => total + bytes(mem_limit), 0);
    expect(sum).toBeLessThanOrEqual(1800 * 1024 ** 2);
  });

  it("runs every service in its one container", () => {
    const nodes = nodesOf(readCompose("docker-compose.small.yml"));
    expect(nodes.map(([name]) => name)).toEqual(["app"]);
    expect(nodes[0]![1].environment).not.toHaveProperty("SERVICES");
  });
});
