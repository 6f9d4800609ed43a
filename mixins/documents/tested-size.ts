import type { ServiceBroker } from "moleculer";
import type { DocumentStore } from "./document-store";
import type { Log } from "./log";

/** Documents of a service's main collection that the embedded store was measured with (`npm run bench`, embedded_1e5_posts). */
export const TESTED_DOCUMENTS = 100_000;
const WARN_FROM = 0.7 * TESTED_DOCUMENTS;
const LOOK_EVERY_MS = 10 * 60_000;

const sizes = new WeakMap<ServiceBroker, () => Promise<number>>();

/** How many documents the embedded store of this node holds, or undefined where it has none. */
export async function embeddedDocuments(broker: ServiceBroker): Promise<number | undefined> {
  return sizes.get(broker)?.();
}

/** Warns, at start and from time to time, when the store comes near what it was tested with. Answers how to stop that. */
export function watchSize(broker: ServiceBroker, store: DocumentStore, collection: string, log: Log): () => void {
  const count = () => store.count(collection, {});
  sizes.set(broker, count);
  const look = async () => {
    const held = await count();
    if (held >= WARN_FROM) log.warn(sizeWarning(collection, held));
  };
  const looking = () =>
    void look().catch((error: unknown) => log.warn(`The size of ${collection} is not known: ${String(error)}`));
  looking();
  const timer = setInterval(looking, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** From 70 % of the tested size on. */
export function sizeWarning(collection: string, held: number): string {
  const share = Math.round((100 * held) / TESTED_DOCUMENTS);
  return `${collection} holds ${held} documents, ${share} % of the ${TESTED_DOCUMENTS} that the embedded store was tested with. It keeps all of them in memory.`;
}
