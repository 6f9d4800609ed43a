import { settingRows } from "../lib/config";

/** The README's table of settings. */
export function settingsSection(): string {
  const rows = settingRows().map(({ env, fallback, about }) => {
    const shown = fallback === "" ? "" : `\`${fallback}\``;
    return `| \`${env}\` | ${shown} | ${about} |`;
  });
  return ["| name | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

/** The text with what stands between the two marks of a section replaced. */
export function withSection(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`There is no section ${name}.`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** Cells of a Markdown table without their padding, which the formatter chooses. */
export function tableRows(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[\s:|-]+\|$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
}
