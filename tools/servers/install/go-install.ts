import { runBuild } from "./run-build";
import { needOnPath } from "./toolchain";

/** Builds a Go program from its module's source into the folder. */
export async function goInstall(server: string, module: string, folder: string, expected: string): Promise<void> {
  const [go] = needOnPath(server, "go");
  await runBuild({
    title: `${server}: building from source with go`,
    program: go!,
    args: ["install", module],
    cwd: folder,
    env: { GOBIN: folder },
    expected,
  });
}
