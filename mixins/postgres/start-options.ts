import type { SpawnOptions } from "node:child_process";
import type { RunAs } from "./run-as";

/** In a group and session of its own, so that a terminal's Ctrl-C reaches us alone and we stop PostgreSQL last. */
export function startOptions(
  runAs: RunAs,
): Pick<SpawnOptions, "detached" | "windowsHide" | "uid" | "gid" | "env" | "cwd"> {
  const own = { detached: true, windowsHide: true, cwd: runAs.switches ? "/" : undefined };
  const identity = runAs.switches && runAs.owner ? { uid: runAs.owner.uid, gid: runAs.owner.gid } : {};
  // Windows programs need SystemRoot and PATH; elsewhere a PGDATA or a secret of ours has no business in there.
  const env =
    process.platform === "win32" ? undefined : { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin:/usr/sbin:/sbin" };
  return { ...own, ...identity, env };
}

/** Small when idle, and few full-page writes after a checkpoint while much is written. */
export function serverSettings(port: number, maxConnections: number, isThrowaway: boolean): Record<string, string> {
  return {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: String(maxConnections),
    shared_buffers: "64MB",
    huge_pages: "off",
    max_wal_size: "1GB",
    checkpoint_timeout: "30min",
    // No replica ever follows this server.
    wal_level: "minimal",
    max_wal_senders: "0",
    max_logical_replication_workers: "0",
    max_parallel_workers_per_gather: "0",
    autovacuum_max_workers: "2",
    io_method: "sync",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    log_min_messages: "warning",
    ...(isThrowaway ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" } : {}),
  };
}
