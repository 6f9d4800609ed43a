import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../../lib/project-root";
import { type Overlay, renderOverlay } from "../../../tools/kubernetes/render-overlay";
import { cached } from "../../../tools/servers/install/tool-cache";
import { onPath } from "../../../tools/servers/install/toolchain";
import { versions } from "../../../tools/servers/install/versions";
import { allServices } from "../../../tools/start-services";
import { matches, parseManifests, workloadsOf } from "../../deploy/manifests";
import { tempRoot } from "../../setup/temp-root";

const run = promisify(execFile);

/** The oldest release of Kubernetes that the manifests are for. */
const KUBERNETES = "1.32";

/** The program that knows the schemas of every release, without a cluster. */
async function validator(): Promise<string> {
  const version = versions.kubernetesValidate;
  const folder = await cached("kubernetes-validate", version, async (into) => {
    await run("python3", ["-m", "venv", "--copies", join(into, "venv")]);
    await run(join(into, "venv/bin/python3"), ["-m", "pip", "install", "--quiet", `kubernetes-validate==${version}`]);
  });
  return join(folder, "venv/bin/python3");
}

function describeWith(programs: readonly (readonly string[])[], title: string, tests: () => void): void {
  const missing = programs.filter((these) => these.every((program) => onPath(program) === undefined));
  const names = missing.map((these) => these.join(" or ")).join(", ");
  if (missing.length === 0) describe(title, tests);
  else if (process.env["CI"] === "true")
    it(`${title}: needs ${names}`, () => {
      throw new Error(`PATH has no ${names}.`);
    });
  else describe.skip(`${title} (skipped: no ${names})`, tests);
}

describeWith([["kubectl", "kustomize", "go"], ["python3"]], "the manifests of Kubernetes", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tempRoot(), "emulsion-manifests-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What the validator says of a file; strictly: a field that Kubernetes does not know is a fault. */
  async function faultsOf(text: string): Promise<string> {
    const file = join(folder, "manifests.yaml");
    await writeFile(file, text);
    const args = ["-m", "kubernetes_validate", "-k", KUBERNETES, "--strict", file];
    return run(await validator(), args).then(
      () => "",
      (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`,
    );
  }

  it("are rendered into k8s/emulsion.yaml as they stand in k8s/ (npm run k8s)", async () => {
    const committed = await readFile(join(projectRoot, "k8s/emulsion.yaml"), "utf8");
    // As objects, for kubectl and kustomize may differ in layout.
    expect(parseManifests(committed)).toEqual(parseManifests(await renderOverlay("dev")));
  }, 300_000);

  it.each<Overlay>(["dev", "prod"])(
    "of the overlay %s are what Kubernetes takes",
    async (overlay) => {
      const text = await renderOverlay(overlay);
      expect(parseManifests(text).length).toBeGreaterThan(10);
      expect(await faultsOf(text)).toBe("");
    },
    300_000,
  );

  it("of the overlay prod are our nodes alone, each kept from being emptied at once, and scale Deployments that there are", async () => {
    const prod = parseManifests(await renderOverlay("prod"));
    const workloads = workloadsOf(prod);
    const nodes = workloads.filter(({ kind }) => kind === "Deployment");
    expect(nodes.map(({ name }) => name).sort()).toEqual([...allServices].sort());
    expect(workloads.filter(({ kind }) => kind !== "Deployment").map(({ name }) => name)).toEqual(["migrate"]);
    expect(prod.filter(({ kind }) => kind === "Secret")).toEqual([]);

    const scaled = prod
      .filter(({ kind }) => kind === "HorizontalPodAutoscaler")
      .map(({ spec }) => spec!.scaleTargetRef!.name);
    expect(scaled.sort()).toEqual(["api", "newsfeed"]);
    // A number of their own would be put back at every apply.
    for (const { name, manifest } of nodes)
      expect([name, manifest.spec!.replicas]).toEqual([name, scaled.includes(name) ? undefined : 2]);
    const budgets = prod.filter(({ kind }) => kind === "PodDisruptionBudget").map(({ spec }) => spec!.selector!);
    const kept = budgets.map((selector) =>
      workloads.filter(({ labels }) => matches(labels, selector)).map(({ name }) => name),
    );
    expect(kept.flat().sort()).toEqual([...allServices].sort());
  });

  it("would not pass with a field that there is not", async () => {
    const text = (await renderOverlay("dev")).replace("terminationGracePeriodSeconds", "terminationGraceSeconds");
    expect(await faultsOf(text)).toContain("terminationGraceSeconds");
  }, 300_000);
});
