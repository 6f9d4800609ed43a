import { join } from "node:path";
import { answers } from "../answers";
import { hasDebianPackages, unpackDebianPackages } from "../install/debian-packages";
import { goInstall } from "../install/go-install";
import { cached } from "../install/tool-cache";
import { versionOf } from "../install/version-of";
import { versions } from "../install/versions";
import { launchProgram } from "../launch-program";
import type { ServerKind } from "../server-kind";

/** NATS as Debian builds it, else from its source. */
export const nats: ServerKind<string> = {
  size: 1,
  ports: ["client"],

  async install() {
    if (hasDebianPackages()) {
      const folder = await cached("nats", "debian", (into) => unpackDebianPackages("nats", ["nats-server"], into));
      return join(folder, "usr", "sbin", "nats-server");
    }
    const module = `github.com/nats-io/nats-server/v2@${versions.nats}`;
    const folder = await cached("nats", versions.nats, (into) => goInstall("nats", module, into, "about 2 minutes"));
    return join(folder, "nats-server");
  },

  version: (program) => versionOf(program, ["--version"]),

  async start(program, { places, extra }, index) {
    const { folder, ports } = places[index]!;
    await launchProgram({
      program,
      args: ["-a", "127.0.0.1", "-p", String(ports["client"]), ...extra],
      folder,
      isReady: () => answers(ports["client"]!, "", "INFO"),
    });
  },

  env: async ({ places }) => ({ NATS_URL: `nats://127.0.0.1:${places[0]!.ports["client"]}` }),
};
