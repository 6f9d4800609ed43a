import { randomUUID } from "node:crypto";
import { loadConfig } from "../../lib/config";
import { isTraced, rootSpanIdOf, traceIdOf } from "../../lib/trace";

const configOf = (share: string) =>
  loadConfig({ TRACE_URL: "http://127.0.0.1:9411/api/v2/spans", TRACE_SAMPLE: share });

describe("which requests are traced", () => {
  const made = Array.from({ length: 20_000 }, () => randomUUID());
  const given = made.map((_, i) => `client-${i}`);
  const countOf = (ids: readonly string[], share: string) => ids.filter((id) => isTraced(configOf(share), id)).length;

  it("is the share that is set, whoever made their ids", () => {
    const config = configOf("0.1");
    for (const ids of [made, given]) {
      const traced = ids.filter((id) => isTraced(config, id)).length;
      expect(traced / ids.length).toBeGreaterThan(0.08);
      expect(traced / ids.length).toBeLessThan(0.12);
    }
    expect(countOf(made.slice(0, 50), "0")).toBe(0);
    expect(countOf(made.slice(0, 50), "1")).toBe(50);
    expect(isTraced(loadConfig({ TRACE_SAMPLE: "1" }), made[0]!)).toBe(false);
  });

  it("are told apart by ids that every collector takes", () => {
    expect(traceIdOf("0b1630bd-92f6-40d3-acb9-681460cca2db")).toBe("0b1630bd92f640d3acb9681460cca2db");
    expect(rootSpanIdOf("0b1630bd-92f6-40d3-acb9-681460cca2db")).toBe("0b1630bd92f640d3");
    const odd = ["00000000-0000-0000-0000-000000000000", "of.a:proxy", "x"].map(traceIdOf);
    for (const id of odd) expect(id).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
    expect(new Set(odd).size).toBe(3);
  });
});
