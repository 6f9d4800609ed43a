import { join } from "node:path";
import { parseArgs } from "node:util";
import { newKey, signingKeys } from "../lib/signing-keys";
import { createSecret } from "./keys/create-secret";
import { runTool, toolConfig } from "./run-tool";

const usage = `Usage: npm run keys [-- --kubernetes-secret NAME]

Makes the signing keys of access tokens and media URLs, for JWT_KEYS_FILE and MEDIA_KEYS_FILE. What is there already stays.

  --kubernetes-secret NAME  in this Secret of the namespace that this pod runs in (otherwise under DATA_DIR/keys)`;

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { "kubernetes-secret": { type: "string" } } });
  const secret = values["kubernetes-secret"];
  if (secret !== undefined) {
    const isNew = await createSecret(secret, { "jwt.keys": newKey(), "media.keys": newKey() });
    process.stdout.write(`The Secret ${secret} ${isNew ? "holds new signing keys" : "was there already"}.\n`);
    return;
  }
  const { dataDir } = toolConfig();
  for (const use of ["jwt", "media"] as const) await signingKeys({ jwtKeys: [], mediaKeys: [], dataDir }, use);
  process.stdout.write(`${join(dataDir, "keys")} holds the signing keys.\n`);
}

if (require.main === module) runTool(usage, main);
