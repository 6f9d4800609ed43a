import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of package.json. The same for sources and for `dist/`, so that files which tsc does not copy (SQL) have one home. */
export const projectRoot: string = (() => {
  let folder = __dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
})();
