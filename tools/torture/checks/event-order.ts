import type { TopicEvent } from "../state";
import { groupBy } from "./group-by";
import type { Check, Violation } from "./violation";

/**
 * Promise 7: what happened to one thing lies in its topic in the order in which it happened. A relay that crashed sends once more
 * what it had sent, all of it and in order; so the first copies are in order, and so are the last.
 */
export const eventOrder: Check = ({ state }) => {
  if (state === undefined) return [];
  const things = groupBy(state.topics, ({ topic, partition, aggregate_id }) => `${topic}/${partition} ${aggregate_id}`);
  return [...things].flatMap(([thing, events]) => inversion(thing, events) ?? []);
};

function inversion(thing: string, events: readonly TopicEvent[]): Violation | undefined {
  const firsts = new Map<string, TopicEvent>();
  const lasts = new Map<string, TopicEvent>();
  for (const event of events) {
    if (!firsts.has(event.event_id)) firsts.set(event.event_id, event);
    // Taken out first, so that it stands where its last copy lies.
    lasts.delete(event.event_id);
    lasts.set(event.event_id, event);
  }
  for (const copies of [firsts, lasts]) {
    let before: TopicEvent | undefined;
    for (const event of copies.values()) {
      if (before !== undefined && event.occurred_at < before.occurred_at)
        return {
          promise: 7,
          what: `${thing}: ${event.event_id} lies behind ${before.event_id}, which is newer`,
          operations: [],
        };
      before = event;
    }
  }
  return undefined;
}
