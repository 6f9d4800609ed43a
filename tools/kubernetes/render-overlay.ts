import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../lib/project-root";
import { goInstall } from "../servers/install/go-install";
import { cached } from "../servers/install/tool-cache";
import { onPath } from "../servers/install/toolchain";
import { versions } from "../servers/install/versions";

export type Overlay = "dev" | "prod";

/** The manifests of an overlay in k8s/, as kubectl or kustomize makes them. @throws {MissingToolchainError} where there is neither, nor go. */
export async function renderOverlay(overlay: Overlay): Promise<string> {
  const [program, ...args] = await kustomize();
  const folder = join(projectRoot, "k8s", "overlays", overlay);
  const { stdout } = await promisify(execFile)(program!, [...args, folder], { maxBuffer: 16 * 1024 ** 2 });
  return stdout;
}

async function kustomize(): Promise<string[]> {
  const kubectl = onPath("kubectl");
  if (kubectl !== undefined) return [kubectl, "kustomize"];
  const own = onPath("kustomize");
  if (own !== undefined) return [own, "build"];
  const version = versions.kustomize;
  const module = `sigs.k8s.io/kustomize/kustomize/v5@${version}`;
  const folder = await cached("kustomize", version, (into) =>
    goInstall("kustomize", module, into, "about half a minute"),
  );
  return [join(folder, "kustomize"), "build"];
}
