import type { Context } from "moleculer";
import { useNats } from "./use-nats";

describe("calls between nodes", () => {
  const nats = useNats();
  const echo = (name: string) => ({
    name: "echo",
    actions: { who: () => name, twice: (ctx: Context<{ text: string }>) => `${name}: ${ctx.params.text}` },
  });

  it("are shared by two nodes of a service", async () => {
    const caller = await nats.node("caller");
    await nats.node("one", [echo("one")]);
    await nats.node("two", [echo("two")]);
    await caller.waitForServices("echo", 5000, 20);
    const answers = await Promise.all(Array.from({ length: 100 }, () => caller.call<string, object>("echo.who", {})));
    const byOne = answers.filter((answer) => answer === "one").length;
    expect(byOne).toBeGreaterThan(20);
    expect(byOne).toBeLessThan(80);
  });
});
