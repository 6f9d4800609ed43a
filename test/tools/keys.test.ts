import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadConfig } from "../../lib/config";
import { projectRoot } from "../../lib/project-root";
import { withFolder } from "./with-folder";

describe("npm run keys", () => {
  it("makes keys once, in files that production takes", async () => {
    await withFolder(async (folder) => {
      const make = () =>
        promisify(execFile)(process.execPath, [join(projectRoot, "dist/tools/keys.js")], {
          env: { DATA_DIR: folder, PATH: process.env["PATH"] },
        });
      const files = [join(folder, "keys", "jwt.keys"), join(folder, "keys", "media.keys")] as const;
      const read = () => Promise.all(files.map((file) => readFile(file, "utf8")));

      expect((await make()).stdout).toContain(join(folder, "keys"));
      const first = await read();
      await make();
      expect(await read()).toEqual(first);
      const config = loadConfig({ NODE_ENV: "production", JWT_KEYS_FILE: files[0], MEDIA_KEYS_FILE: files[1] });
      expect([config.jwtKeys, config.mediaKeys]).toEqual(first.map((text) => [text.trim()]));
    });
  });
});
