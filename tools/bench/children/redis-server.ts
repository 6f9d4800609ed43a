import { Redis } from "ioredis";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { scripts } from "../../../mixins/redis/redis-scripts";

interface Input {
  redisUrl: string;
  body: string;
  /** Of the script by which a feed page is found unchanged, one a line: the timeline, then the stamps. */
  keys: string;
  /** Entries, ttl, longest life, a stamp, its life; separated by spaces. */
  args: string;
}

/** The least that Node can do for an answer that Redis is asked about first: the same script over the same keys. */
process.once("message", ({ redisUrl, body, keys, args }: Input) => {
  const redis = new Redis(redisUrl);
  redis.defineCommand("feedSnapshot", { lua: scripts.feedSnapshot });
  const ask = redis as unknown as { feedSnapshot(count: number, ...rest: string[]): Promise<string> };
  const rest = [...keys.split("\n"), ...args.split(" ")];
  const count = keys.split("\n").length;
  const bytes = Buffer.from(body);
  const headers = { "content-type": "application/json; charset=utf-8", "content-length": bytes.length };
  const server = createServer((_, response) => {
    void ask.feedSnapshot(count, ...rest).then((text) => response.writeHead(text === "" ? 500 : 200, headers).end(bytes));
  });
  // Its connections rest while the other side is measured.
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1", () => {
    process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
});
process.once("disconnect", () => process.exit());
