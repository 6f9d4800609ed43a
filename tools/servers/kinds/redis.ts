import { answers } from "../answers";
import { type RedisPrograms, redisPrograms } from "../install/redis-programs";
import { versionOf } from "../install/version-of";
import { launchProgram } from "../launch-program";
import type { Place, ServerKind } from "../server-kind";

/** One Redis, which writes every change to its append-only file. */
export const redis: ServerKind<RedisPrograms> = {
  size: 1,
  ports: ["client"],
  install: () => redisPrograms("redis"),
  version: ({ server, env }) => versionOf(server, ["--version"], env),
  start: (programs, { places, extra }, index) => startRedis(programs, places[index]!, extra),
  env: async ({ places }) => ({ REDIS_URL: redisUrl(places[0]!) }),
};

export async function startRedis(
  programs: RedisPrograms,
  { folder, ports }: Place,
  more: readonly string[],
): Promise<void> {
  await launchProgram({
    program: programs.server,
    args: [
      ...["--port", String(ports["client"]), "--bind", "127.0.0.1", "--dir", folder],
      ...["--save", "", "--appendonly", "yes", "--daemonize", "no", ...more],
    ],
    folder,
    env: programs.env,
    // While it still reads its file it answers LOADING.
    isReady: () => answers(ports["client"]!, "PING\r\n", "+PONG"),
  });
}

export function redisUrl({ ports }: Place): string {
  return `redis://127.0.0.1:${ports["client"]}`;
}
