import { escapeXml, line, rect, text } from "./svg";
import type { Sweep } from "./sweep";
import { scaleOf, shortNumber } from "./scale";

const [WIDTH, HEIGHT] = [720, 420];
const area = { left: 80, right: 700, top: 84, bottom: 340 };

/** Colours that colour-blind people tell apart, a pair for each series: on white, and on black. */
const colours = [
  ["#0072b2", "#56b4e9"],
  ["#d55e00", "#e69f00"],
  ["#009e73", "#2bd9a5"],
  ["#a6397f", "#e08cc0"],
] as const;

/** The sweep as an SVG image that follows the reader's light or dark surroundings. The note stands at its foot. */
export function plot(sweep: Sweep, note: string): string {
  const scale = scaleOf(sweep.series.flatMap(({ values }) => values));
  const yOf = (value: number): number => area.bottom - (value / scale.top) * (area.bottom - area.top);
  const step = (area.right - area.left) / sweep.x.cases.length;
  const xOf = (index: number): number => area.left + (index + 0.5) * step;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escapeXml(sweep.title)}</title>`,
    `<style>${style()}</style>`,
    rect(0, 0, WIDTH, HEIGHT, "paper"),
    text(16, 28, sweep.title, "ink title"),
    ...legend(sweep),
    ...scale.ticks.flatMap((tick) => [
      line(area.left, yOf(tick), area.right, yOf(tick), "grid"),
      text(area.left - 8, yOf(tick) + 4, shortNumber(tick), "faint end"),
    ]),
    ...sweep.x.cases.map((name, i) =>
      text(xOf(i), area.bottom + 20, typeof name === "number" ? shortNumber(name) : name, "faint middle"),
    ),
    text((area.left + area.right) / 2, area.bottom + 44, sweep.x.label, "ink middle"),
    `<g transform="translate(20 ${(area.top + area.bottom) / 2}) rotate(-90)">${text(0, 0, `${sweep.y.label} (${sweep.y.unit})`, "ink middle")}</g>`,
    ...(sweep.kind === "lines" ? drawLines(sweep, xOf, yOf) : drawBars(sweep, xOf, yOf, step)),
    text(16, HEIGHT - 12, note, "faint small"),
    "</svg>\n",
  ].join("\n");
}

function drawLines({ series }: Sweep, xOf: (index: number) => number, yOf: (value: number) => number): string[] {
  return series.flatMap(({ values }, i) => {
    const points = values.map((value, j) => `${xOf(j).toFixed(1)},${yOf(value).toFixed(1)}`);
    return [
      `<polyline class="line-${i}" points="${points.join(" ")}"/>`,
      ...points.map((point) => {
        const [x, y] = point.split(",");
        return `<circle class="fill-${i}" cx="${x}" cy="${y}" r="4"/>`;
      }),
    ];
  });
}

function drawBars(
  { series }: Sweep,
  xOf: (index: number) => number,
  yOf: (value: number) => number,
  step: number,
): string[] {
  const width = Math.min(64, (step * 0.8) / series.length);
  return series.flatMap(({ values }, i) =>
    values.flatMap((value, j) => {
      const left = xOf(j) + (i - series.length / 2) * width;
      return [
        rect(left + 1, yOf(value), width - 2, area.bottom - yOf(value), `fill-${i}`),
        text(left + width / 2, yOf(value) - 5, shortNumber(value), "faint middle small"),
      ];
    }),
  );
}

function legend({ series }: Sweep): string[] {
  let left = 16;
  return series.flatMap(({ label }, i) => {
    const mark = rect(left, 45, 12, 12, `fill-${i}`);
    const words = text(left + 18, 56, label, "ink");
    left += 46 + label.length * 7;
    return [mark, words];
  });
}

function style(): string {
  const shades = (night: 0 | 1): string =>
    colours.map((pair, i) => `.fill-${i}{fill:${pair[night]}}.line-${i}{stroke:${pair[night]}}`).join("");
  return [
    ".title{font-size:17px;font-weight:600}.small{font-size:11px}.middle{text-anchor:middle}.end{text-anchor:end}",
    "polyline{fill:none;stroke-width:2.5}",
    `.paper{fill:#fff}.ink{fill:#1f2328}.faint{fill:#59636e}.grid{stroke:#d1d9e0}${shades(0)}`,
    `@media (prefers-color-scheme: dark){.paper{fill:#0d1117}.ink{fill:#f0f6fc}.faint{fill:#9198a1}.grid{stroke:#3d444d}${shades(1)}}`,
  ].join("");
}
