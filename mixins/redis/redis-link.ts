import type { ServiceBroker } from "moleculer";
import { AtMost } from "../../lib/at-most";
import { configOf } from "../../lib/config";
import { UnavailableError } from "../../lib/errors";
import { Deadlines } from "./deadlines";
import { openClient, type RedisClient } from "./redis-client";
import { type ScriptName, scripts } from "./redis-scripts";

type Log = Pick<ReturnType<ServiceBroker["getLogger"]>, "warn">;

/** Longer, and it is as good as absent. */
const ANSWER_MS = 500;
/** For so long after an answer that did not come, what can be had elsewhere is not asked for. */
const REST_MS = 1_000;
const FIRST_CONTACT_MS = 3_000;
const LOG_PAUSE_MS = 60_000;
/** Keys of one call of a script, for which everybody else waits: some milliseconds at most. */
const KEYS_A_CALL = 500;
/** Calls sent together: on a Cluster most are of one key. */
const CALLS_A_WAVE = { server: 1, cluster: 250 };
/** Of this node, whoever asks: more would only wait in Redis, where the answer is late after half a second. */
const WAVES_AT_ONCE = 2;

type Argument = string | number;
type Scripted = Record<ScriptName, (keys: number, ...args: Argument[]) => Promise<unknown>>;

/** Of one call of a script. */
interface Answer {
  keys: readonly string[];
  answer: unknown;
}

/** A node's one connection to Redis. Everything through it answers within half a second or fails with an `UnavailableError`. */
export class RedisLink {
  private readonly client: RedisClient;
  private restsUntil = 0;
  private loggedAt = -Infinity;
  private readonly deadlines = new Deadlines(ANSWER_MS);
  private readonly waves = new AtMost(WAVES_AT_ONCE);

  constructor(
    urls: readonly string[],
    private readonly namespace: string,
    private readonly log: Log,
    private readonly countFailure: () => void = () => undefined,
  ) {
    this.client = openClient(urls);
    this.client.on("error", (error: Error) => this.complain(error));
    for (const [name, lua] of Object.entries(scripts)) this.client.defineCommand(name, { lua });
  }

  /** Returns once connected, or after a while without: it goes on trying. */
  async open(): Promise<void> {
    const contact = new Promise<void>((resolve) => this.client.once("ready", resolve));
    this.client.connect().catch((error: Error) => this.complain(error));
    if ((await within(FIRST_CONTACT_MS, contact)) === late)
      this.log.warn("Redis does not answer. What it would save is done without it until it does.");
  }

  close(): void {
    this.client.disconnect();
  }

  key(name: string): string {
    return this.namespace === "" ? name : `${this.namespace}:${name}`;
  }

  get isCluster(): boolean {
    return this.client.isCluster;
  }

  /** @throws {UnavailableError} */
  async ping(): Promise<void> {
    await this.tell((client) => client.ping());
  }

  /** For what can be had elsewhere: answers `otherwise` while Redis is absent, at once where it lately did not answer. */
  ask<T, Otherwise>(otherwise: Otherwise, work: () => Promise<T>): Promise<T | Otherwise> {
    if (performance.now() < this.restsUntil) return Promise.resolve(otherwise);
    return work().catch((error: unknown) => {
      if (error instanceof UnavailableError) return otherwise;
      throw error;
    });
  }

  /** For what Redis has to know. @throws {UnavailableError} where it may not know. */
  tell<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const late = (): void => {
        this.restsUntil = performance.now() + REST_MS;
        reject(this.unavailable(new Error(`No answer within ${ANSWER_MS} ms.`)));
      };
      const asked = work(this.client);
      this.deadlines.begin(late);
      asked.then(
        (answer) => {
          if (this.deadlines.takeBack(late)) resolve(answer);
        },
        (error: Error) => {
          if (this.deadlines.takeBack(late)) reject(this.unavailable(error));
        },
      );
    });
  }

  /** Runs a script over keys of one slot. @throws {UnavailableError} */
  run(script: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.tell((client) => call(client, script, keys, args));
  }

  /**
   * Runs a script over any keys: on one server with hundreds in each call, on a Cluster with those of one hash tag, many calls at
   * once. The answers follow the calls. @throws {UnavailableError}
   */
  async runOverAll(script: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<Answer[]> {
    const { isCluster } = this.client;
    const calls = (isCluster ? byHashTag(keys) : [keys]).flatMap((group) => chunks(group, KEYS_A_CALL));
    const answers: Answer[] = [];
    for (const wave of chunks(calls, CALLS_A_WAVE[isCluster ? "cluster" : "server"])) {
      const send = (client: RedisClient) => Promise.all(wave.map((part) => call(client, script, part, args)));
      const done = await this.waves.run(() => this.tell(send));
      wave.forEach((part, i) => answers.push({ keys: part, answer: done[i] }));
    }
    return answers;
  }

  private unavailable(cause: Error): UnavailableError {
    this.complain(cause);
    return new UnavailableError();
  }

  private complain(error: Error): void {
    this.countFailure();
    const now = performance.now();
    if (now - this.loggedAt < LOG_PAUSE_MS) return;
    this.loggedAt = now;
    this.log.warn(`Redis: ${error.message}`);
  }
}

function call(client: RedisClient, script: ScriptName, keys: readonly string[], args: readonly Argument[]) {
  return (client as unknown as Scripted)[script](keys.length, ...keys, ...args);
}

const late = Symbol("late");

async function within<T>(ms: number, work: Promise<T>): Promise<T | typeof late> {
  let timer: NodeJS.Timeout | undefined;
  const ending = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
  });
  try {
    return await Promise.race([work, ending]);
  } finally {
    clearTimeout(timer);
  }
}

/** Keys of one hash tag lie in one slot, which all keys of one call must. */
function byHashTag(keys: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    const tag = /\{([^}]+)\}/.exec(key)?.[1] ?? key;
    const group = groups.get(tag);
    if (group === undefined) groups.set(tag, [key]);
    else group.push(key);
  }
  return [...groups.values()];
}

function chunks<T>(all: readonly T[], size: number): (readonly T[])[] {
  if (all.length <= size) return all.length === 0 ? [] : [all];
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

const links = new WeakMap<ServiceBroker, RedisLink>();

/** The node's link, made when first asked for; undefined where the configuration names no Redis. */
export function linkOf(broker: ServiceBroker): RedisLink | undefined {
  const { redisUrl, namespace } = configOf(broker);
  if (redisUrl === undefined) return undefined;
  const known = links.get(broker);
  if (known !== undefined) return known;
  const { metrics } = broker;
  if (metrics.isEnabled())
    metrics.register({ name: "redis.failures", type: "counter", description: "Answers that Redis did not give." });
  const countFailure = () => void metrics.increment("redis.failures");
  const link = new RedisLink(redisUrl, namespace, broker.getLogger("redis"), countFailure);
  links.set(broker, link);
  return link;
}
