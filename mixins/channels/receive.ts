import type { ActionSchema, Context, Service } from "moleculer";
import { z } from "zod";
import type { DomainEvent, ServiceContract } from "../../lib/contract";
import { UnavailableError } from "../../lib/errors";
import { faultsOf } from "../../plugins/zod-validator";
import { failpoint } from "../failpoint";
import { BadMessageError } from "./bad-message";
import { eventContractOf } from "./contracts-of";

export type ChannelHandler = (this: Service, event: DomainEvent, ctx: Context) => Promise<void>;

/** A handler that needs longer is called again, so it is generous. */
export const RECEIVE_TIMEOUT_MS = 30_000;

const envelope = z.object({
  topic: z.string(),
  group: z.string(),
  event: z.object({
    event_id: z.string(),
    type: z.string(),
    version: z.number(),
    occurred_at: z.string(),
    aggregate_id: z.string(),
    data: z.unknown(),
  }),
});

/** The internal action by which events reach a service's handlers. It answers when the event's effect is stored. */
export function receiveAction(
  contract: ServiceContract,
  handlers: Record<string, ChannelHandler>,
): ActionSchema & { isSharedOut: true } {
  return {
    visibility: "public",
    params: {},
    retryPolicy: { enabled: false },
    // The work of events is every node's, and not only that of the one whose relay has them.
    isSharedOut: true,
    // The relay waits before it tries again; a breaker would hold back the other topics of this service too.
    circuitBreaker: { enabled: false },
    async handler(this: Service, ctx: Context): Promise<void> {
      const { topic, group, event } = parsed(envelope, ctx.params, "envelope");
      ctx.span?.addTags({ topic, group });
      const handler = handlers[topic];
      if (handler === undefined || contract.consumes[topic] !== group) {
        // The sender runs newer code than this node: there will be one that knows it.
        throw new UnavailableError(`${contract.name} does not consume ${topic} as ${group} here.`);
      }
      const schema = eventContractOf(this.broker, topic)?.data;
      if (schema === undefined) throw new UnavailableError(`${topic} stands in no contract here.`);
      const data = parsed<Record<string, unknown>>(schema, event.data, topic);

      await failpoint("channels.before-effect");
      await handler.call(this, { ...event, data }, ctx);
      await failpoint("channels.effect-done");
    },
  };
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new BadMessageError(`This ${what} is not as its contract says.`, { fields: faultsOf(result.error) });
}
