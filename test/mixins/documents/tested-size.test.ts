import type { ServiceBroker } from "moleculer";
import type { DocumentStore } from "../../../mixins/documents";
import { embeddedDocuments, watchSize } from "../../../mixins/documents/tested-size";

describe("the embedded store's size", () => {
  /** A store is asked for nothing here but its size. */
  const storeOf = (size: number) => ({ count: async () => size }) as unknown as DocumentStore;

  it.each([
    [69_999, 0],
    [70_000, 1],
  ])("of %i documents is warned of %i times", async (size, times) => {
    const warnings: string[] = [];
    const log = { info: () => undefined, warn: (text: string) => warnings.push(text), error: () => undefined };
    const broker = {} as ServiceBroker;

    const stop = watchSize(broker, storeOf(size), "posts", log);
    expect(await embeddedDocuments(broker)).toBe(size);
    await new Promise((resolve) => setTimeout(resolve, 10));
    stop();

    expect(warnings).toHaveLength(times);
  });
});
