import type { DocumentStore, DocumentTransaction } from "../documents/document-store";
import { type BuriedRow, PARKED, setRetry, type StoredRow } from "./documents-rows";
import type { HeldOutbox, OutboxRow, RowId, Settlement } from "./outbox";
import type { OutboxLease } from "./outbox-lease";

/** Rows that are read of whole aggregates; where there are more, each is read from its beginning only. */
const MOST_ROWS = 2_000;
const BEGINNING_ROWS = 100;
const READS_AT_ONCE = 16;
/** Parked rows of one aggregate that are freed by one settlement. */
const FREED_AT_ONCE = 200;
const SWEEP_DOCUMENTS = 500;

/** What a relay does with an outbox of documents while it is its only one. */
export class HeldDocumentsOutbox implements HeldOutbox {
  /** @param lease is needed where other processes have the store too. */
  constructor(
    private readonly documents: DocumentStore,
    private readonly lease: OutboxLease | undefined,
  ) {}

  async read(less: ReadonlySet<RowId>, limit: number): Promise<OutboxRow[]> {
    this.lease?.assertHeld();
    const nowMs = Date.now();
    const due = await this.due(nowMs, limit + less.size);
    const wanted = new Set(due.filter(({ _id }) => !less.has(_id)).map(({ aggregate_id }) => aggregate_id));
    if (wanted.size === 0) return [];
    const rows = await this.withPredecessors([...wanted], due, nowMs);
    return inOrder(rows).filter(({ id, retryMs }) => retryMs <= nowMs && !less.has(id));
  }

  async settle({ sent, failed, parked, dead }: Settlement): Promise<void> {
    const freed = new Set(sent.filter(({ attempts }) => attempts > 0).map(({ event }) => event.aggregate_id));
    const waiting: StoredRow[] = [];
    for (const aggregate_id of freed) waiting.push(...(await this.parkedOf(aggregate_id)));
    await this.documents.transaction(async (tx) => {
      await this.lease?.checkIn(tx);
      for (const { row, group, error } of dead) await bury(tx, row, group, error);
      await tx.removeMany(
        "outbox",
        sent.map(({ id }) => String(id)),
      );
      for (const { row, acked, faults, retryInMs } of failed) {
        const set = { acked, faults, attempts: row.attempts + 1, retry_ms: Date.now() + retryInMs };
        await tx.update<StoredRow>("outbox", String(row.id), { set });
      }
      for (const { id, event } of parked) {
        const set = { retry_ms: freed.has(event.aggregate_id) ? 0 : PARKED };
        await tx.update<StoredRow>("outbox", String(id), { set });
      }
      for (const { _id, attempts } of waiting)
        await tx.update<StoredRow>("outbox", _id, { set: { retry_ms: 0, attempts } });
    });
  }

  async unparkOrphans(): Promise<void> {
    for (;;) {
      // Index: retry_ms. Those that still stand behind a failed one are parked again when they are read.
      const query = { retry_ms: PARKED };
      const some = await this.documents.find<StoredRow>("outbox", { query, limit: SWEEP_DOCUMENTS });
      if (some.length === 0) return;
      await setRetry(this.documents, some, 0);
    }
  }

  /** New rows, the oldest first, and those to be tried again. */
  private async due(nowMs: number, limit: number): Promise<StoredRow[]> {
    const [fresh, retried] = await Promise.all([
      // Index: (retry_ms, occurred_at).
      this.documents.find<StoredRow>("outbox", { query: { retry_ms: 0 }, sort: ["occurred_at"], limit }),
      // Index: (retry_ms, …).
      this.documents.find<StoredRow>("outbox", {
        query: { retry_ms: { $gt: 0, $lte: nowMs } },
        sort: ["retry_ms"],
        limit,
      }),
    ]);
    return [...fresh, ...retried];
  }

  /** All rows of these aggregates, or of long ones the first: that tells what stands before what. */
  private async withPredecessors(wanted: string[], due: StoredRow[], nowMs: number): Promise<StoredRow[]> {
    // Index: (aggregate_id, seq).
    const all = await this.documents.find<StoredRow>("outbox", {
      query: { aggregate_id: { $in: wanted } },
      sort: ["aggregate_id", "seq"],
      limit: MOST_ROWS,
    });
    if (all.length < MOST_ROWS) return all;

    const beginningOf = (aggregate_id: string): Promise<StoredRow[]> => {
      const ofIt = due.filter((row) => row.aggregate_id === aggregate_id);
      return this.beginningOf(aggregate_id, ofIt, nowMs);
    };
    const rows: StoredRow[] = [];
    for (let i = 0; i < wanted.length; i += READS_AT_ONCE) {
      const some = wanted.slice(i, i + READS_AT_ONCE);
      const beginnings = await Promise.all(some.map(beginningOf));
      rows.push(...beginnings.flat());
    }
    return rows;
  }

  /** A row that is due and stands far behind one that must wait is known to have something before it: it will be parked. */
  private async beginningOf(aggregate_id: string, due: StoredRow[], nowMs: number): Promise<StoredRow[]> {
    const limit = BEGINNING_ROWS + due.length;
    // Index: (aggregate_id, seq).
    const first = await this.documents.find<StoredRow>("outbox", { query: { aggregate_id }, sort: ["seq"], limit });
    if (!first.some(({ retry_ms }) => retry_ms > nowMs)) return first;
    const known = new Set(first.map(({ _id }) => _id));
    return [...first, ...due.filter(({ _id }) => !known.has(_id))];
  }

  /** The first of them. The last of these counts as one that failed before, so that when it is sent it frees the next ones. */
  private async parkedOf(aggregate_id: string): Promise<StoredRow[]> {
    // Index: (aggregate_id, seq).
    const parked = await this.documents.find<StoredRow>("outbox", {
      query: { aggregate_id, retry_ms: PARKED },
      sort: ["seq"],
      limit: FREED_AT_ONCE,
    });
    const last = parked.at(-1);
    if (last && parked.length === FREED_AT_ONCE) last.attempts = Math.max(1, last.attempts);
    return parked;
  }
}

/** By aggregate and its own number, each with the one before it. */
function inOrder(rows: StoredRow[]): (OutboxRow & { retryMs: number })[] {
  const last = new Map<string, string>();
  return rows
    .sort((a, b) => a.seq - b.seq)
    .map(({ _id, aggregate_id, event, key, request_id, acked, faults, attempts, retry_ms }) => {
      const previous = last.get(aggregate_id) ?? null;
      last.set(aggregate_id, _id);
      return { id: _id, event, key, request_id, acked, faults, attempts, previous, retryMs: retry_ms };
    });
}

async function bury(tx: DocumentTransaction, row: OutboxRow, group: string, error: string): Promise<void> {
  await tx.insert<BuriedRow>("dead_letters", {
    _id: `${row.event.event_id}:${group}`,
    group,
    topic: row.event.type,
    key: row.key,
    event: row.event,
    request_id: row.request_id,
    error,
    failed_at: new Date().toISOString(),
  });
}
