import type { Database, Transaction } from "../postgres/sql";
import { ensureOnce } from "../postgres/migrate";
import type { AnyTransaction, Home, OutboxEntry } from "./outbox";
import { PostgresOutbox } from "./postgres-outbox";

const SWEEP_ROWS = 5_000;

/** The primary key begins with the aggregate, so that a predecessor is found whatever the statistics of the moment say. */
const tables = (service: string): string => `
  create table ${service}_outbox (
    seq bigserial not null,
    event_id text not null,
    topic text not null,
    key text not null,
    aggregate_id text collate "C" not null,
    payload jsonb not null,
    request_id text,
    acked text[] not null default '{}',
    faults jsonb not null default '{}',
    attempts int not null default 0,
    retry_at timestamptz(3),
    occurred_at timestamptz(3) not null,
    primary key (aggregate_id, seq)
  ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
  create index ${service}_outbox_new on ${service}_outbox (seq) where retry_at is null;
  create index ${service}_outbox_retry on ${service}_outbox (retry_at) where retry_at is not null;
  create table ${service}_dead_letters (
    event_id text not null,
    consumer_group text not null,
    topic text not null,
    key text not null,
    event jsonb not null,
    request_id text,
    error text not null,
    failed_at timestamptz(3) not null default now(),
    primary key (event_id, consumer_group)
  );
  create table ${service}_processed (
    consumer text not null,
    event_id text not null,
    processed_at timestamptz(3) not null default now(),
    primary key (event_id, consumer)
  );
  create index ${service}_processed_by_time on ${service}_processed (processed_at)`;

/** Makes the tables that are missing, on every shard. */
export async function openPostgresHome(database: Database, service: string): Promise<Home> {
  if (!/^[a-z][a-z0-9_]*$/.test(service)) throw new Error(`${service} cannot be part of a table's name.`);
  await ensureOnce(database, service, "outbox", tables(service));
  return new PostgresHome(database, service);
}

class PostgresHome implements Home {
  readonly outboxes: readonly PostgresOutbox[];

  constructor(
    private readonly database: Database,
    private readonly service: string,
  ) {
    this.outboxes = database.shards.map((shard) => new PostgresOutbox(shard, service));
  }

  async write(tx: AnyTransaction, entries: readonly OutboxEntry[]): Promise<void> {
    await statementsOf(tx).query(
      `insert into ${this.service}_outbox (event_id, topic, key, aggregate_id, payload, request_id, occurred_at)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::timestamptz[])`,
      [
        entries.map(({ event }) => event.event_id),
        entries.map(({ event }) => event.type),
        entries.map(({ key }) => key),
        entries.map(({ event }) => event.aggregate_id),
        entries.map(({ event }) => event),
        entries.map(({ request_id }) => request_id),
        entries.map(({ event }) => event.occurred_at),
      ],
    );
  }

  /** Of two at once the second waits for the first to commit or roll back. */
  async mark(tx: AnyTransaction, consumer: string, eventId: string): Promise<boolean> {
    const { rowCount } = await statementsOf(tx).query(
      `insert into ${this.service}_processed (consumer, event_id) values ($1, $2) on conflict do nothing`,
      [consumer, eventId],
    );
    return rowCount === 1;
  }

  /** Scatters over the shards: each forgets its own. Index: _processed_by_time. */
  async forgetMarks(olderThanDays: number): Promise<void> {
    for (const shard of this.database.shards) {
      let rowCount = SWEEP_ROWS;
      while (rowCount === SWEEP_ROWS) {
        ({ rowCount } = await shard.query(
          `delete from ${this.service}_processed where (event_id, consumer) in (
             select event_id, consumer from ${this.service}_processed
              where processed_at < now() - $1 * interval '1 day' order by processed_at limit $2)`,
          [olderThanDays, SWEEP_ROWS],
        ));
      }
    }
  }
}

function statementsOf(tx: AnyTransaction): Transaction {
  if ("query" in tx) return tx;
  throw new TypeError("This service keeps its events in PostgreSQL, and this is a transaction of documents.");
}
