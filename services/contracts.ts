import type { z } from "zod";
import type { ServiceContract } from "../lib/contract";
import { authContract } from "./auth/auth.contract";
import { discoveryContract } from "./discovery/discovery.contract";
import { graphContract } from "./graph/graph.contract";
import { mediaContract } from "./media/media.contract";
import { newsfeedContract } from "./newsfeed/newsfeed.contract";
import { postsContract } from "./posts/posts.contract";

/** Every contract, in the order of calls: each service calls only those that stand after it. */
export const contracts = [
  discoveryContract,
  newsfeedContract,
  postsContract,
  mediaContract,
  graphContract,
  authContract,
] as const satisfies readonly ServiceContract[];

type Contract = (typeof contracts)[number];

type ActionsOf<C> = C extends { name: infer N extends string; actions: infer A }
  ? { [K in keyof A & string as `${N}.${K}`]: A[K] }
  : never;
type Merge<U> = (U extends unknown ? (part: U) => void : never) extends (all: infer I) => void ? I : never;

/** `"graph.follow"` to its contract. */
export type ActionCatalogue = Merge<ActionsOf<Contract>>;
export type ActionName = keyof ActionCatalogue;
export type ParamsOf<N extends ActionName> = z.input<ActionCatalogue[N]["params"]>;
export type ResultOf<N extends ActionName> = z.output<ActionCatalogue[N]["result"]>;

type EventsOf<C> = C extends { events: infer E } ? E : never;
/** `"post.created"` to its contract. */
export type EventCatalogue = Merge<EventsOf<Contract>>;
export type Topic = keyof EventCatalogue;
export type EventData<T extends Topic> = EventCatalogue[T] extends { data: infer D extends z.ZodType }
  ? z.output<D>
  : never;
