import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigError } from "../../lib/config";
import { loadConfig } from "../../lib/config";
import { newKey } from "../../lib/signing-keys";

describe("JWT_KEYS_FILE and MEDIA_KEYS_FILE", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "emulsion-key-files-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function fileOf(text: string): Promise<string> {
    const file = join(folder, `${Math.random()}`.slice(2));
    await writeFile(file, text);
    return file;
  }

  function faults(env: Record<string, string>): string[] {
    try {
      loadConfig(env);
      return [];
    } catch (error) {
      return (error as ConfigError).faults;
    }
  }

  it("give the keys that production asks for, the newest first", async () => {
    const [newest, older, media] = [newKey(), newKey(), newKey()];
    const config = loadConfig({
      NODE_ENV: "production",
      JWT_KEYS_FILE: await fileOf(`${newest}\n${older}\n`),
      MEDIA_KEYS_FILE: await fileOf(media),
    });
    expect(config).toMatchObject({ jwtKeys: [newest, older], mediaKeys: [media] });
  });

  it("are not read where the keys themselves are set", () => {
    const key = newKey();
    expect(loadConfig({ JWT_KEYS: key, JWT_KEYS_FILE: join(folder, "missing") }).jwtKeys).toEqual([key]);
  });

  it("are faults when they cannot be read, hold nothing, or hold no key", async () => {
    const missing = join(folder, "missing");
    const empty = await fileOf("\n");
    expect(faults({ JWT_KEYS_FILE: missing, MEDIA_KEYS_FILE: empty })).toEqual([
      `JWT_KEYS_FILE: ${missing} cannot be read (ENOENT)`,
      `MEDIA_KEYS_FILE: ${empty} holds no key`,
    ]);
    expect(faults({ JWT_KEYS_FILE: await fileOf("a:short") })).toEqual([
      expect.stringMatching(/^JWT_KEYS: each key is/),
    ]);
    expect(faults({ NODE_ENV: "production", JWT_KEYS_FILE: missing })).toContain(
      "JWT_KEYS: required by auth with NODE_ENV=production",
    );
  });
});
