import type { Document } from "mongodb";
import type { DocumentStore, Find, Query } from "../../../mixins/documents";
import { MongoDbAdapter } from "../../../plugins/mongodb-adapter";
import type { MongoStore } from "../../../mixins/documents/mongo-store";

export interface Asked {
  collection: string;
  kind: "find" | "count";
  find: Find;
}

/** Notes every list and count that a store is asked for, one of each shape: its fields and operators, whatever their values. */
export function watchQueries(store: DocumentStore): Map<string, Asked> {
  const shapes = new Map<string, Asked>();
  const note = (asked: Asked): void => {
    const { collection, kind, find } = asked;
    const sort = find.sort ? ` by ${find.sort.join(", ")}` : "";
    shapes.set(`${kind} ${collection} ${JSON.stringify(shapeOf(find.query))}${sort}`, asked);
  };
  const find = store.find.bind(store);
  const count = store.count.bind(store);
  jest.spyOn(store, "find").mockImplementation((collection, asked) => {
    note({ collection, kind: "find", find: asked });
    return find(collection, asked);
  });
  jest.spyOn(store, "count").mockImplementation((collection, query) => {
    note({ collection, kind: "count", find: { query } });
    return count(collection, query);
  });
  return shapes;
}

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== "object" || value === null || value instanceof Date) return "?";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

/** Stages of the server's plan for this question, from the last to the first. */
export async function stagesOf(store: MongoStore, { collection, kind, find }: Asked): Promise<string[]> {
  const adapter = new MongoDbAdapter({ database: store.database, collection });
  await adapter.connect();
  const { query, sort, limit } = find;
  if (kind === "find") return stages(await adapter.createCursor({ query, sort, limit }).explain("queryPlanner"));
  const counted = adapter.collection.aggregate(countPipeline(query), hintOf(query));
  return stages(await counted.explain("queryPlanner"));
}

/** What the driver makes of countDocuments. */
function countPipeline(query: Query): Document[] {
  return [{ $match: query }, { $group: { _id: 1, n: { $sum: 1 } } }];
}

function hintOf(query: Query): { hint?: string } {
  return Object.keys(query).length === 0 ? { hint: "_id_" } : {};
}

function stages(plan: unknown): string[] {
  if (Array.isArray(plan)) return plan.flatMap(stages);
  if (typeof plan !== "object" || plan === null) return [];
  const { stage, rejectedPlans: _, ...others } = plan as Document;
  return [...(typeof stage === "string" ? [stage] : []), ...Object.values(others).flatMap(stages)];
}
