import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { progress } from "../progress";
import { type RunningServer, type ServerName, startServer } from "../servers/start-server";

/**
 * Starts servers for a fleet, each in a folder of its name below `home`, and puts them into `running` as they come, so that
 * whoever asked can end them also when one fails. Answers what a node needs to know, its keys too.
 */
export async function startFleetServers(
  home: string,
  names: readonly ServerName[],
  running: RunningServer[],
): Promise<Record<string, string>> {
  const shown = progress("Servers", names.length);
  await Promise.all(
    names.map(async (name) => {
      running.push(await startServer(name, { folder: join(home, name) }));
      shown.advance();
    }),
  );
  shown.end();
  const key = (): string => `fleet:${randomBytes(32).toString("base64url")}`;
  const urls = Object.assign({}, ...running.map(({ env }) => env)) as Record<string, string>;
  return { ...urls, JWT_KEYS: key(), MEDIA_KEYS: key() };
}
