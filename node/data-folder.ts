import type { Middleware } from "moleculer";
import type { Config } from "../lib/config";
import { type HeldFolder, holdDataFolder } from "../lib/data-folder";

/** Keeps every other process off the data folder from before the first store opens until after the last one closed. */
export function dataFolder(config: Config): Middleware {
  let held: HeldFolder | undefined;
  return {
    name: "DataFolder",
    async starting() {
      held = await holdDataFolder(config.dataDir);
    },
    async stopped() {
      await held?.release();
    },
  };
}
