/** Coarse, so that a million failing rows are a few hundred times. */
const STEP_MS = 10;

/** When rows that failed are due again. */
export class RetryTimes {
  private readonly times = new Set<number>();

  add(inMs: number): void {
    // One step late rather than early: a look that finds nothing due would cost the whole sweeper's pause.
    this.times.add((Math.ceil((performance.now() + inMs) / STEP_MS) + 1) * STEP_MS);
  }

  /** From now to the next; those that have passed are forgotten. */
  msToNext(): number {
    const now = performance.now();
    let next = Infinity;
    for (const time of this.times) {
      if (time <= now) this.times.delete(time);
      else if (time < next) next = time;
    }
    return next - now;
  }
}
