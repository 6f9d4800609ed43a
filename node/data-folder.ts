import type { Middleware } from "moleculer";
import type { Config } from "../lib/config";
import { type HeldFolder, holdDataFolder } from "../lib/data-folder";
import { keepsFiles } from "../lib/stores";

/** Keeps every other process off the data folder, where this node has one, from before the first store opens until after the last one closed. */
export function dataFolder(config: Config): Middleware {
  let held: HeldFolder | undefined;
  return {
    name: "DataFolder",
    async starting() {
      if (keepsFiles(config)) held = await holdDataFolder(config.dataDir);
    },
    async stopped() {
      await held?.release();
    },
  };
}
