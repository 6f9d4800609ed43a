import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { loadConfig, settingRows } from "../../lib/config";
import { projectRoot } from "../../lib/project-root";
import { signingKeys } from "../../lib/signing-keys";
import { keysOf, storesOf, urlsOf } from "../../lib/stores";
import { version } from "../../package.json";
import { allServices } from "../../tools/start-services";
import { imageEnvironment } from "./compose-file";
import { environmentOf, matches, parseManifests, workloadsOf } from "./manifests";

const DRAIN_SECONDS = 30;

const text = readFileSync(join(projectRoot, "k8s/emulsion.yaml"), "utf8");
const manifests = parseManifests(text);
const workloads = workloadsOf(manifests);
const nodes = workloads.filter(({ labels }) => labels["app.kubernetes.io/component"] === "node");
const servers = workloads.filter(({ labels }) => labels["app.kubernetes.io/component"] === "server");
const named = (all: typeof workloads) => all.map((workload) => [workload.name, workload] as const);
const has = (kind: string, name: string) =>
  manifests.some((manifest) => manifest.kind === kind && manifest.metadata.name === name);

/** Made in the cluster by a Job, which names it. */
const madeSecret = workloads
  .flatMap(({ pod }) => pod.containers)
  .find(({ command }) => command?.[1] === "dist/tools/keys.js")!.command![3]!;

