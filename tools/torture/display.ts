import type { Counts } from "./recorder";

const LINE_EVERY_S = 5;

type Output = NodeJS.WritableStream & { isTTY?: boolean };

/** How a run goes, drawn anew in place on a terminal, and as a line now and then elsewhere. */
export class Display {
  private readonly faults = new Map<string, "under way" | "over">();
  private drawn = 0;
  private nextLine = 0;

  constructor(private readonly output: Output = process.stdout) {}

  fault(what: string, isOver: boolean): void {
    this.faults.set(what, isOver ? "over" : "under way");
    if (!this.output.isTTY) this.output.write(`      ${what}${isOver ? " is over" : ""}\n`);
  }

  show(second: number, seconds: number, counts: Counts): void {
    if (this.output.isTTY)
      this.redraw([`  ${bar(second / seconds)} ${second}/${seconds} s`, sum(counts), ...this.recent()]);
    else if (second >= this.nextLine) {
      this.nextLine = second + LINE_EVERY_S;
      this.output.write(`${String(second).padStart(4)} s ${sum(counts)}\n`);
    }
  }

  say(line: string): void {
    this.drawn = 0;
    this.output.write(`${line}\n`);
  }

  private recent(): string[] {
    return [...this.faults].slice(-4).map(([what, is]) => `  ${is === "over" ? "✓" : "✗"} ${what}`);
  }

  private redraw(lines: string[]): void {
    if (this.drawn > 0) this.output.write(`\x1b[${this.drawn}A\x1b[0J`);
    this.output.write(`${lines.join("\n")}\n`);
    this.drawn = lines.length;
  }
}

function sum({ ok, refused, unknown }: Counts): string {
  return `  ${ok} answered, ${refused} refused, ${unknown} without an answer`;
}

function bar(part: number): string {
  return "█".repeat(Math.round(Math.min(1, part) * 30)).padEnd(30, "░");
}
