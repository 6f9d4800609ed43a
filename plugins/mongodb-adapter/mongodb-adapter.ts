import type { Service, ServiceBroker } from "moleculer";
import type { DbAdapter } from "moleculer-db";
import {
  BSON,
  type ClientSession,
  type Collection,
  Db,
  type Document,
  type FindCursor,
  MongoClient,
  MongoServerError,
  ObjectId,
} from "mongodb";
import { clientOptions } from "./client-options";
import { type Entity, type IndexFields, openCollection, sortBy } from "./collection";
import { RunAgainError, runTransaction } from "./run-transaction";
import { searchFilter } from "./search-filter";

export interface MongoDbAdapterOptions {
  /** A URL with the database's name, whose connection is the adapter's own; or a database of a client that its owner closes. */
  database: string | Db;
  /** Unset: the `collection` of the service's schema, or else the service's name. */
  collection?: string;
  indexes?: readonly IndexFields[];
}

/** moleculer-db's filters. */
export interface Filters {
  query?: Document | undefined;
  /** "-" before a field that descends; a text's fields are separated by spaces. */
  sort?: string | readonly string[] | undefined;
  limit?: number | string | undefined;
  offset?: number | string | undefined;
  /** Looked for in place of `query`, as the memory adapter does. */
  search?: string | undefined;
  searchFields?: string | readonly string[] | undefined;
}

/** In a transaction its session: of `runTransaction`, or one of your own. */
export interface In {
  session?: ClientSession | undefined;
}

const INSERT_TIMEOUT_MS = 10_000;
const DUPLICATE_KEY = 11_000;

/**
 * An adapter of moleculer-db for MongoDB by its current driver. It answers as moleculer-db's own memory adapter does, text for
 * `_id`s included, so that one takes the other's place.
 */
export class MongoDbAdapter implements Record<keyof DbAdapter, unknown> {
  broker?: ServiceBroker;
  service?: Service;
  private ownClient: MongoClient | undefined;
  private opened: { client: MongoClient; collection: Collection<Entity> } | undefined;

  constructor(private readonly options: MongoDbAdapterOptions) {}

  init(broker: ServiceBroker, service: Service): void {
    this.broker = broker;
    this.service = service;
  }

