import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FleetEvents } from "../fleet/fleet-events";
import { seededRandom } from "../seed/random";
import { Asker, Gateways, type Person } from "./asker";
import { changes } from "./checks/changes";
import { replayTopics } from "./replay-topics";
import { check } from "./check";
import type { Violation } from "./checks/violation";
import { type Mix, usualMix } from "./choices";
import { Display } from "./display";
import type { History } from "./history";
import { BOUND_MS } from "./checks/facts";
import type { Round } from "./faults";
import { Nemesis } from "./nemesis";
import { RedisWatch } from "./redis-watch";
import { type Target, targetsOf } from "./targets";
import { acquaint, registerPeople, uploadAll } from "./people";
import { readState } from "./read-state";
import { Recorder } from "./recorder";
import { openStage, type Stage, type StageOptions } from "./stage";
import type { State } from "./state";
import { work } from "./worker";
import { World } from "./world";

/** After faults a store may hold back what a dead node left open for a minute. */
const SETTLE_SECONDS = 150;

export interface TortureOptions extends StageOptions {
  seed: number;
  seconds: number;
  people?: number;
  workers?: number;
  mix?: Mix;
  postsPerSecond?: number;
  /** What befalls which; without it everything does, one after the other in a random order, until the time is up. */
  faults?: (targets: readonly Target[]) => Round[];
  /** How long events may take to come to their end once all is healed (150). */
  settleSeconds?: number;
  /** Whether every topic is replayed in the end, which must change nothing. */
  replays?: boolean;
  /** Where the history is written. */
  file: string;
}

export interface TortureResult {
  history: History;
  state: State;
  violations: Violation[];
  /** Faults that were inflicted and undone. */
  inflicted: string[];
  /** What went wrong with faults themselves, and processes that ended without one. */
  failures: string[];
}

/** One run: people who write and read, faults, healing, and what the checker says of it all. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const display = new Display();
  const stage = await openStage(options);
  if (options.keepsFolder) display.say(`Logs and data are kept in ${stage.home}.`);
  try {
    return await runOn(stage, options, display);
  } finally {
    await stage.close();
  }
}

async function runOn(stage: Stage, options: TortureOptions, display: Display): Promise<TortureResult> {
  const {
    seed,
    seconds,
    people: count = 12,
    workers = 8,
    mix = usualMix,
    postsPerSecond = 4,
    file,
    faults,
    replays = true,
    settleSeconds = SETTLE_SECONDS,
  } = options;
  const gateways = new Gateways(() => stage.fleet.of("api").map(({ url }) => url));
  const people = await registerPeople(gateways, count);
  const pictures = Math.ceil(seconds * postsPerSecond) + count;
  const media = await uploadAll(stage.fleet.of("api")[0]!.url, people, pictures);

  const recorder = new Recorder(file);
  const asker = new Asker(gateways, recorder);
  const world = new World(people, media, asker);
  await acquaint(asker, people, seededRandom(seed));
  const targets = targetsOf(stage);
  const nemesis = new Nemesis(targets, recorder, display, seededRandom(seed * 7_919));
  const watch = new RedisWatch(stage.fleet, recorder);

  let isStopping = false;
  const working = Array.from({ length: workers }, (_, i) =>
    work(world, mix, seededRandom(seed * 1_000 + i + 1), () => isStopping),
  );
  // A plan is gone through to its end.
  const raging =
    faults === undefined
      ? nemesis.rage(nemesis.allFaults(), () => isStopping)
      : nemesis.rage(faults(targets), () => false);
  for (let second = 1; second <= seconds; second += 1) {
    await sleep(1_000);
    display.show(second, seconds, recorder.counts);
  }
  if (faults === undefined) isStopping = true;
  await raging;
  isStopping = true;
  await Promise.all(working);

  display.say("Healing, until every event has been handled …");
  await nemesis.heal();
  const stuck = await untilSettled(stage, settleSeconds);
  await watch.stop();
  await outlastRedis(recorder);
  display.say("Comparing …");
  const state = await readState(stage.env, gateways, people);
  const again = replays && stuck.length === 0 ? await replayed(stage, gateways, people, display) : { state, stuck };
  await recorder.close();
  const history = recorder.history();
  const { inflicted, failures } = nemesis;
  return {
    history,
    state,
    violations: [...again.stuck, ...check(history, state), ...changes(state, again.state)],
    inflicted,
    failures,
  };
}

/** The state after every topic was handled once more from its beginning, and what never was. */
async function replayed(
  stage: Stage,
  gateways: Gateways,
  people: readonly Person[],
  display: Display,
): Promise<{ state: State; stuck: Violation[] }> {
  display.say("Replaying every topic from its beginning …");
  await replayTopics(stage);
  const stuck = await untilSettled(stage, SETTLE_SECONDS);
  return { state: await readState(stage.env, gateways, people), stuck };
}

/** What was cached before a change that Redis was not told of ends within thirty seconds. */
async function outlastRedis(recorder: Recorder): Promise<void> {
  const absences = recorder.history().episodes.filter(({ kind }) => kind === "redis-absent");
  const until = Math.max(0, ...absences.map(({ to_ms }) => to_ms + BOUND_MS));
  await sleep(Math.max(0, until - recorder.now()));
}

/** Events that never come to their end break what "at rest" promises. */
async function untilSettled({ env }: Stage, seconds: number): Promise<Violation[]> {
  const events = new FleetEvents(env);
  try {
    await events.settled(seconds * 1_000);
    return [];
  } catch (error) {
    return [{ promise: 4, what: (error as Error).message, operations: [] }];
  } finally {
    await events.close();
  }
}

/** Where a run of the command writes its history. */
export function historyFile(folder: string, seed: number): string {
  return join(folder, `torture-${seed}.ndjson`);
}