describe("k8s/emulsion.yaml", () => {
  it("is all that kubectl apply -f k8s/ reads", async () => {
    const files = (await readdir(join(projectRoot, "k8s"))).filter((name) => /\.(ya?ml|json)$/.test(name));
    expect(files).toEqual(["emulsion.yaml"]);
  });

  it("is all in one namespace, in which no pod may be root", () => {
    const [namespace] = manifests.filter(({ kind }) => kind === "Namespace");
    expect(namespace!.metadata).toMatchObject({
      name: "emulsion",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
    const elsewhere = manifests.filter(
      ({ kind, metadata }) => kind !== "Namespace" && metadata.namespace !== "emulsion",
    );
    expect(elsewhere).toEqual([]);
  });

  it("runs each service in a Deployment of its name", () => {
    const run = nodes.map(({ name, kind, pod }) => [
      kind,
      name,
      environmentOf(pod.containers[0]!, manifests)["SERVICES"],
    ]);
    expect(run.sort()).toEqual(allServices.map((name) => ["Deployment", name, name]).sort());
  });

  it("has every server of a fleet: a StatefulSet, with a volume where it keeps something", () => {
    const found = servers.map(({ name, kind, manifest }) => [
      name,
      kind,
      manifest.spec!.volumeClaimTemplates !== undefined,
    ]);
    expect(found.sort()).toEqual([
      ["kafka", "StatefulSet", true],
      ["minio", "StatefulSet", true],
      ["mongodb", "StatefulSet", true],
      ["nats", "StatefulSet", false],
      ["pgdog", "Deployment", false],
      ["redis", "StatefulSet", true],
      ["shard-0", "StatefulSet", true],
      ["shard-1", "StatefulSet", true],
      ["zookeeper", "StatefulSet", true],
    ]);
  });

  it("migrates, and makes keys, in Jobs that are gone before the next version's", () => {
    const jobs = workloads.filter(({ kind }) => kind === "Job");
    expect(jobs.map(({ name }) => name).sort()).toEqual(["migrate", "signing-keys"]);
    for (const { manifest } of jobs) expect(manifest.spec!.ttlSecondsAfterFinished).toBeGreaterThan(0);
  });

  describe.each(named(workloads))("%s", (_, { kind, labels, selector, pod, manifest }) => {
    it("selects its own pods, and no other workload's", () => {
      if (kind === "Job") return expect(selector).toBeUndefined();
      expect(matches(labels, { matchLabels: selector! })).toBe(true);
      expect(workloads.filter((other) => matches(other.labels, { matchLabels: selector! }))).toHaveLength(1);
    });

    it("is never root, has no capability, and is not told of every service", () => {
      expect(pod).toMatchObject({
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      });
      for (const { securityContext } of pod.containers)
        expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
      expect(pod.automountServiceAccountToken === false || has("ServiceAccount", pod.serviceAccountName!)).toBe(true);
    });

    it("asks for what it needs and is bounded", () => {
      for (const { resources } of pod.containers)
        expect(resources).toEqual({
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        });
    });

    it("mounts what there is", () => {
      const claims = (manifest.spec!.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
      const volumes = [...(pod.volumes ?? []).map(({ name }) => name), ...claims];
      const mounted = pod.containers.flatMap(({ volumeMounts }) => volumeMounts ?? []).map(({ name }) => name);
      expect([...new Set(mounted)].sort()).toEqual(volumes.sort());
      for (const { configMap, secret } of pod.volumes ?? []) {
        if (configMap !== undefined)
          expect([configMap.name, has("ConfigMap", configMap.name)]).toEqual([configMap.name, true]);
        if (secret !== undefined && secret.secretName !== madeSecret)
          expect([secret.secretName, has("Secret", secret.secretName)]).toEqual([secret.secretName, true]);
      }
    });

    it("is probed on ports that it has", () => {
      for (const { ports = [], startupProbe, livenessProbe, readinessProbe } of pod.containers) {
        if (kind !== "Job") expect([livenessProbe, readinessProbe]).toEqual([expect.any(Object), expect.any(Object)]);
        for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
          const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
          if (port !== undefined) expect(ports.map(({ name }) => name)).toContain(port);
        }
      }
    });
  });

  it.each(
    manifests.filter(({ kind }) => kind === "Service").map((manifest) => [manifest.metadata.name, manifest] as const),
  )("Service %s leads to one workload's ports", (_, { spec }) => {
    const [target, ...others] = workloads.filter(({ labels }) => matches(labels, { matchLabels: spec!.selector }));
    expect(others).toEqual([]);
    const ports = target!.pod.containers.flatMap((container) => container.ports ?? []).map(({ name }) => name);
    for (const { targetPort } of spec!.ports!) expect(ports).toContain(targetPort);
  });

  it("has a Service for each StatefulSet", () => {
    const sets = workloads.filter(({ kind }) => kind === "StatefulSet");
    for (const { manifest } of sets) expect(has("Service", manifest.spec!.serviceName!)).toBe(true);
  });

  it("lets nobody in but by a policy, and to NATS only nodes", () => {
    const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
    expect(policies.find(({ metadata }) => metadata.name === "closed")!.spec).toEqual({
      podSelector: {},
      policyTypes: ["Ingress"],
    });
    for (const { spec } of policies)
      expect(workloads.some(({ labels }) => matches(labels, spec!.podSelector!))).toBe(true);
    const nats = workloads.find(({ name }) => name === "nats")!;
    const rules = policies
      .filter(({ spec }) => matches(nats.labels, spec!.podSelector!))
      .flatMap(({ spec }) => spec!.ingress ?? []);
    const let_in = workloads.filter(({ labels }) =>
      rules.some(({ from }) => from!.some(({ podSelector }) => matches(labels, podSelector!))),
    );
    expect(let_in.map(({ name }) => name).sort()).toEqual([...allServices].sort());
  });

  describe.each(named(nodes))("node %s", (name, { pod }) => {
    const container = pod.containers[0]!;
    const environment = environmentOf(container, manifests);
    const own = { ...imageEnvironment(), ...environment };

    it("is asked on its ops port, and has more time to end than its drain takes", () => {
      const { startupProbe, livenessProbe, readinessProbe, ports } = container;
      expect([startupProbe, livenessProbe, readinessProbe].map((probe) => probe!.httpGet)).toEqual([
        { path: "/healthz", port: "ops" },
        { path: "/healthz", port: "ops" },
        { path: "/readyz", port: "ops" },
      ]);
      expect(ports).toContainEqual({ name: "ops", containerPort: Number(own["OPS_PORT"]) });
      if (name === "api") expect(ports).toContainEqual({ name: "http", containerPort: Number(own["PORT"]) });
      // Of which the gateway spends five seconds before it is told.
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(DRAIN_SECONDS + 10);
    });

    it("writes nowhere but to /tmp, which is there", () => {
      expect(container.securityContext!.readOnlyRootFilesystem).toBe(true);
      const tmp = container.volumeMounts!.find(({ mountPath }) => mountPath === "/tmp")!;
      expect(pod.volumes!.find((volume) => volume.name === tmp.name)).toHaveProperty("emptyDir");
    });

    it("is given settings that there are, the stores and keys that it uses, and no others", async () => {
      const known = settingRows().map(({ env }) => env);
      expect(Object.keys(environment).filter((key) => !known.includes(key))).toEqual([]);
      const given = Object.keys(environment);
      const stores = Object.entries(urlsOf).filter(([, urls]) => urls.some((url) => given.includes(url)));
      expect(stores.map(([store]) => store).sort()).toEqual([...storesOf[name]!].sort());
      expect(given.filter((key) => key.endsWith("_KEYS_FILE"))).toEqual(keysOf[name] ? [`${keysOf[name]}_FILE`] : []);
    });

    it("starts with them, once its keys are made", async () => {
      const dataDir = await mkdtemp(join(tmpdir(), "emulsion-k8s-"));
      try {
        for (const use of ["jwt", "media"] as const) await signingKeys({ jwtKeys: [], mediaKeys: [], dataDir }, use);
        const here = Object.entries(own).map(([key, value]) => [
          key,
          value.replace(/^\/etc\/emulsion\//, join(dataDir, "keys/")),
        ]);
        expect(() => loadConfig(Object.fromEntries(here) as Record<string, string>)).not.toThrow();
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    });

    it("finds its servers by names that there are", () => {
      const urls = given(
        environment,
        /^(NATS_URL|ZOOKEEPER_URL|KAFKA_BROKERS|DATABASE_URL|DATABASE_SHARDS|MONGODB_URL|REDIS_URL|MINIO_URL)$/,
      );
      expect(urls.length).toBeGreaterThan(0);
      for (const url of urls) {
        const host = url.includes("//") ? new URL(url).hostname : url.split(":")[0]!;
        expect([host, has("Service", host)]).toEqual([host, true]);
      }
    });
  });

  it("names the image of this version, and has pgdog.toml as it stands in deploy/", async () => {
    const images = nodes.map(({ pod }) => pod.containers[0]!.image);
    expect(new Set(images)).toEqual(new Set([`emulsion:${version}`]));
    const [config] = manifests.filter(({ data }) => data?.["pgdog.toml"] !== undefined);
    expect(config!.data!["pgdog.toml"]).toBe(await readFile(join(projectRoot, "deploy/pgdog/pgdog.toml"), "utf8"));
  });

  it("holds no signing key: a Job makes them, and may do nothing else", () => {
    const secrets = manifests.filter(({ kind }) => kind === "Secret");
    const values = secrets.flatMap(({ stringData }) => Object.values(stringData ?? {}));
    expect(values.length).toBeGreaterThan(5);
    expect(values.filter((value) => /(^|,)[\w.-]+:[\w-]{43,}(,|$)/.test(value))).toEqual([]);
    const roles = parse(text.split(/^---$/m).find((part) => /^kind: Role$/m.test(part))!) as { rules: object[] };
    expect(roles.rules).toEqual([{ apiGroups: [""], resources: ["secrets"], verbs: ["create"] }]);
  });
});

function given(environment: Record<string, string>, names: RegExp): string[] {
  return Object.entries(environment)
    .filter(([name]) => names.test(name))
    .flatMap(([, value]) => value.split(","));
}
