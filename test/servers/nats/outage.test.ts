import type { ServiceBroker } from "moleculer";
import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../../lib/errors";
import { readinessOf } from "../../../mixins/readiness";
import { toDomainError } from "../../../services/api/send";
import { until, useNats } from "./use-nats";

describe("while NATS is away", () => {
  const nats = useNats();
  let caller: ServiceBroker;

  beforeEach(async () => {
    caller = await nats.node("caller", [{ name: "near", actions: { ask: () => "near" } }]);
    await nats.node("far", [{ name: "far", actions: { ask: () => "far", linger: () => sleep(5_000) } }]);
  });

  it("calls fail soon with 503, the node is not ready, what it has itself answers, and all is well when NATS is back", async () => {
    await expect(readinessOf(caller)).resolves.toMatchObject({ is_ready: true });
    const underWay = caller.call("far.linger").then(
      () => undefined,
      (error: Error) => error,
    );
    await nats.server.kill();
    await expect(readinessOf(caller)).resolves.toMatchObject({ is_ready: false, checks: { nats: false } });

    const startedMs = performance.now();
    expect(toDomainError(await underWay)).toBeInstanceOf(UnavailableError);
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    const askedMs = performance.now();
    const refused = await caller.call("far.ask").catch((error: Error) => error);
    expect(toDomainError(refused)).toBeInstanceOf(UnavailableError);
    expect(performance.now() - askedMs).toBeLessThan(500);
    await expect(caller.call("near.ask")).resolves.toBe("near");

    await nats.server.restart();
    await until(async () => (await readinessOf(caller)).is_ready);
    await expect(caller.call("far.ask")).resolves.toBe("far");
  });

  it("a blink of it is not felt", async () => {
    await nats.server.kill();
    await until(async () => !(await readinessOf(caller)).is_ready);
    const asked = caller.call("far.ask");
    await nats.server.restart();
    await expect(asked).resolves.toBe("far");
  });

  it("a node can stop nevertheless", async () => {
    await nats.server.kill();
    const startedMs = performance.now();
    await nats.stopNode(caller);
    expect(performance.now() - startedMs).toBeLessThan(6_000);
    await nats.server.restart();
  });
});
