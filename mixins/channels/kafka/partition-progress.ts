/** How far one group is in one partition. Nothing here outlives the group's next rebalance: the commits do. */
export class PartitionProgress {
  private readonly finished = new Set<number>();
  private readonly faults = new Map<number, number>();
  /** Batches in a row that ended with something to be tried again. */
  failedRounds = 0;

  /** The effect of this message is stored, or it is a dead letter. */
  finish(offset: number): void {
    this.finished.add(offset);
    this.faults.delete(offset);
  }

  isFinished(offset: number): boolean {
    return this.finished.has(offset);
  }

  /** Counts a failure that is the message's own; answers how many it has. */
  addFault(offset: number): number {
    const faults = (this.faults.get(offset) ?? 0) + 1;
    this.faults.set(offset, faults);
    return faults;
  }

  /** How many of these, from the first on, are finished without a gap: only they may be committed. */
  countFinished(offsets: readonly number[]): number {
    const first = offsets.findIndex((offset) => !this.finished.has(offset));
    return first < 0 ? offsets.length : first;
  }

  /** These are committed, and will not be fetched again. */
  forget(offsets: readonly number[]): void {
    for (const offset of offsets) this.finished.delete(offset);
  }
}
