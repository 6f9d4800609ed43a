import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../lib/project-root";
import { renderOverlay } from "./kubernetes/render-overlay";
import { runTool } from "./run-tool";

const usage = `Usage: npm run k8s

Renders k8s/overlays/dev into k8s/emulsion.yaml, the one file that "kubectl apply -f k8s/" takes.`;

const header = `# A complete development system: kubectl apply -f k8s/
# Rendered by \`npm run k8s\` from k8s/base and k8s/overlays/dev, which are the files to change.
`;

async function main(): Promise<void> {
  const file = join(projectRoot, "k8s", "emulsion.yaml");
  await writeFile(file, `${header}${await renderOverlay("dev")}`);
  process.stdout.write(`${file} is rendered.\n`);
}

if (require.main === module) runTool(usage, main);