  /** Connects, and makes the collection and its indexes where they are missing. */
  async connect(): Promise<void> {
    if (this.opened) return;
    const { database, indexes = [] } = this.options;
    const name = this.collectionName();
    if (database instanceof Db) {
      this.opened = { client: database.client, collection: await openCollection(database, name, indexes) };
      return;
    }
    const client = new MongoClient(database, clientOptions);
    try {
      this.opened = { client, collection: await openCollection(client.db(), name, indexes) };
      this.ownClient = client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  async disconnect(): Promise<void> {
    this.opened = undefined;
    await this.ownClient?.close();
    this.ownClient = undefined;
  }

  /** The driver's own, for what moleculer-db has no word for. @throws before `connect` and after `disconnect`. */
  get collection(): Collection<Entity> {
    return this.connected.collection;
  }

  find(filters?: Filters, within?: In): Promise<Entity[]> {
    return this.createCursor(filters, within).toArray();
  }

  findOne(query: Document, { session }: In = {}): Promise<Entity | null> {
    return this.collection.findOne(query, { session });
  }

  findById(_id: string, { session }: In = {}): Promise<Entity | null> {
    return this.collection.findOne({ _id }, { session });
  }

  /** Those that exist, each once, in no order. */
  async findByIds(ids: readonly string[], { session }: In = {}): Promise<Entity[]> {
    if (ids.length === 0) return [];
    return this.collection.find({ _id: { $in: [...ids] } }, { session }).toArray();
  }

  async count(filters: Filters = {}, { session }: In = {}): Promise<number> {
    const filter = filterOf(filters);
    const { limit, skip } = boundsOf(filters);
    // Without a filter the server would read every document; the index tells as well.
    const hint = Object.keys(filter).length === 0 ? "_id_" : undefined;
    return this.collection.countDocuments(filter, { session, limit, skip, hint });
  }

  /** What was stored; its `_id` is 24 hex digits where it had none. */
  async insert(entity: object, { session }: In = {}): Promise<Entity> {
    const stored = asStored(entity);
    await this.collection.insertOne(stored, { session });
    return stored;
  }

  /** All of them are stored or none, in a transaction of its own unless it is within one. */
  async insertMany(entities: readonly object[], { session }: In = {}): Promise<Entity[]> {
    if (entities.length === 0) return [];
    const stored = entities.map(asStored);
    const insertAll = (within: ClientSession) => this.collection.insertMany(stored, { session: within });
    if (session) await insertAll(session);
    else await runTransaction(this.connected.client, insertAll, { timeoutMs: INSERT_TIMEOUT_MS });
    return stored;
  }

  /**
   * False, and nothing stored, where an entity of this `_id` exists. A plain insert that fails would end its transaction; this
   * one fails only where another transaction has just stored the same, and then the whole is to be run again.
   */
  async insertIfAbsent(entity: { _id: string }, { session }: In = {}): Promise<boolean> {
    const { _id, ...fields } = entity;
    try {
      const { upsertedCount } = await this.collection.updateOne(
        { _id },
        { $setOnInsert: fields },
        { session, upsert: true },
      );
      return upsertedCount === 1;
    } catch (error) {
      if (!(error instanceof MongoServerError && error.code === DUPLICATE_KEY)) throw error;
      if (!session) return false;
      throw new RunAgainError(`Another transaction has just stored ${_id}.`, { cause: error });
    }
  }

  /** How many the query matched. */
  async updateMany(query: Document, update: Document, { session }: In = {}): Promise<number> {
    const { matchedCount } = await this.collection.updateMany(query, withoutUndefined(update), { session });
    return matchedCount;
  }

  /** The entity as it is afterwards, or null where there is none. Without an operator the update takes the place of what was. */
  updateById(_id: string, update: Document, { session }: In = {}): Promise<Entity | null> {
    const options = { session, returnDocument: "after" } as const;
    const change = withoutUndefined(update);
    const hasOperators = Object.keys(change).some((key) => key.startsWith("$"));
    if (hasOperators) return this.collection.findOneAndUpdate({ _id }, change, options);
    return this.collection.findOneAndReplace({ _id }, change, options);
  }

  async removeMany(query: Document, { session }: In = {}): Promise<number> {
    const { deletedCount } = await this.collection.deleteMany(query, { session });
    return deletedCount;
  }

  /** 1, or 0 where there was none. */
  async removeById(_id: string, { session }: In = {}): Promise<number> {
    const { deletedCount } = await this.collection.deleteOne({ _id }, { session });
    return deletedCount;
  }

  clear(within?: In): Promise<number> {
    return this.removeMany({}, within);
  }

  entityToObject<T>(entity: T): T {
    return entity;
  }

  createCursor(filters: Filters = {}, { session }: In = {}): FindCursor<Entity> {
    const cursor = this.collection.find(filterOf(filters), { session });
    const sort = listOf(filters.sort);
    if (sort.length > 0) cursor.sort(sortBy(sort));
    const { limit, skip } = boundsOf(filters);
    if (limit !== undefined) cursor.limit(limit);
    if (skip !== undefined) cursor.skip(skip);
    return cursor;
  }

  /** A copy with `_id` in place of the service's own id field. */
  beforeSaveTransformID(entity: Record<string, unknown>, idField: string): Record<string, unknown> {
    if (idField === "_id" || entity[idField] === undefined) return { ...entity };
    const { [idField]: _id, ...fields } = entity;
    return { ...fields, _id };
  }

  /** Changes the entity itself. */
  afterRetrieveTransformID(entity: Record<string, unknown>, idField: string): Record<string, unknown> {
    if (idField !== "_id") {
      entity[idField] = entity["_id"];
      delete entity["_id"];
    }
    return entity;
  }

  private get connected(): { client: MongoClient; collection: Collection<Entity> } {
    if (!this.opened) throw new Error("This MongoDB adapter is not connected.");
    return this.opened;
  }

  private collectionName(): string {
    const { schema, name } = (this.service ?? {}) as { schema?: { collection?: string }; name?: string };
    const found = this.options.collection ?? schema?.collection ?? name;
    if (found === undefined) throw new Error("A MongoDB adapter without a service needs the name of its collection.");
    return found;
  }
}

function asStored(entity: object): Entity {
  return { _id: new ObjectId().toHexString(), ...withoutUndefined(entity) };
}

/**
 * A copy that shares nothing with the caller's and holds just what the server will. (The driver's `ignoreUndefined` would
 * strip filters too: one by an id that is undefined would match everything.)
 */
function withoutUndefined(value: object): Document {
  return BSON.deserialize(BSON.serialize(value, { ignoreUndefined: true }));
}

function filterOf({ query, search, searchFields }: Filters): Document {
  return search ? searchFilter(search, listOf(searchFields)) : (query ?? {});
}

/** As in the memory adapter, what is no number above 0 bounds nothing. */
function boundsOf({ limit, offset }: Filters): { limit: number | undefined; skip: number | undefined } {
  const bound = (value: unknown) => (typeof value === "number" && value > 0 ? value : undefined);
  return { limit: bound(limit), skip: bound(offset) };
}

function listOf(fields: string | readonly string[] | undefined): readonly string[] {
  if (fields === undefined) return [];
  return typeof fields === "string" ? fields.split(" ").filter(Boolean) : fields;
}
