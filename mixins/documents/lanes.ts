interface Lane {
  /** Those in it, the first included. */
  taken: number;
  last: Promise<void>;
}

/**
 * Where transactions of this process that met at a document wait for each other, instead of meeting there again and again:
 * one at a time in each lane, in the order of asking. Other processes are met all the same.
 */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();

  isTaken(key: string): boolean {
    return this.lanes.has(key);
  }

  /** Enters all of these; answers how to leave them again. In one order for everybody, so that nobody waits in a circle. */
  async enter(keys: Iterable<string>): Promise<() => void> {
    const leaves: (() => void)[] = [];
    for (const key of [...keys].sort()) leaves.push(await this.enterOne(key));
    return () => leaves.splice(0).forEach((leave) => leave());
  }

  private async enterOne(key: string): Promise<() => void> {
    const lane = this.lanes.get(key) ?? { taken: 0, last: Promise.resolve() };
    this.lanes.set(key, lane);
    lane.taken++;
    const before = lane.last;
    let pass!: () => void;
    lane.last = new Promise((resolve) => (pass = resolve));
    await before;
    return () => {
      if (--lane.taken === 0) this.lanes.delete(key);
      pass();
    };
  }
}
