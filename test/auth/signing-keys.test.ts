import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publicMediaUrl } from "../../lib/media-url";
import { signingKeys } from "../../lib/signing-keys";
import { AccessTokens } from "../../services/auth/access-tokens";

describe("signingKeys", () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "emulsion-keys-"));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));
  const unset = { jwtKeys: [], mediaKeys: [] };

  it("makes one key however many ask at once, for each use another, and keeps them", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => signingKeys({ ...unset, dataDir }, "jwt")));
    const media = await signingKeys({ ...unset, dataDir }, "media");

    const secrets = new Set(all.map(({ newest }) => `${newest.kid} ${newest.key.export().toString("hex")}`));
    expect(secrets.size).toBe(1);
    expect(media.newest.key.equals(all[0]!.newest.key)).toBe(false);
    expect((await readdir(join(dataDir, "keys"))).sort()).toEqual(["jwt.keys", "media.keys"]);
  });

  it("lets nobody else read them", async () => {
    await signingKeys({ ...unset, dataDir }, "jwt");
    expect((await stat(join(dataDir, "keys"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, "keys", "jwt.keys"))).mode & 0o777).toBe(0o600);
  });

  it("signs with the newest of several, verifies with all, and trusts none that was taken out", async () => {
    const line = (kid: string) => `${kid}:${randomBytes(32).toString("base64url")}`;
    const [old, fresh] = [line("old"), line("new")];
    const settings = { jwtIssuer: "a", jwtAudience: "b", accessTokenSeconds: 60 };
    const tokensOf = async (jwtKeys: string[]) =>
      new AccessTokens(await signingKeys({ ...unset, jwtKeys, dataDir }, "jwt"), settings);
    const before = (await tokensOf([old])).sign({ id: 7, role: "user" }, "s");

    const both = await tokensOf([fresh, old]);
    expect(both.verify(before)).toMatchObject({ user_id: 7, session_id: "s" });
    const after = both.sign({ id: 7, role: "user" }, "s");
    const only = await tokensOf([fresh]);
    expect(only.verify(after)).toMatchObject({ user_id: 7 });
    expect(() => only.verify(before)).toThrow("valid access token");
    await expect(readdir(dataDir)).resolves.toEqual([]);
  });

  it("says which file is broken rather than make a new key in its place", async () => {
    await signingKeys({ ...unset, dataDir }, "jwt");
    const file = join(dataDir, "keys", "jwt.keys");
    await writeFile(file, "");
    await expect(signingKeys({ ...unset, dataDir }, "jwt")).rejects.toThrow(file);
  });
});

describe("publicMediaUrl", () => {
  it("takes the CDN before the gateway, and a bare path without either", () => {
    const [cdnBaseUrl, publicUrl] = ["https://cdn.example/", "https://example.com"];
    expect(publicMediaUrl({ cdnBaseUrl, publicUrl }, "/media/a")).toBe("https://cdn.example/media/a");
    expect(publicMediaUrl({ cdnBaseUrl: undefined, publicUrl }, "/media/a")).toBe("https://example.com/media/a");
    expect(publicMediaUrl({ cdnBaseUrl: undefined, publicUrl: undefined }, "/media/a")).toBe("/media/a");
  });
});
