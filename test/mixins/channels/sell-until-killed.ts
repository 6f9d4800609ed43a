import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Home } from "./shop";

export interface SellerOptions {
  home: Home;
  url: string;
  dataDir: string;
  /** The failpoint at which it dies. */
  place: string;
  env?: Record<string, string>;
}

/** Runs a seller in a process of its own. Answers the signal that ended it. */
export async function sellUntilKilled({ home, url, dataDir, place, env }: SellerOptions): Promise<string | null> {
  const seller = join(__dirname, "seller.ts");
  const args = ["--import", "tsx", seller, home, url, dataDir, place, JSON.stringify(env ?? {})];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  return signal;
}
