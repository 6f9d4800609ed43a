import { Presets, SingleBar } from "cli-progress";

const LINE_EVERY_MS = 5_000;

/** How far a piece of work has come, as a bar on a terminal and as plain lines elsewhere. */
export interface Progress {
  to(done: number): void;
  advance(by?: number): void;
  /** Answers the seconds that it took. */
  end(): number;
}

type Output = NodeJS.WritableStream & { isTTY?: boolean };

export function progress(title: string, total: number, output: Output = process.stdout): Progress {
  const began = performance.now();
  const show = output.isTTY ? bar(title, total, output) : lines(title, total, output);
  let done = 0;
  let hasEnded = false;
  const seconds = (): number => (performance.now() - began) / 1000;
  return {
    to(value) {
      done = value;
      show.update(done, seconds());
    },
    advance(by = 1) {
      done += by;
      show.update(done, seconds());
    },
    end() {
      if (!hasEnded) show.end(done, seconds());
      hasEnded = true;
      return seconds();
    },
  };
}

interface Display {
  update(done: number, seconds: number): void;
  end(done: number, seconds: number): void;
}

function bar(title: string, total: number, stream: Output): Display {
  const format = `  ${title.padEnd(34)} {bar} {value}/{total}  {rate}`;
  const shown = new SingleBar({ format, stream, hideCursor: true, barsize: 24 }, Presets.shades_classic);
  shown.start(total, 0, { rate: "" });
  return {
    update: (done, seconds) => shown.update(done, { rate: rate(done, seconds) }),
    end: (done, seconds) => {
      shown.update(done, { rate: rate(done, seconds) });
      shown.stop();
    },
  };
}

function lines(title: string, total: number, output: Output): Display {
  let nextLine = LINE_EVERY_MS / 1000;
  const line = (done: number, seconds: number): void =>
    void output.write(`  ${title.padEnd(34)} ${done}/${total}  ${rate(done, seconds)}\n`);
  return {
    update(done, seconds) {
      if (seconds < nextLine || done >= total) return;
      nextLine = seconds + LINE_EVERY_MS / 1000;
      line(done, seconds);
    },
    end: line,
  };
}

function rate(done: number, seconds: number): string {
  if (seconds < 0.1) return `${seconds.toFixed(1)} s`;
  const perSecond = done / seconds;
  return `${seconds.toFixed(1)} s, ${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)}/s`;
}
