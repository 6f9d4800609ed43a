import { setTimeout as sleep } from "node:timers/promises";
import { type Choice, choices, type Mix } from "./choices";
import type { Random, World } from "./world";

/** While no gateway answers a worker would only fill the history. */
const PAUSE_MS = 30;

/** Does one thing after the other, chosen by its seed, until it is told to stop. */
export async function work(world: World, mix: Mix, random: Random, isStopping: () => boolean): Promise<void> {
  const chosen = Object.entries(mix) as [Choice, number][];
  const total = chosen.reduce((sum, [, weight]) => sum + weight, 0);
  while (!isStopping()) {
    let at = random() * total;
    const choice = chosen.find(([, weight]) => (at -= weight) < 0)?.[0] ?? chosen[0]![0];
    await choices[choice](world, random);
    await sleep(PAUSE_MS * random() * 2);
  }
}
