import type { Reading } from "./gauges";

const BAR = 40;
const blocks = " ▁▂▃▄▅▆▇█";

export interface Display {
  show(second: number, reading: Reading): void;
  end(summary: string): void;
}

type Output = NodeJS.WritableStream & { isTTY?: boolean };

/** Redrawn in place on a terminal, a line a second elsewhere. */
export function openDisplay(output: Output): Display {
  const lags: number[] = [];
  let drawn = 0;
  return {
    show(second, reading) {
      lags.push(reading.lag);
      const lines = output.isTTY ? picture(second, reading, lags) : [line(second, reading)];
      if (drawn > 0 && output.isTTY) output.write(`\x1b[${drawn}A\x1b[0J`);
      output.write(`${lines.join("\n")}\n`);
      drawn = lines.length;
    },
    end: (summary) => void output.write(`${summary}\n`),
  };
}

function line(second: number, { nodes, lag }: Reading): string {
  const each = nodes.map(
    ({ name, readsPerSecond, deliveriesPerSecond }) =>
      `${name}: ${Math.round(readsPerSecond)} reads/s, ${Math.round(deliveriesPerSecond)} deliveries/s`,
  );
  return `${String(second).padStart(4)} s  fan-out is ${lag} deliveries behind  ${each.join("; ")}`;
}

function picture(second: number, { nodes, lag }: Reading, lags: readonly number[]): string[] {
  const most = Math.max(1, ...nodes.map(({ deliveriesPerSecond }) => deliveriesPerSecond));
  return [
    "",
    `  ${second} s`,
    `  fan-out behind  ${curve(lags)}  ${lag.toLocaleString("en")} deliveries`,
    ...nodes.map(
      ({ name, readsPerSecond, deliveriesPerSecond }) =>
        `  ${name.padEnd(14)}  ${"█".repeat(Math.round((deliveriesPerSecond / most) * BAR)).padEnd(BAR)}  ` +
        `${Math.round(deliveriesPerSecond).toLocaleString("en")} deliveries/s, ${Math.round(readsPerSecond)} reads/s`,
    ),
  ];
}

/** The last values, each a block as high as it is great. */
function curve(values: readonly number[]): string {
  const shown = values.slice(-BAR);
  const most = Math.max(1, ...values);
  return shown
    .map((value) => blocks[Math.ceil((value / most) * (blocks.length - 1))])
    .join("")
    .padStart(BAR);
}
