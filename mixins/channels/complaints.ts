import type { Log } from "../postgres/log";

const EVERY_MS = 30_000;

/** Warns of what goes on failing, now and then. */
export class Complaints {
  private lastMs = -Infinity;

  constructor(private readonly log: Log) {}

  warn(message: string, error: unknown): void {
    if (performance.now() - this.lastMs < EVERY_MS) return;
    this.lastMs = performance.now();
    this.log.warn(message, error);
  }
}
