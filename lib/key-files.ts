import { readFileSync } from "node:fs";

/** Settings that may be given as a file, which is how Docker and Kubernetes hand secrets to a process. */
const keySettings = ["JWT_KEYS", "MEDIA_KEYS"];

type Environment = Record<string, string | undefined>;

/** The environment with `JWT_KEYS` and `MEDIA_KEYS` read from their files where they are unset; what is wrong joins the faults. */
export function withKeyFiles(env: Environment, faults: string[]): Environment {
  const read = keySettings
    .filter((name) => !env[name] && env[`${name}_FILE`])
    .map((name) => [name, keysOf(`${name}_FILE`, env[`${name}_FILE`]!, faults)]);
  return { ...env, ...(Object.fromEntries(read) as Environment) };
}

function keysOf(variable: string, file: string, faults: string[]): string | undefined {
  try {
    const keys = readFileSync(file, "utf8")
      .split(/[\s,]+/)
      .filter((key) => key !== "");
    if (keys.length > 0) return keys.join(",");
    faults.push(`${variable}: ${file} holds no key`);
  } catch (error) {
    faults.push(`${variable}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return undefined;
}
