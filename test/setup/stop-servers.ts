import { kinds } from "../../tools/servers/kinds";

/** Ends the servers of this run, and says which they were. */
export default async function stopServers(): Promise<void> {
  const servers = globalThis.testServers;
  if (servers === undefined) return;
  await servers.stop();
  const order = Object.keys(kinds);
  const versions = servers.running
    .sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name))
    .map(({ name, version }) => `${name} ${version}`);
  const lines = [
    `Ran against ${versions.join(", ") || "no server"}.`,
    ...(servers.given.length > 0 ? [`Given by the environment: ${servers.given.join(", ")}.`] : []),
    ...servers.missing.map((reason) => `NOT RUN against ${reason}`),
  ];
  process.stderr.write(`\n${lines.join("\n")}\n`);
}
