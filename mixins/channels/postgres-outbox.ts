import type { DomainEvent } from "../../lib/contract";
import type { Shard, Sql } from "../postgres/sql";
import type { DeadLetterFilter } from "./dead-letter-box";
import type { HeldOutbox, Outbox, OutboxRow, OutboxState, RowId, Settlement, StoredLetter } from "./outbox";

/** Retried rows never crowd out new ones. */
const DUE_LIMIT = 200;

interface StoredRow {
  seq: number;
  event_id: string;
  topic: string;
  key: string;
  aggregate_id: string;
  payload: DomainEvent;
  request_id: string | null;
  acked: string[];
  faults: Record<string, number>;
  attempts: number;
  previous: number | null;
}

/** A service's outbox on one shard. `retry_at` is null for a new row, 'infinity' for one behind a failed one. */
export class PostgresOutbox implements Outbox {
  constructor(
    private readonly shard: Shard,
    private readonly service: string,
  ) {}

  hold<T>(work: (held: HeldOutbox) => Promise<T>): Promise<T | undefined> {
    // All goes over the connection that holds the lock: who lost it notices, and marks nothing.
    return this.shard.withLock(`relay:${this.service}`, (sql) => work(new HeldPostgresOutbox(sql, this.service)));
  }

  async release(): Promise<void> {
    // The lock ended with its turn.
  }

  async hasWork(): Promise<boolean> {
    const { rows } = await this.shard.query<{ has_work: boolean }>(
      `select exists (select from ${this.service}_outbox where retry_at is null)
           or exists (select from ${this.service}_outbox where retry_at <= now()) as has_work`,
    );
    return rows[0]?.has_work === true;
  }

  async hasten(): Promise<void> {
    await this.shard.query(
      `update ${this.service}_outbox set retry_at = now() where retry_at > now() and retry_at < 'infinity'`,
    );
  }

  async state(): Promise<OutboxState> {
    const { rows } = await this.shard.query<OutboxState>(
      `select count(*) as unsent, (select count(*) from ${this.service}_dead_letters) as dead,
              coalesce(extract(epoch from now() - min(occurred_at)), 0)::float8 as oldest_seconds
         from ${this.service}_outbox`,
    );
    return rows[0] ?? { unsent: 0, oldest_seconds: 0, dead: 0 };
  }

  async letters({ group, topic, limit }: DeadLetterFilter): Promise<StoredLetter[]> {
    const { rows } = await this.shard.query<Omit<StoredLetter, "failed_at"> & { failed_at: Date }>(
      `select event, consumer_group as "group", key, error, failed_at from ${this.service}_dead_letters
        where ($1::text is null or consumer_group = $1) and ($2::text is null or topic = $2)
        order by failed_at limit $3`,
      [group ?? null, topic ?? null, limit],
    );
    return rows.map((row) => ({ ...row, failed_at: row.failed_at.toISOString() }));
  }

  async giveBack({ event, group }: StoredLetter, acked: readonly string[]): Promise<boolean> {
    const { rowCount } = await this.shard.query(
      `with letter as (
         delete from ${this.service}_dead_letters where event_id = $1 and consumer_group = $2 returning *
       )
       insert into ${this.service}_outbox (event_id, topic, key, aggregate_id, payload, request_id, acked, occurred_at)
       select event_id, topic, key, $3, event, request_id, $4::text[], $5::timestamptz from letter`,
      [event.event_id, group, event.aggregate_id, acked, event.occurred_at],
    );
    return rowCount === 1;
  }
}

class HeldPostgresOutbox implements HeldOutbox {
  constructor(
    private readonly sql: Sql,
    private readonly service: string,
  ) {}

  async read(less: ReadonlySet<RowId>, limit: number): Promise<OutboxRow[]> {
    // New rows: the index _outbox_new. Due ones: _outbox_retry. The predecessor: the primary key.
    const { rows } = await this.transaction(() =>
      this.sql.query<StoredRow>(
        `select r.*, before.seq as previous
           from (
             (select * from ${this.service}_outbox
               where retry_at is null and seq <> all ($1::bigint[]) order by seq limit $2)
             union all
             (select * from ${this.service}_outbox
               where retry_at <= now() and seq <> all ($1::bigint[]) order by retry_at limit $3)
           ) r
           left join lateral (
             select o.seq from ${this.service}_outbox o
              where o.aggregate_id = r.aggregate_id and o.seq < r.seq order by o.seq desc limit 1
           ) before on true
          order by r.seq`,
        [[...less], limit, DUE_LIMIT],
      ),
    );
    return rows.map((row) => ({
      id: row.seq,
      event: row.payload,
      key: row.key,
      request_id: row.request_id,
      acked: row.acked,
      faults: row.faults,
      attempts: row.attempts,
      previous: row.previous,
    }));
  }

