import type { Channels } from "./channels";
import type { DeadLetterBox, DeadLetterEntry, DeadLetterFilter } from "./dead-letter-box";

/** The dead letters of these services' outboxes. */
export class OutboxDeadLetters implements DeadLetterBox {
  constructor(
    private readonly homes: readonly Pick<Channels, "deadLetters" | "replayDeadLetters">[],
    readonly close: () => Promise<void>,
  ) {}

  async list(filter: DeadLetterFilter): Promise<DeadLetterEntry[]> {
    const found = await Promise.all(this.homes.map((home) => home.deadLetters(filter)));
    return found
      .flat()
      .sort((a, b) => a.failed_at.localeCompare(b.failed_at))
      .slice(0, filter.limit);
  }

  async replay(filter: DeadLetterFilter): Promise<DeadLetterEntry[]> {
    const given: DeadLetterEntry[] = [];
    for (const home of this.homes)
      given.push(...(await home.replayDeadLetters({ ...filter, limit: filter.limit - given.length })));
    return given;
  }
}
