import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readinessOf } from "../../../mixins/readiness";
import { useNats, type Nats } from "./use-nats";

const echo = { name: "echo", actions: { who: () => "heard" } };

async function expectCalls(nats: Nats, env: Record<string, string>): Promise<void> {
  const caller = await nats.node("caller", [], { env });
  await nats.node("echo", [echo], { env });
  await expect(caller.call("echo.who")).resolves.toBe("heard");
  await expect(readinessOf(caller)).resolves.toMatchObject({ is_ready: true, checks: { nats: true } });
}

function withUserInfo(url: string, userInfo: string): string {
  return url.replace("//", `//${userInfo}@`);
}

describe("NATS that asks for a user and a password", () => {
  const nats = useNats("--user", "emulsion", "--pass", "p@ss/word");

  it("is told both, as the URL has them", async () => {
    const url = withUserInfo(nats.env["NATS_URL"]!, `emulsion:${encodeURIComponent("p@ss/word")}`);
    await expectCalls(nats, { NATS_URL: url });
  });
});

describe("NATS that asks for a token", () => {
  const nats = useNats("--auth", "s3cret-token");

  it("is told it, as the URL has it", async () => {
    await expectCalls(nats, { NATS_URL: withUserInfo(nats.env["NATS_URL"]!, "s3cret-token") });
  });
});

describe("NATS that speaks TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "emulsion-tls-"));
  const [certificate, key] = [join(folder, "server.crt"), join(folder, "server.key")];
  // Signed by itself, so that it is its own authority.
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"],
      ...["-subj", "/CN=nats", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
    ],
    { stdio: "pipe" },
  );
  afterAll(() => rmSync(folder, { recursive: true }));
  const nats = useNats("--tls", "--tlscert", certificate, "--tlskey", key);

  it("is believed by the authority that the configuration names", async () => {
    const url = nats.env["NATS_URL"]!.replace("nats://", "tls://");
    await expectCalls(nats, { NATS_URL: url, NATS_CA_FILE: certificate });
  });
});
