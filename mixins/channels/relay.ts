import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../postgres/log";
import { Complaints } from "./complaints";
import type { Outbox, Settlement } from "./outbox";
import { Pass } from "./pass";
import { RetryTimes } from "./retry-times";
import { Signal } from "./signal";
import type { Transport } from "./transport";

const SWEEP_MS = 1_000;
/** Another relay holds the outbox: it may have read before our rows were there. */
const HELD_ELSEWHERE_MS = 50;
const LONGEST_STOP_MS = 5_000;
/** Rounds of `drain` without a row less until it gives up. */
const IDLE_ROUNDS = 5;
const HELD_ELSEWHERE_ROUNDS = 1_000;

export interface RelayOptions {
  outbox: Outbox;
  transport: Transport;
  log: Log;
  /** Its node is about to stop, and waits for what it has under way: nothing more is begun. */
  isLeaving: () => boolean;
  onSettled: (settlement: Settlement) => void;
}

/** Sends what one outbox holds: right after a commit, and by a sweeper what a crash or another process left. */
export class Relay {
  private readonly signal = new Signal();
  private isWoken = true;
  private isStopped = false;
  private current: Pass | undefined;
  private lastPass: Promise<unknown> = Promise.resolve();
  private loop: Promise<void> | undefined;
  private readonly retries = new RetryTimes();
  private readonly complaints: Complaints;
  private hasUnparked = false;

  constructor(private readonly options: RelayOptions) {
    this.complaints = new Complaints(options.log);
  }

  start(): void {
    if (!this.isStopping) this.loop ??= this.run();
  }

  /** Costs nothing: called after each commit. */
  wake(): void {
    if (this.current) this.current.wake();
    this.isWoken = true;
    this.signal.raise();
  }

  /** Lets what is on its way arrive, for a few seconds. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake();
    const timeout = new AbortController();
    const finished = Promise.allSettled([this.loop, this.lastPass]).then(() => timeout.abort());
    const isLate = sleep(LONGEST_STOP_MS, true, { signal: timeout.signal }).catch(() => false);
    if (await isLate) this.options.log.warn("Events were still being handled; they will be sent again.");
    else await finished;
    await this.options.outbox.release();
  }

  /** Sends until the outbox is empty, or what is left was tried a few times in vain. */
  async drain(): Promise<void> {
    const { outbox } = this.options;
    let before = Infinity;
    let heldElsewhere = 0;
    for (let idle = 0; idle < IDLE_ROUNDS && !this.isStopping;) {
      await outbox.hasten();
      const isMine = await this.pass();
      const { unsent } = await outbox.state();
      if (unsent === 0) return;
      if (!isMine && ++heldElsewhere < HELD_ELSEWHERE_ROUNDS) await sleep(10);
      else {
        idle = unsent < before ? 0 : idle + 1;
        await sleep(10 * 2 ** idle);
      }
      before = unsent;
    }
  }

  private get isStopping(): boolean {
    return this.isStopped || this.options.isLeaving();
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        if (this.isWoken || (await this.options.outbox.hasWork())) {
          this.isWoken = false;
          if (!(await this.pass())) {
            this.isWoken = true;
            await sleep(HELD_ELSEWHERE_MS);
          }
        }
      } catch (error) {
        this.complain(error);
        await sleep(HELD_ELSEWHERE_MS);
      }
      if (!this.isWoken) await this.signal.wait(Math.min(SWEEP_MS, this.retries.msToNext()));
    }
  }

  /** One turn after the other in this process. False where another process has the outbox. */
  private pass(): Promise<boolean> {
    const mine = this.lastPass.then(() => this.runPass());
    this.lastPass = mine.catch(() => undefined);
    return mine;
  }

  private async runPass(): Promise<boolean> {
    const { outbox, transport } = this.options;
    if (this.isStopping) return true;
    const done = await outbox.hold(async (held) => {
      if (!this.hasUnparked) await held.unparkOrphans();
      this.hasUnparked = true;
      const pass = new Pass({
        held,
        transport,
        isStopping: () => this.isStopping,
        onSettled: (settlement) => this.settled(settlement),
      });
      this.current = pass;
      // What was committed until now is seen by its first read.
      this.isWoken = false;
      try {
        await pass.run();
      } finally {
        this.current = undefined;
      }
      return true;
    });
    return done === true;
  }

  private settled(settlement: Settlement): void {
    for (const { retryInMs } of settlement.failed) this.retries.add(retryInMs);
    try {
      this.options.onSettled(settlement);
    } catch (error) {
      this.options.log.error("Whoever watches the outbox failed:", error);
    }
  }

  private complain(error: unknown): void {
    if (!this.isStopping) this.complaints.warn("Events wait, for the outbox cannot be read or written:", error);
  }
}
