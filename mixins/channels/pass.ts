import { failpoint } from "../failpoint";
import { Chains, type Chain } from "./chains";
import { judge, type Verdict } from "./judge";
import type { HeldOutbox, OutboxRow, RowId, Settlement } from "./outbox";
import { Signal } from "./signal";
import type { Transport } from "./transport";

/** Rows of one aggregate handed to the transport at once: so many are in doubt when the process is told to stop. */
const ROWS_AT_ONCE = 16;
const READ_LIMIT = 500;
/** Rows in memory. */
const MOST_KNOWN = 1_500;
const SETTLE_ROWS = 250;
const SETTLE_AFTER_MS = 20;

export interface PassOptions {
  held: HeldOutbox;
  transport: Transport;
  isStopping: () => boolean;
  onSettled: (settlement: Settlement) => void;
}

/** One turn at an outbox: reads, sends and settles, all three at once, until nothing more can be sent. */
export class Pass {
  private readonly known = new Set<RowId>();
  private readonly chains = new Chains();
  private readonly running = new Set<Promise<void>>();
  private settled: { row: OutboxRow; verdict: Verdict | "parked"; chain: Chain | undefined }[] = [];
  private firstSettledMs = 0;
  private mayHaveMore = true;
  private readonly signal = new Signal();
  private broken: { error: unknown } | undefined;

  constructor(private readonly options: PassOptions) {}

  /** There are new rows, or it is time to stop. */
  wake(): void {
    this.mayHaveMore = true;
    this.signal.raise();
  }

  async run(): Promise<void> {
    const { isStopping } = this.options;
    try {
      for (;;) {
        if (this.broken) throw this.broken.error;
        if (this.isSettlingDue()) await this.settle();
        if (isStopping() && this.running.size === 0) return;
        if (!isStopping()) {
          if (this.mayHaveMore && this.known.size < MOST_KNOWN) await this.read();
          this.dispatch();
        }
        if (this.known.size === 0 && !this.mayHaveMore) return;
        if (!this.isSettlingDue()) await this.signal.wait(this.settled.length > 0 ? SETTLE_AFTER_MS : 60_000);
      }
    } finally {
      // After an error (the lock may be lost) nothing more is begun, and what is on its way is waited for.
      this.chains.clear();
      await Promise.all(this.running);
    }
  }

  private async read(): Promise<void> {
    // Set before the read, for a wake during it tells of rows that it may not see.
    this.mayHaveMore = false;
    const rows = await this.options.held.read(this.known, READ_LIMIT);
    // The store may answer with fewer than it has: only nothing means that there is nothing.
    if (rows.length > 0) this.mayHaveMore = true;
    if (rows.length > 0) await failpoint("outbox.read");
    for (const row of rows) {
      this.known.add(row.id);
      if (!this.chains.add(row)) this.put(row, "parked", undefined);
    }
  }

  private dispatch(): void {
    while (this.running.size < this.options.transport.concurrency) {
      const chain = this.chains.take();
      if (chain === undefined) return;
      const sending: Promise<void> = this.send(chain)
        .catch((error: unknown) => void (this.broken = { error }))
        .finally(() => {
          this.running.delete(sending);
          this.signal.raise();
        });
      this.running.add(sending);
    }
  }

  private async send(chain: Chain): Promise<void> {
    const rows = chain.queue.splice(0, ROWS_AT_ONCE);
    const outcomes = await this.options.transport.send(rows);
    for (const outcome of outcomes) {
      const verdict = judge(outcome);
      if (verdict.failed) chain.isBroken = true;
      this.put(outcome.row, verdict, chain);
    }
    // A dead letter ends the transport's turn too, but not the aggregate's.
    const unsent = rows.slice(outcomes.length);
    chain.queue.unshift(...unsent);
    if (chain.isBroken) for (const row of chain.queue.splice(0)) this.put(row, "parked", chain);
    this.chains.giveBack(chain);
  }

  private put(row: OutboxRow, verdict: Verdict | "parked", chain: Chain | undefined): void {
    if (this.settled.length === 0) this.firstSettledMs = performance.now();
    this.settled.push({ row, verdict, chain });
  }

  private isSettlingDue(): boolean {
    if (this.settled.length === 0) return false;
    if (this.settled.length >= SETTLE_ROWS || this.running.size === 0) return true;
    return performance.now() - this.firstSettledMs >= SETTLE_AFTER_MS;
  }

  private async settle(): Promise<void> {
    const batch = this.settled;
    this.settled = [];
    const settlement: Settlement = { sent: [], failed: [], parked: [], dead: [] };
    for (const { row, verdict } of batch) {
      if (verdict === "parked") settlement.parked.push(row);
      else {
        settlement.dead.push(...verdict.dead);
        if (verdict.sent) settlement.sent.push(verdict.sent);
        else settlement.failed.push(verdict.failed);
      }
    }
    if (settlement.sent.length > 0) await failpoint("outbox.delivered");
    await this.options.held.settle(settlement);
    for (const { row, chain } of batch) {
      this.known.delete(row.id);
      if (chain) this.chains.close(chain);
    }
    // A retried row that was sent at last lets go of those parked behind it.
    if (settlement.sent.some(({ attempts }) => attempts > 0)) this.mayHaveMore = true;
    this.options.onSettled(settlement);
  }
}
