import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { goInstall } from "../install/go-install";
import { cached } from "../install/tool-cache";
import { versions } from "../install/versions";
import { launchProgram } from "../launch-program";
import type { ServerKind } from "../server-kind";

const USER = "emulsion";
const BUCKET = "emulsion";

/** MinIO, whose makers publish its source alone. The bucket is made by a node that starts on it. */
export const minio: ServerKind<string> = {
  size: 1,
  ports: ["client", "console"],

  async install() {
    const module = `github.com/minio/minio@${versions.minio}`;
    const folder = await cached("minio", versions.minio.slice(1), (into) =>
      goInstall("minio", module, into, "about 4 minutes"),
    );
    return join(folder, "minio");
  },

  /** The date in the module's pseudo-version, as MinIO numbers its releases. */
  version: async () => versions.minio.replace(/^.*-(\d{4})(\d\d)(\d\d)\d{6}-.*$/, "$1-$2-$3"),

  async start(program, { places, token, extra }, index) {
    const { folder, ports } = places[index]!;
    const data = join(folder, "data");
    await mkdir(data, { recursive: true });
    await launchProgram({
      program,
      args: [
        ...["server", data, "--quiet", "--address", `127.0.0.1:${ports["client"]}`],
        ...["--console-address", `127.0.0.1:${ports["console"]}`, ...extra],
      ],
      folder,
      env: { MINIO_ROOT_USER: USER, MINIO_ROOT_PASSWORD: token, MINIO_UPDATE: "off", MINIO_BROWSER: "off" },
      isReady: () => isReady(ports["client"]!),
    });
  },

  env: async ({ places, token }) => ({
    MINIO_URL: `http://${USER}:${token}@127.0.0.1:${places[0]!.ports["client"]}/${BUCKET}`,
  }),
};

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/minio/health/ready`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
