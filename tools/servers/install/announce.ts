/** Says something to whoever waits. Standard output belongs to what a command answers. */
export function announce(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
