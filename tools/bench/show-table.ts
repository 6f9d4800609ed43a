import type { Row } from "./benchmark";

const headings = ["name", "value", "unit", "reference", "ratio", "goal", "met"];

/** Rows under their headings, numbers to the right. */
export function tableLines(rows: readonly Row[]): string[] {
  const cells = rows.map((row) => [
    row.name,
    short(row.value),
    row.unit,
    short(row.reference),
    row.ratio.toFixed(3),
    row.goal?.replace(">=", "≥").replace("<=", "≤") ?? "",
    row.met === null ? "" : row.met ? "yes" : "no",
  ]);
  const widths = headings.map((heading, i) => Math.max(heading.length, ...cells.map((row) => row[i]!.length)));
  const isNumber = (column: number): boolean => [1, 3, 4].includes(column);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  return [line(headings), widths.map((width) => "─".repeat(width)).join("──"), ...cells.map(line)];
}

function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
}
