import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { TRANSACTION_TIMEOUT_MS } from "../../mixins/documents/mongo-store";
import { composeFiles, readCompose } from "./compose-file";
import { parseManifests, workloadsOf } from "./manifests";

const manifests = parseManifests(readFileSync(join(projectRoot, "k8s/emulsion.yaml"), "utf8"));
const commands: [string, string[] | undefined][] = [
  ...composeFiles.map((file): [string, string[] | undefined] => [file, readCompose(file).services["mongodb"]?.command]),
  ["k8s", workloadsOf(manifests).find(({ name }) => name === "mongodb")?.pod.containers[0]?.args],
];

describe("MongoDB", () => {
  it.each(commands)("of %s gives up what a killed node left open before a writer gives up waiting", (_, command) => {
    const [, seconds] = /--setParameter transactionLifetimeLimitSeconds=(\d+)/.exec(command?.join(" ") ?? "") ?? [];
    // It looks for what is too old every half of that time.
    expect(Number(seconds) * 1.5 * 1000).toBeLessThan(TRANSACTION_TIMEOUT_MS - 1_000);
  });
});
