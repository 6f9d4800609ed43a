/** Something that was set to a value, at some time between two. */
export interface Write<V> {
  value: V;
  /** It did not happen before. */
  from_ms: number;
  /** If it happened, then by now. Infinity where it still may. */
  by_ms: number;
  /** Whether it happened. */
  isSure: boolean;
  /** The operation that did it. */
  op: number;
}

/**
 * One thing that people set and others see: which values it may have had while somebody looked, by what was asked and answered
 * alone. Two writes that overlap may have happened in either order.
 */
export class Register<V> {
  private readonly writes: Write<V>[] = [];

  constructor(private readonly initial: V) {}

  add(write: Write<V>): void {
    this.writes.push(write);
  }

  /** Every value that it may have had at some moment from one time to another. */
  possible(fromMs: number, toMs: number): Set<V> {
    const all = [this.first(), ...this.writes];
    return new Set(
      all.filter((write) => write.from_ms <= toMs && !this.isOver(write, fromMs)).map(({ value }) => value),
    );
  }

  mayBe(value: V, fromMs: number, toMs: number): boolean {
    return this.possible(fromMs, toMs).has(value);
  }

  /** Whether it was this all the time. */
  mustBe(value: V, fromMs: number, toMs: number): boolean {
    const possible = this.possible(fromMs, toMs);
    return possible.size === 1 && possible.has(value);
  }

  /** The newest write that had surely happened by then: what says why a value was to be expected. */
  lastSure(beforeMs: number): Write<V> | undefined {
    return this.writes.filter(({ isSure, by_ms }) => isSure && by_ms < beforeMs).sort((a, b) => b.by_ms - a.by_ms)[0];
  }

  private first(): Write<V> {
    return { value: this.initial, from_ms: -Infinity, by_ms: -Infinity, isSure: true, op: 0 };
  }

  /** Another write came surely after it, and surely before this time. */
  private isOver({ by_ms }: Write<V>, atMs: number): boolean {
    return this.writes.some((other) => other.isSure && other.from_ms > by_ms && other.by_ms < atMs);
  }
}

/** Registers by key, made when first asked for. */
export class Registers<V> {
  private readonly byKey = new Map<string, Register<V>>();

  constructor(private readonly initial: V) {}

  of(...key: readonly (string | number)[]): Register<V> {
    const name = key.join(" ");
    const register = this.byKey.get(name) ?? new Register(this.initial);
    this.byKey.set(name, register);
    return register;
  }
}
