import { type Collection, type Db, type IndexDescription, MongoServerError } from "mongodb";

/** Field names, "-" before one that descends. A field that holds lists makes its index a multikey one. */
export type IndexFields = readonly string[];

/** Documents have text for an `_id`, as NeDB's do. */
export interface Entity {
  _id: string;
  [field: string]: unknown;
}

const NAMESPACE_EXISTS = 48;

/** The collection with its indexes. Made here and not by the first write, so that a transaction never has to. */
export async function openCollection(
  db: Db,
  name: string,
  indexes: readonly IndexFields[],
): Promise<Collection<Entity>> {
  try {
    await db.createCollection(name);
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === NAMESPACE_EXISTS)) throw error;
  }
  const collection = db.collection<Entity>(name);
  if (indexes.length > 0) await collection.createIndexes(indexes.map(describeIndex));
  return collection;
}

function describeIndex(fields: IndexFields): IndexDescription {
  return { key: sortBy(fields) };
}

/** The same notation serves sorting. A Map, for its order counts also where a name looks like a number. */
export function sortBy(fields: readonly string[]): Map<string, 1 | -1> {
  return new Map(fields.map((field) => (field.startsWith("-") ? [field.slice(1), -1] : [field, 1])));
}
