import type { ServiceBroker } from "moleculer";
import { LRUCache } from "lru-cache";
import type { Viewer } from "../../lib/contract";
import { digestOf } from "../../lib/page-digest";

const MOST_BYTES = 64 * 1024 ** 2;
/** Of a page beside its bytes. */
const OVERHEAD_BYTES = 300;

/**
 * Newest feed pages as newsfeed last answered them. It is asked about each of them at every read, and sends only what this gateway
 * has not: to carry 40 KB across NATS costs more than all else that a warm page takes.
 */
export class KnownPages {
  private readonly pages = new LRUCache<string, Buffer>({
    maxSize: MOST_BYTES,
    sizeCalculation: (page) => page.length + OVERHEAD_BYTES,
  });

  async read(broker: ServiceBroker, viewer: Viewer, limit: number, requestID: string): Promise<Buffer> {
    const key = `${viewer.id}:${limit}`;
    const known = this.pages.get(key);
    const params = known === undefined ? { limit } : { limit, known: digestOf(known) };
    const answer = await broker.call<Buffer, object>("newsfeed.readNewest", params, { meta: { viewer }, requestID });
    if (known !== undefined && answer.length === 0) return known;
    // A copy: what came over NATS lies in a larger piece of memory.
    this.pages.set(key, Buffer.from(answer));
    return answer;
  }
}