  async settle({ sent, failed, parked, dead }: Settlement): Promise<void> {
    await this.transaction(async () => {
      if (dead.length > 0) await this.bury(dead);
      if (sent.length > 0) await this.remove(sent);
      if (failed.length > 0) await this.postpone(failed);
      if (parked.length > 0) await this.park(parked);
      const freed = sent.filter(({ attempts }) => attempts > 0).map(({ event }) => event.aggregate_id);
      if (freed.length > 0) await this.unpark(freed);
    });
  }

  async unparkOrphans(): Promise<void> {
    await this.sql.query(
      `update ${this.service}_outbox r set retry_at = null
        where retry_at = 'infinity' and not exists (
          select from ${this.service}_outbox o where o.aggregate_id = r.aggregate_id and o.seq < r.seq)`,
    );
  }

  private async remove(rows: OutboxRow[]): Promise<void> {
    await this.sql.query(
      `delete from ${this.service}_outbox o using unnest($1::text[], $2::bigint[]) as sent (aggregate_id, seq)
        where o.aggregate_id = sent.aggregate_id and o.seq = sent.seq`,
      keysOf(rows),
    );
  }

  private async postpone(failed: Settlement["failed"]): Promise<void> {
    const news = failed.map(({ acked, faults, retryInMs }) => ({ acked, faults, retry_ms: retryInMs }));
    await this.sql.query(
      `update ${this.service}_outbox o
          set attempts = o.attempts + 1, faults = f.news -> 'faults',
              acked = array(select jsonb_array_elements_text(f.news -> 'acked')),
              retry_at = clock_timestamp() + (f.news ->> 'retry_ms')::float8 * interval '1 ms'
         from unnest($1::text[], $2::bigint[], $3::jsonb[]) as f (aggregate_id, seq, news)
        where o.aggregate_id = f.aggregate_id and o.seq = f.seq`,
      [...keysOf(failed.map(({ row }) => row)), news],
    );
  }

  private async park(rows: OutboxRow[]): Promise<void> {
    await this.sql.query(
      `update ${this.service}_outbox o set retry_at = 'infinity'
         from unnest($1::text[], $2::bigint[]) as parked (aggregate_id, seq)
        where o.aggregate_id = parked.aggregate_id and o.seq = parked.seq`,
      keysOf(rows),
    );
  }

  private async unpark(aggregates: string[]): Promise<void> {
    await this.sql.query(
      `update ${this.service}_outbox set retry_at = null where aggregate_id = any ($1::text[]) and retry_at = 'infinity'`,
      [aggregates],
    );
  }

  private async bury(dead: Settlement["dead"]): Promise<void> {
    await this.sql.query(
      `insert into ${this.service}_dead_letters (event_id, consumer_group, topic, key, event, request_id, error)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::text[])
       on conflict do nothing`,
      [
        dead.map(({ row }) => row.event.event_id),
        dead.map(({ group }) => group),
        dead.map(({ row }) => row.event.type),
        dead.map(({ row }) => row.key),
        dead.map(({ row }) => row.event),
        dead.map(({ row }) => row.request_id),
        dead.map(({ error }) => error),
      ],
    );
  }

  /**
   * Losing a deletion to a power cut repeats a delivery, so no commit here waits for the disk. Sequential scans are off
   * because a plan made while the table was empty stays when it has grown.
   */
  private async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.sql.query("begin; set local synchronous_commit = off; set local enable_seqscan = off");
    try {
      const result = await work();
      await this.sql.query("commit");
      return result;
    } catch (error) {
      await this.sql.query("rollback").catch(() => undefined);
      throw error;
    }
  }
}

function keysOf(rows: OutboxRow[]): [string[], RowId[]] {
  return [rows.map(({ event }) => event.aggregate_id), rows.map(({ id }) => id)];
}
