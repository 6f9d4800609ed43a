import type { Context, ServiceSchema } from "moleculer";
import { setTimeout as sleep } from "node:timers/promises";
import { BadCursorError, UnavailableError } from "../../../lib/errors";
import { currentRequestId } from "../../../lib/request-id";
import { toDomainError } from "../../../services/api/send";
import { useNats } from "./use-nats";

const after = (ms: number) => sleep(ms, undefined, { ref: false });
const failureOf = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => Promise.reject(new Error("It answered.")),
    (error: Error) => error,
  );

describe("calls between nodes", () => {
  const nats = useNats();

  it("are shared by two nodes of a service, and stay where a node offers it itself", async () => {
    const echo = (name: string): ServiceSchema => ({ name: "echo", actions: { who: () => name } });
    const caller = await nats.node("caller");
    const one = await nats.node("one", [echo("one")]);
    await nats.node("two", [echo("two")]);
    const ask = () => caller.call<string, object>("echo.who", {});
    const answers = await Promise.all(Array.from({ length: 100 }, ask));
    const byOne = answers.filter((answer) => answer === "one").length;
    expect(byOne).toBeGreaterThan(20);
    expect(byOne).toBeLessThan(80);
    await expect(Promise.all(Array.from({ length: 20 }, () => one.call("echo.who")))).resolves.toEqual(
      Array.from({ length: 20 }, () => "one"),
    );
    // What Moleculer knows of nodes is each node's own knowledge.
    const nodes = await one.call<{ id: string; local: boolean }[], object>("$node.list", {});
    expect(nodes.filter(({ local }) => local).map(({ id }) => id)).toEqual(["one"]);
  });

  it("carry the request's id to every node and hint, and errors with their class", async () => {
    const seen: (string | undefined)[] = [];
    const caller = await nats.node("caller", [
      { name: "ear", events: { "ear.whispered": () => void seen.push(currentRequestId()) } },
    ]);
    await nats.node("far", [
      {
        name: "far",
        actions: {
          async ask(ctx: Context) {
            seen.push(currentRequestId());
            await ctx.broadcast("ear.whispered", {});
            throw new BadCursorError();
          },
        },
      },
    ]);
    await nats.node("near", [{ name: "near", actions: { ask: (ctx: Context) => ctx.call("far.ask") } }]);
    const error = await failureOf(caller.call("near.ask", {}, { requestID: "request-1" }));
    expect(error).toBeInstanceOf(BadCursorError);
    await after(50);
    expect(seen).toEqual(["request-1", "request-1"]);
  });

  it("are tried again where a repeat changes nothing, and nowhere else, by whoever made them alone", async () => {
    const tries = { read: 0, write: 0 };
    const hang = (kind: keyof typeof tries) => async () => {
      tries[kind] += 1;
      await after(1_000);
    };
    const slow: ServiceSchema = {
      name: "slow",
      actions: { read: { retryPolicy: { enabled: true }, handler: hang("read") }, write: { handler: hang("write") } },
    };
    const through: ServiceSchema = {
      name: "through",
      actions: {
        read: {
          retryPolicy: { enabled: true },
          handler: (ctx: Context) => ctx.call("slow.read", {}, { timeout: 100 }),
        },
      },
    };
    const caller = await nats.node("caller");
    await nats.node("slow", [slow]);
    await nats.node("through", [through]);

    await failureOf(caller.call("slow.write", {}, { timeout: 100 }));
    expect(tries.write).toBe(1);
    const error = await failureOf(caller.call("through.read"));
    expect(tries.read).toBe(3);
    expect(toDomainError(error)).toBeInstanceOf(UnavailableError);
  });

  it("fail at once while the breaker is open, which counts what was not answered, and pass when it has closed", async () => {
    let isWell = false;
    const moody: ServiceSchema = { name: "moody", actions: { ask: () => (isWell ? "well" : after(3_000)) } };
    const caller = await nats.node("caller");
    await nats.node("moody", [moody]);
    const ask = () => caller.call("moody.ask", {}, { timeout: 100 });
    const first = await Promise.all(Array.from({ length: 20 }, () => failureOf(ask())));
    expect(first.every(({ name }) => name === "RequestTimeoutError")).toBe(true);

    const startedMs = performance.now();
    const refused = await failureOf(ask());
    expect(performance.now() - startedMs).toBeLessThan(50);
    expect(toDomainError(refused)).toBeInstanceOf(UnavailableError);

    isWell = true;
    await after(2_200);
    await expect(ask()).resolves.toBe("well");
    await expect(ask()).resolves.toBe("well");
  });

  it("are refused where too many wait already, and answered with 503 where no node offers them", async () => {
    const caller = await nats.node("caller");
    const busy: ServiceSchema = {
      name: "busy",
      actions: { ask: { bulkhead: { concurrency: 1, maxQueueSize: 1 }, handler: () => after(200) } },
    };
    await nats.node("busy", [busy]);
    const ends = await Promise.allSettled(Array.from({ length: 5 }, () => caller.call("busy.ask")));
    const refused = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as Error] : []));
    expect(refused).toHaveLength(3);
    for (const error of [...refused, await failureOf(caller.call("nobody.ask"))])
      expect(toDomainError(error)).toMatchObject({ code: 503, type: "UNAVAILABLE" });
  });
});
