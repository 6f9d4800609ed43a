import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mutants } from "../../../tools/torture/mutants";
import { applyMutant, mutated } from "../../../tools/torture/mutants/apply-mutant";

describe("a mutant of the product", () => {
  it.each(mutants)("$name still applies", async (mutant) => {
    const files = await mutated(mutant);
    for (const { file, put } of mutant.edits) expect(files.get(file)).toContain(put);
  });

  it("changes a copy, which is removed", async () => {
    const [mutant] = mutants;
    const { dist, remove } = await applyMutant(mutant!);
    const [edit] = mutant!.edits;
    await expect(readFile(join(dirname(dist), edit!.file), "utf8")).resolves.toContain(edit!.put);
    await remove();
    expect(existsSync(dist)).toBe(false);
  });

  it("that no longer applies is told of", async () => {
    const edits = [{ ...mutants[0]!.edits[0]!, find: "what stands nowhere" }];
    await expect(mutated({ ...mutants[0]!, edits })).rejects.toThrow("no longer applies");
  });
});
