/** Called when the time is over, unless it was taken back before. */
export type Late = () => void;

/**
 * Waits that all last equally long, so that they end in the order in which they began and one timer does for all: one for each would
 * cost as much as what is waited for.
 */
export class Deadlines {
  private readonly ends = new Map<Late, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly ms: number) {}

  begin(late: Late): void {
    this.ends.set(late, performance.now() + this.ms);
    this.timer ??= setTimeout(this.afterArrivals, this.ms).unref();
  }

  /** What was waited for is there. False where it came too late. */
  takeBack(late: Late): boolean {
    return this.ends.delete(late);
  }

  /** A process that was busy itself is told of the time first: answers that lie there already are to be read before. */
  private readonly afterArrivals = (): void => void setImmediate(this.end);

  private readonly end = (): void => {
    this.timer = undefined;
    const now = performance.now();
    for (const [late, at] of this.ends) {
      // A timer may be some part of a millisecond early.
      if (at - now >= 1) {
        this.timer = setTimeout(this.afterArrivals, at - now).unref();
        return;
      }
      this.ends.delete(late);
      late();
    }
  };
}
