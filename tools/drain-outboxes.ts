import { setTimeout as sleep } from "node:timers/promises";
import type { StartedServices } from "./start-services";
import { progress } from "./progress";
import { ToolError } from "./run-tool";

const LOOK_EVERY_MS = 250;

/** Delivers every event that waits, and those that delivering brings about, and shows how far it has come. */
export async function drainOutboxes({ homes }: StartedServices): Promise<void> {
  const unsent = async (): Promise<number> => {
    const states = await Promise.all(homes.map((home) => home.outboxState()));
    return states.reduce((sum, state) => sum + state.unsent, 0);
  };
  const total = await unsent();
  if (total === 0) return;
  const shown = progress("Events delivered", total);
  let left = total;
  for (let idle = 0; left > 0;) {
    const before = left;
    const drained = Promise.all(homes.map((home) => home.drainOutbox()));
    let isDone = false;
    const watching = drained.finally(() => (isDone = true)).catch(() => undefined);
    while (!isDone) {
      await Promise.race([watching, sleep(LOOK_EVERY_MS)]);
      shown.to(Math.max(0, total - (await unsent())));
    }
    await drained;
    left = await unsent();
    idle = left < before ? 0 : idle + 1;
    if (idle > 3)
      throw new ToolError(`${left} events could not be delivered. The next start of the server goes on with them.`);
  }
  shown.to(total);
  shown.end();
}
