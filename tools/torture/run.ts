import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FleetEvents } from "../fleet/fleet-events";
import { seededRandom } from "../seed/random";
import { Asker, Gateways } from "./asker";
import { check } from "./check";
import type { Violation } from "./checks/violation";
import { type Mix, usualMix } from "./choices";
import { Display } from "./display";
import type { History } from "./history";
import { acquaint, registerPeople, uploadAll } from "./people";
import { readState } from "./read-state";
import { Recorder } from "./recorder";
import { openStage, type Stage, type StageOptions } from "./stage";
import type { State } from "./state";
import { work } from "./worker";
import { World } from "./world";

/** After faults a store may hold back what a dead node left open for a minute. */
const SETTLE_MS = 150_000;

export interface TortureOptions extends StageOptions {
  seed: number;
  seconds: number;
  people?: number;
  workers?: number;
  mix?: Mix;
  postsPerSecond?: number;
  /** Where the history is written. */
  file: string;
}

export interface TortureResult {
  history: History;
  state: State;
  violations: Violation[];
}

/** One run: people who write and read, faults, healing, and what the checker says of it all. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const display = new Display();
  const stage = await openStage(options);
  try {
    return await runOn(stage, options, display);
  } finally {
    await stage.close();
  }
}

async function runOn(stage: Stage, options: TortureOptions, display: Display): Promise<TortureResult> {
  const { seed, seconds, people: count = 12, workers = 8, mix = usualMix, postsPerSecond = 4, file } = options;
  const gateways = new Gateways(() => stage.fleet.of("api").map(({ url }) => url));
  const people = await registerPeople(gateways, count);
  const pictures = Math.ceil(seconds * postsPerSecond) + count;
  const media = await uploadAll(stage.fleet.of("api")[0]!.url, people, pictures);

  const recorder = new Recorder(file);
  const asker = new Asker(gateways, recorder);
  const world = new World(people, media, asker);
  await acquaint(asker, people, seededRandom(seed));
  let isStopping = false;
  const working = Array.from({ length: workers }, (_, i) =>
    work(world, mix, seededRandom(seed * 1_000 + i + 1), () => isStopping),
  );
  for (let second = 1; second <= seconds; second += 1) {
    await sleep(1_000);
    display.show(second, seconds, recorder.counts);
  }
  isStopping = true;
  await Promise.all(working);

  display.say("Waiting until every event has been handled …");
  await settled(stage);
  display.say("Comparing …");
  const state = await readState(stage.env, gateways, people);
  await recorder.close();
  const history = recorder.history();
  return { history, state, violations: check(history, state) };
}

async function settled({ env }: Stage): Promise<void> {
  const events = new FleetEvents(env);
  try {
    await events.settled(SETTLE_MS);
  } finally {
    await events.close();
  }
}

/** Where a run of the command writes its history. */
export function historyFile(folder: string, seed: number): string {
  return join(folder, `torture-${seed}.ndjson`);
}
