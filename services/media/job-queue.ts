/** What waits beyond these is found again by the sweeper. */
const MOST_WAITING = 1000;

/** Runs work on ids, a few at a time, each at most once at a time. Holds no more than ids. */
export class JobQueue {
  private readonly waiting = new Set<string>();
  private readonly running = new Map<string, Promise<void>>();
  private isStopped = false;

  /** @param work rejects for nothing: it has told of its own failures. */
  constructor(
    private readonly concurrency: number,
    private readonly work: (id: string) => Promise<void>,
  ) {}

  add(id: string): void {
    if (this.isStopped || this.running.has(id) || this.waiting.size >= MOST_WAITING) return;
    this.waiting.add(id);
    this.runNext();
  }

  /** How many more could be worked on at once. */
  get room(): number {
    return Math.max(0, MOST_WAITING - this.waiting.size);
  }

  /** Until nothing waits and nothing runs. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  /** Forgets what waits, and gives what runs so long to end. */
  async stop(graceMs: number): Promise<void> {
    this.isStopped = true;
    this.waiting.clear();
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)));
    await Promise.race([this.idle(), grace]);
    clearTimeout(timer);
  }

  private runNext(): void {
    for (const id of this.waiting) {
      if (this.running.size >= this.concurrency) return;
      this.waiting.delete(id);
      const run = this.work(id).finally(() => {
        this.running.delete(id);
        this.runNext();
      });
      this.running.set(id, run);
    }
  }
}
