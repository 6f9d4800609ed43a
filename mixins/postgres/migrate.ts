import { createHash } from "node:crypto";
import { migrationFiles } from "./migration-files";
import type { Database, Shard, Sql } from "./sql";

/** `step` is the number of a migration file, or the name that a mixin gave to tables of its own. */
const RECORD = `
  create table if not exists migrations (
    service text not null,
    step text not null,
    checksum text not null,
    applied_at timestamptz(3) not null default now(),
    primary key (service, step)
  );
  -- Empty for ever: they lend their partition function to the checks of sharded tables.
  create table if not exists placement (key bigint) partition by hash (key);
  create table if not exists placement_text (key text collate "C") partition by hash (key);
  create table if not exists shard_identity (shards integer not null, shard integer not null)`;

interface Step {
  service: string;
  step: string;
  sql: string;
  /** What a complaint calls it. */
  origin: string;
}

/**
 * Brings every shard to the newest tables of these services. Many nodes may do so at once. A shard's number and their count
 * stand for {{shard}} and {{shards}} in the files.
 * @throws when a file that was applied has been changed since.
 */
export async function migrate(database: Database, services: readonly string[], root?: string): Promise<void> {
  for (const service of services) {
    const files = await migrationFiles(service, root);
    const steps = files.map(({ number, file, sql }) => ({ service, step: number, sql, origin: file }));
    await onEveryShard(database, steps);
  }
}

/** Runs this SQL once on every shard, kept in the same record under `name`: for tables that a mixin keeps for a service. */
export async function ensureOnce(database: Database, service: string, name: string, sql: string): Promise<void> {
  await onEveryShard(database, [{ service, step: name, sql, origin: `"${name}" of ${service}` }]);
}

async function onEveryShard(database: Database, steps: Step[]): Promise<void> {
  await Promise.all(database.shards.map((shard) => bringUp(shard, database.shards.length, steps)));
}

async function bringUp(shard: Shard, shards: number, steps: Step[]): Promise<void> {
  await shard.migration(async (tx) => {
    await waitForTurn(tx);
    await tx.query(RECORD);
    await assertIdentity(tx, shards, shard.index);
  });
  for (const step of steps) {
    await shard.migration(async (tx) => {
      await waitForTurn(tx);
      await applyOnce(tx, step, shards, shard.index);
    });
  }
}

/**
 * Reads would silently miss what another order, or another number, of shards had placed elsewhere.
 * @throws where this database was filled as another shard than it is configured as.
 */
async function assertIdentity(tx: Sql, shards: number, shard: number): Promise<void> {
  const { rows } = await tx.query<{ shards: number; shard: number }>("select shards, shard from shard_identity");
  const [known] = rows;
  if (known === undefined)
    await tx.query("insert into shard_identity (shards, shard) values ($1, $2)", [shards, shard]);
  else if (known.shards !== shards || known.shard !== shard)
    throw new Error(
      `This database is shard ${known.shard} of ${known.shards} and is configured as shard ${shard} of ${shards}. ` +
        "Set DATABASE_SHARDS to the same databases in the same order as when they were made.",
    );
}

/** Held until the transaction ends: a second node waits here, and then sees what the first did. */
async function waitForTurn(tx: Sql): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended('migrations', 0))");
}

async function applyOnce(tx: Sql, { service, step, sql, origin }: Step, shards: number, shard: number): Promise<void> {
  const checksum = checksumOf(sql);
  const { rows } = await tx.query<{ checksum: string }>(
    "select checksum from migrations where service = $1 and step = $2",
    [service, step],
  );
  const applied = rows[0]?.checksum;
  if (applied === checksum) return;
  if (applied !== undefined) {
    throw new Error(
      `${origin} was changed after it had been applied. Undo the change and put it into a new migration.`,
    );
  }
  try {
    await tx.query(sql.replaceAll("{{shards}}", String(shards)).replaceAll("{{shard}}", String(shard)));
  } catch (error) {
    const fault = error as Error;
    fault.message = `${origin}: ${fault.message}`;
    throw fault;
  }
  await tx.query("insert into migrations (service, step, checksum) values ($1, $2, $3)", [service, step, checksum]);
}

/** The same for a checkout with Windows line ends. */
function checksumOf(sql: string): string {
  return createHash("sha256").update(sql.replaceAll("\r\n", "\n")).digest("hex");
}
