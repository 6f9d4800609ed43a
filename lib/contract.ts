import type { z } from "zod";

/**
 * Who may call an action. "internal": other services only, a viewer is not needed. "anyone": over HTTP without a token.
 * "viewer": needs somebody logged in. "moderator" and "admin": needs that role or a higher one.
 */
export type Access = "internal" | "anyone" | "viewer" | "moderator" | "admin";

export interface ActionContract {
  /** One sentence for the REPL and the API document. */
  summary: string;
  access: Access;
  params: z.ZodObject;
  result: z.ZodType;
  /** A repeat changes nothing more, so that a lost answer may be asked for again. */
  idempotent?: boolean;
  /** So many one node works on at once where that is few, for each is much work; a few times as many wait, and more are refused. */
  atOnce?: number;
}

export interface EventContract {
  /** The field of `data` by which order is kept and which is the Kafka key. */
  key: string;
  /** The field of `data` that names the aggregate; the key where left out. */
  aggregate?: string;
  data: z.ZodObject;
}

/** All that others may know of a service. */
export interface ServiceContract {
  name: string;
  actions: Record<string, ActionContract>;
  /** Topics that this service publishes. */
  events: Record<string, EventContract>;
  /** Topics that this service consumes, each with the consumer group that handles it. */
  consumes: Record<string, string>;
}

export function defineContract<const C extends ServiceContract>(contract: C): C {
  return contract;
}

/** What travels: readable by any Kafka client. `data` holds ids and times only, never a caption, name or e-mail. */
export interface DomainEvent<Data = Record<string, unknown>> {
  /** 24 hex; the same at every delivery, so that a consumer can tell a repeat. */
  event_id: string;
  type: string;
  version: number;
  /** ISO 8601, UTC, milliseconds. */
  occurred_at: string;
  aggregate_id: string;
  data: Data;
}

export type Role = "user" | "moderator" | "admin";

export interface Viewer {
  id: number;
  role: Role;
}
