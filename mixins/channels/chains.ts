import type { OutboxRow, RowId } from "./outbox";

/** An aggregate's rows that are being sent, one after the other. */
export interface Chain {
  readonly aggregate: string;
  queue: OutboxRow[];
  last: RowId;
  /** Rows of it whose outcome is not stored yet. */
  open: number;
  isRunning: boolean;
  /** One of them failed: nothing more of this aggregate until that is stored. */
  isBroken: boolean;
}

/** Keeps each aggregate's rows in order, and different aggregates apart. */
export class Chains {
  private readonly byAggregate = new Map<string, Chain>();
  private readonly ready: Chain[] = [];

  /** False where an older row of the aggregate stands before it that is not on its way: it failed. */
  add(row: OutboxRow): Chain | undefined {
    const aggregate = row.event.aggregate_id;
    let chain = this.byAggregate.get(aggregate);
    if (chain === undefined) {
      if (row.previous !== null) return undefined;
      chain = { aggregate, queue: [], last: row.id, open: 0, isRunning: false, isBroken: false };
      this.byAggregate.set(aggregate, chain);
    } else if (chain.isBroken || row.previous !== chain.last) return undefined;
    chain.queue.push(row);
    chain.last = row.id;
    chain.open++;
    if (!chain.isRunning && chain.queue.length === 1) this.ready.push(chain);
    return chain;
  }

  /** The next aggregate that has rows to send and sends none. */
  take(): Chain | undefined {
    const chain = this.ready.shift();
    if (chain) chain.isRunning = true;
    return chain;
  }

  /** A chain that was taken has ended its turn. */
  giveBack(chain: Chain): void {
    chain.isRunning = false;
    if (chain.queue.length > 0) this.ready.push(chain);
  }

  /** The outcome of one of its rows is stored. */
  close(chain: Chain): void {
    if (--chain.open === 0) this.byAggregate.delete(chain.aggregate);
  }

  /** Takes all that is not on its way yet. */
  clear(): void {
    this.ready.length = 0;
    for (const chain of this.byAggregate.values()) chain.queue = [];
  }
}
