import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../lib/project-root";
import { settingsSection, withSection } from "./docs-sections";

/** `npm run docs`: writes into the README what is made from the code. A test fails when this was forgotten. */
const readme = join(projectRoot, "README.md");
writeFileSync(readme, withSection(readFileSync(readme, "utf8"), "settings", settingsSection()));
