/** Lets so many pieces of work run at once; the others wait in line. */
export class Turnstile {
  private readonly line: (() => void)[] = [];
  private inside = 0;

  constructor(private readonly most: number) {}

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.inside >= this.most) await new Promise<void>((resolve) => this.line.push(resolve));
    else this.inside += 1;
    try {
      return await work();
    } finally {
      const next = this.line.shift();
      // Whoever is next takes this place.
      if (next === undefined) this.inside -= 1;
      else next();
    }
  }
}
