import type { Config } from "./config";

/** Where anybody may fetch public media: only the path is stored, for the base is configuration. */
export function publicMediaUrl(config: Pick<Config, "cdnBaseUrl" | "publicUrl">, path: string): string {
  const base = config.cdnBaseUrl ?? config.publicUrl ?? "";
  return base.replace(/\/+$/, "") + path;
}
