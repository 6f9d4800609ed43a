import type { ActionSchema, CallingOptions, Context, Service, ServiceBroker, ServiceSchema } from "moleculer";
import type { z } from "zod";
import type { Access, DomainEvent, Role, ServiceContract, Viewer } from "../lib/contract";
import { ForbiddenError, UnauthenticatedError } from "../lib/errors";
import { describeParams } from "../plugins/zod-validator";
import type { ActionName, EventData, ParamsOf, ResultOf, Topic } from "./contracts";

/** What rides along with every call: who asks, and nothing else. The request id is the context's own. */
export interface Meta {
  viewer?: Viewer;
}

export type Call = <N extends ActionName>(
  name: N,
  params: ParamsOf<N>,
  options?: CallingOptions,
) => Promise<ResultOf<N>>;

/** A Moleculer context whose calls are typed by the contracts. */
export type TypedContext<Params = unknown, M extends Meta = Meta> = Omit<Context<Params, M>, "call"> & { call: Call };

type Asked<A extends Access> = A extends "viewer" | "moderator" | "admin" ? { viewer: Viewer } : Meta;

/** Part of a service that brings members of `this`: `Mixin<{ sql: Database }>`. */
export type Mixin<Provides = unknown> = Partial<ServiceSchema> & { readonly __provides?: Provides };
type Provided<M extends readonly unknown[]> = M extends readonly [infer First, ...infer Rest]
  ? (First extends { readonly __provides?: infer P } ? NonNullable<P> : unknown) & Provided<Rest>
  : unknown;

type Self<M extends readonly unknown[], State, Methods> = Omit<Service, "broker" | "settings"> & {
  broker: ServiceBroker;
} & Provided<M> &
  State &
  Methods;

type Handlers<C extends ServiceContract> = {
  [K in keyof C["actions"]]: (
    ctx: TypedContext<z.output<C["actions"][K]["params"]>, Asked<C["actions"][K]["access"]>>,
  ) => Promise<z.input<C["actions"][K]["result"]>> | z.input<C["actions"][K]["result"]>;
};

type ChannelHandlers<C extends ServiceContract> = {
  [T in keyof C["consumes"] & Topic]: (event: DomainEvent<EventData<T>>, ctx: TypedContext) => Promise<void>;
};

interface Parts<C extends ServiceContract, M extends readonly Mixin[], State, Methods> {
  mixins: readonly [...M];
  /** Names of services that must be there before this one starts. */
  dependencies?: string[];
  /** Members of `this` that `created` or `started` fill. */
  state?: State;
  methods?: Methods;
  actions: Handlers<C>;
  channels: ChannelHandlers<C>;
  created?: () => void;
  started?: () => Promise<void>;
  stopped?: () => Promise<void>;
}

const atLeast: Record<Role, number> = { user: 0, moderator: 1, admin: 2 };

/**
 * A Moleculer service that keeps a contract: every action and channel of the contract has a handler, every handler has the
 * contract's types, and who may call is checked before it runs.
 */
export function defineService<
  const C extends ServiceContract,
  M extends readonly Mixin[],
  State extends object = object,
  Methods extends object = object,
>(contract: C, parts: Parts<C, M, State, Methods> & ThisType<Self<M, State, Methods>>): ServiceSchema {
  const { mixins, actions, channels, state: _state, methods, ...rest } = parts;
  const schemas: Record<string, ActionSchema> = {};
  for (const [name, handler] of Object.entries(actions) as [string, (ctx: TypedContext) => unknown][]) {
    const action = contract.actions[name];
    if (action === undefined) throw new Error(`${contract.name}.${name} stands in no contract.`);
    schemas[name] = {
      visibility: "public",
      params: describeParams(action.params),
      retryPolicy: { enabled: action.idempotent === true },
      ...(action.atOnce === undefined ? {} : { bulkhead: bulkheadOf(action.atOnce) }),
      handler: guarded(action.access, handler) as NonNullable<ActionSchema["handler"]>,
      summary: action.summary,
    } as ActionSchema;
  }
  return {
    name: contract.name,
    mixins: mixins as unknown as Partial<ServiceSchema>[],
    ...(rest as Partial<ServiceSchema>),
    methods: { ...(methods as ServiceSchema["methods"]) },
    channels,
    actions: schemas,
  } as unknown as ServiceSchema;
}

const WAITING_FOR_EACH = 4;

function bulkheadOf(atOnce: number): object {
  return { enabled: true, concurrency: atOnce, maxQueueSize: WAITING_FOR_EACH * atOnce };
}

function guarded(access: Access, handler: (ctx: TypedContext) => unknown): (ctx: TypedContext) => unknown {
  if (access === "internal" || access === "anyone") return handler;
  const least = access === "viewer" ? "user" : access;
  return function (this: unknown, ctx: TypedContext) {
    const viewer = ctx.meta.viewer;
    if (viewer === undefined) throw new UnauthenticatedError();
    if (atLeast[viewer.role] < atLeast[least]) throw new ForbiddenError();
    return handler.call(this, ctx);
  };
}

/** Calls from outside a handler (a sweeper, a tool), typed by the contracts. */
export function callerOf(broker: ServiceBroker): Call {
  return (name: string, params: unknown, options?: CallingOptions) => broker.call(name, params, options);
}
