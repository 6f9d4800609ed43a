import { ConfigError } from "../lib/config";

/** A node starts only with a valid configuration: what is wrong is listed in one go, and the process ends with 2. */
export function exitOnFault<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}
