/** Locks that expire by themselves: they save work (one rebuild for many readers), they never guard a fact. */
export interface Locks {
  /** Runs `work` while holding the lock, or answers undefined at once when somebody else holds it. */
  tryWith<T>(name: string, ttlMs: number, work: () => Promise<T>): Promise<T | undefined>;
}
