import type { ActionSchema, Service, ServiceSchema } from "moleculer";
import type { ServiceContract } from "../../lib/contract";
import type { Mixin } from "../../services/define-service";
import type { DocumentStore } from "../documents/document-store";
import type { Database } from "../postgres/sql";
import type { Channels, OutboxHome } from "./channels";
import { contractOf } from "./contracts-of";
import { DocumentsHome } from "./documents-home";
import type { Home } from "./outbox";
import { PostOffice } from "./post-office";
import { openPostgresHome } from "./postgres-home";
import { receiveAction, type ChannelHandler } from "./receive";

export type { Channels, OutboxHome } from "./channels";
export { attachContracts, contractsOf } from "./contracts-of";
export { BadMessageError } from "./bad-message";
export { channelCollections } from "./documents-rows";

type Hook = () => unknown;

/** What waits in the outbox, for whoever looks after the house; it is the same on every node of the service. */
const outboxAction: ActionSchema = {
  visibility: "public",
  params: {},
  handler(this: Service) {
    return (this as Service & Channels).outboxState();
  },
};

/**
 * Gives a service `this.publish` and `this.once`, and lets events reach the handlers of its `channels`. With "postgres" or
 * "documents" it needs the mixin of that name beside it, in any order.
 */
export function channels(home: OutboxHome): Mixin<Channels> {
  const offices = new WeakMap<Service, PostOffice>();
  const officeOf = (service: Service): PostOffice => {
    const office = offices.get(service);
    if (office === undefined) throw new Error(`${service.name} has not started, or has stopped.`);
    return office;
  };
  async function open(this: Service): Promise<void> {
    const kept = home === "none" ? undefined : await openHome(this, home);
    offices.set(this, new PostOffice(this, contractOf(this.broker, this.name), kept));
  }
  function start(this: Service): void {
    officeOf(this).start();
  }
  async function stopReceiving(this: Service): Promise<void> {
    await offices.get(this)?.stopReceiving();
  }
  async function close(this: Service): Promise<void> {
    await offices.get(this)?.stop();
  }
  const methods: Channels & ThisType<Service> = {
    publish(tx, topic, data, options) {
      return officeOf(this).publish(tx, topic, data, options);
    },
    publishMany(tx, topic, data) {
      return officeOf(this).publishMany(tx, topic, data);
    },
    hint(topic, key, data) {
      officeOf(this).hint(topic, key, data);
    },
    async once(tx, event, consumer) {
      return officeOf(this).once(tx, event, consumer);
    },
    async drainOutbox() {
      await officeOf(this).drainOutbox();
    },
    async outboxState() {
      return officeOf(this).outboxState();
    },
    async deadLetters(filter) {
      return officeOf(this).deadLetters(filter);
    },
    async replayDeadLetters(filter) {
      return officeOf(this).replayDeadLetters(filter);
    },
    async backlog() {
      return officeOf(this).backlog();
    },
  };
  return {
    methods,
    merged(this: Service, schema: ServiceSchema) {
      const contract = contractOf(this.broker, schema.name);
      const handlers = (schema as { channels?: Record<string, ChannelHandler> }).channels ?? {};
      assertComplete(contract, handlers);
      if (Object.keys(handlers).length > 0)
        schema.actions = { ...schema.actions, receive: receiveAction(contract, handlers) };
      if (home !== "none") schema.actions = { ...schema.actions, outbox: outboxAction };
      const { started, stopped } = this.originalSchema as { started?: Hook | Hook[]; stopped?: Hook | Hook[] };
      schema.started = aroundOwn(schema.started, started, open, start);
      schema.stopped = aroundOwn(schema.stopped, stopped, close, stopReceiving);
    },
  } as unknown as Mixin<Channels>;
}

/**
 * Moleculer 0.15.2 runs `started` of later mixins first, then the service's own, and `stopped` the other way round. Our outer hook
 * stands between all mixins and the service whatever the order of the list: the store is open before it and closed after it. The
 * inner one stands beyond the service: no event reaches it before it has started or after it begins to stop.
 */
function aroundOwn(merged: unknown, own: unknown, outer: Hook, inner: Hook): () => void {
  const ownHooks = new Set(asList(own));
  const others = asList(merged).filter((hook) => !ownHooks.has(hook));
  return [...others, outer, ...ownHooks, inner] as unknown as () => void;
}

function asList(hooks: unknown): Hook[] {
  return hooks === undefined ? [] : ([hooks].flat() as Hook[]);
}

function assertComplete({ name, consumes }: ServiceContract, handlers: Record<string, ChannelHandler>): void {
  const missing = Object.keys(consumes).filter((topic) => !Object.hasOwn(handlers, topic));
  const unknown = Object.keys(handlers).filter((topic) => !Object.hasOwn(consumes, topic));
  if (missing.length > 0) throw new Error(`${name} has no handler of ${missing.join(", ")}.`);
  if (unknown.length > 0)
    throw new Error(`The contract of ${name} does not say that it consumes ${unknown.join(", ")}.`);
}

async function openHome(service: Service, home: "postgres" | "documents"): Promise<Home> {
  const { sql, documents } = service as Service & { sql?: Database; documents?: DocumentStore };
  if (home === "postgres" && sql) return openPostgresHome(sql, service.name);
  if (home === "documents" && documents) return new DocumentsHome(documents);
  throw new Error(`${service.name} keeps its events in ${home} and does not have the mixin of that name.`);
}
