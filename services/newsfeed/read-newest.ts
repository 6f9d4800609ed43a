import { digestOf } from "../../lib/page-digest";
import type { WarmFeed } from "../../lib/warm-feed";
import type { Call } from "../define-service";
import type { Asking, Newsfeed } from "./newsfeed-store";
import { readFeed } from "./read-feed";
import { readWarm } from "./read-warm";

const UNCHANGED = Buffer.alloc(0);

/** The first page as bytes of JSON, whichever way it takes; none where the asker has them. */
export async function readNewest(
  feeds: Newsfeed,
  asking: Asking,
  { limit, known }: { limit: number; known?: string | undefined },
): Promise<Buffer> {
  const startedMs = performance.now();
  const warm = await readWarm(feeds, asking, limit);
  const page = warm ?? Buffer.from(JSON.stringify(await readFeed(feeds, asking, { limit })));
  feeds.figures.observePage(warm === undefined ? "plain" : "warm", startedMs);
  return known !== undefined && digestOf(page) === known ? UNCHANGED : page;
}

/** The warm way alone, for a gateway in this process. */
export function warmFeed(feeds: Newsfeed): WarmFeed {
  return (viewer, limit, requestID) => {
    const startedMs = performance.now();
    const options = { meta: { viewer }, requestID };
    const call: Call = (name, params) => feeds.broker.call(name, params as never, options) as never;
    const counted = (page: Buffer | undefined): Buffer | undefined => {
      if (page !== undefined) feeds.figures.observePage("warm", startedMs);
      return page;
    };
    const page = readWarm(feeds, { call, meta: { viewer } }, limit);
    return page instanceof Promise ? page.then(counted) : counted(page);
  };
}
