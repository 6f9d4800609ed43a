import { ServiceBroker, type ServiceSchema } from "moleculer";
import * as MoleculerDb from "moleculer-db";

/** The adapter interface of moleculer-db as its own memory adapter implements it; the package's types promise less. */
export interface Adapter {
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  find(filters?: object): Promise<Entity[]>;
  findOne(query: object): Promise<Entity | null>;
  findById(id: string): Promise<Entity | null>;
  findByIds(ids: string[]): Promise<Entity[]>;
  count(filters?: object): Promise<number>;
  insert(entity: object): Promise<Entity>;
  insertMany(entities: object[]): Promise<Entity[]>;
  updateMany(query: object, update: object): Promise<number>;
  updateById(id: string, update: object): Promise<Entity | null | undefined>;
  removeMany(query: object): Promise<number>;
  removeById(id: string): Promise<number>;
  clear(): Promise<number>;
  entityToObject(entity: Entity): object;
  createCursor(filters?: object): unknown;
  beforeSaveTransformID(entity: object, idField: string): object;
  afterRetrieveTransformID(entity: object, idField: string): object;
}

type Entity = { _id: string } & Record<string, unknown>;

export interface OpenedAdapter {
  /** Of an empty collection, and not connected. */
  adapter: Adapter;
  /** What a cursor of this adapter finds. */
  read: (cursor: unknown) => Promise<Entity[]>;
  drop: () => Promise<void>;
}

const idsOf = (entities: Entity[]) => entities.map(({ _id }) => _id);
const sortedIdsOf = (entities: Entity[]) => idsOf(entities).sort().join("");

/** What moleculer-db, and whoever uses an adapter without it, may rely on. */
export function describeDbAdapter(name: string, open: () => OpenedAdapter): void {
  describe(`an adapter of moleculer-db for ${name}`, () => {
    let adapter: Adapter;
    let opened: OpenedAdapter;

    beforeEach(async () => {
      opened = open();
      adapter = opened.adapter;
      await adapter.connect();
    });
    afterEach(async () => {
      await adapter.disconnect();
      await opened.drop();
    });

    describe("insert", () => {
      it("answers what it stored, Dates, lists and nested fields included", async () => {
        const entity = {
          _id: "a",
          n: 1.5,
          at: new Date(1_700_000_000_123),
          tags: ["sea", "바다"],
          place: { no: null },
        };
        expect(await adapter.insert(entity)).toEqual(entity);
        const stored = await adapter.findById("a");
        expect(stored).toEqual(entity);
        expect(stored?.at).toBeInstanceOf(Date);
      });

      it("gives an _id of text where there is none, and leaves the caller's object as it is", async () => {
        const entity = { n: 1 };
        const stored = await adapter.insert(entity);
        expect(stored._id).toMatch(/^\w{16,24}$/);
        expect(await adapter.findById(stored._id)).toEqual({ _id: stored._id, n: 1 });
        expect(entity).toEqual({ n: 1 });
      });

      it("refuses an _id that is taken", async () => {
        await adapter.insert({ _id: "a", n: 1 });
        await expect(adapter.insert({ _id: "a", n: 2 })).rejects.toThrow();
        expect(await adapter.findById("a")).toEqual({ _id: "a", n: 1 });
      });

      it("leaves out what is undefined", async () => {
        await adapter.insert({ _id: "a", n: undefined });
        expect(await adapter.findById("a")).toEqual({ _id: "a" });
      });
    });

    describe("insertMany", () => {
      it("answers all in the order given", async () => {
        expect(await adapter.insertMany([{ _id: "b" }, { _id: "a" }])).toEqual([{ _id: "b" }, { _id: "a" }]);
        expect(await adapter.insertMany([])).toEqual([]);
        expect(await adapter.count()).toBe(2);
      });

      it("stores none where one is refused", async () => {
        await adapter.insert({ _id: "b" });
        await expect(adapter.insertMany([{ _id: "a" }, { _id: "b" }, { _id: "c" }])).rejects.toThrow();
        expect(idsOf(await adapter.find())).toEqual(["b"]);
      });
    });

    describe("with entities", () => {
      const noon = Date.UTC(2026, 0, 1, 12);

      beforeEach(() =>
        adapter.insertMany([
          { _id: "a", n: 1, title: "Sea and sky", at: new Date(noon), tags: ["Blue", "wide"] },
          { _id: "b", n: 2, title: "The SKY.", at: new Date(noon + 1) },
          { _id: "c", n: 2, title: "Ærø", at: new Date(noon + 2), isOld: true },
          { _id: "d", n: 17, title: "(x+y)", at: new Date(noon + 3) },
        ]),
      );

      it("finds all without filters, and by a query", async () => {
        expect(sortedIdsOf(await adapter.find())).toBe("abcd");
        expect(sortedIdsOf(await adapter.find({}))).toBe("abcd");
        expect(sortedIdsOf(await adapter.find({ query: { n: 2 } }))).toBe("bc");
        expect(sortedIdsOf(await adapter.find({ query: { at: { $gt: new Date(noon + 1) } } }))).toBe("cd");
        expect(sortedIdsOf(await adapter.find({ query: { tags: "wide" } }))).toBe("a");
      });

      it("sorts up and down, skips and limits", async () => {
        expect(idsOf(await adapter.find({ sort: ["-n", "_id"] }))).toEqual(["d", "b", "c", "a"]);
        expect(idsOf(await adapter.find({ sort: ["n", "-_id"], limit: 2 }))).toEqual(["a", "c"]);
        expect(idsOf(await adapter.find({ sort: ["_id"], offset: 1, limit: 2 }))).toEqual(["b", "c"]);
      });

      it("bounds nothing by what is no number above 0", async () => {
        expect(await adapter.find({ limit: 0 })).toHaveLength(4);
        expect(await adapter.find({ limit: "1", offset: -1 })).toHaveLength(4);
      });

      it.each([
        ["in any field, in whatever case", { search: "sKy" }, "ab"],
        ["in fields of a list", { search: "sky", searchFields: ["title"] }, "ab"],
        ["in fields of a text", { search: "sky", searchFields: "title n" }, "ab"],
        ["in no other field", { search: "sky", searchFields: ["tags", "absent"] }, ""],
        ["in numbers", { search: "7", searchFields: ["n"] }, "d"],
        ["in booleans", { search: "TRUE", searchFields: ["isOld"] }, "c"],
        ["in lists as they are written", { search: "blue,WIDE" }, "a"],
        ["in letters of other alphabets", { search: "æRØ" }, "c"],
        ["as it is, not as a pattern", { search: "(X+Y)" }, "d"],
        ["and nothing for a pattern", { search: "s.y" }, ""],
        ["in place of the query", { search: "sky", query: { _id: "d" } }, "ab"],
        ["everywhere for an empty text, as no search", { search: "", query: { n: 2 } }, "bc"],
      ])("searches %s", async (_how, filters, expected) => {
        expect(sortedIdsOf(await adapter.find(filters))).toBe(expected);
        expect(await adapter.count(filters)).toBe(expected.length);
      });

      it("finds one, by query or _id, or null", async () => {
        expect(await adapter.findOne({ n: 17 })).toMatchObject({ _id: "d" });
        expect(await adapter.findOne({ n: 18 })).toBeNull();
        expect(await adapter.findById("c")).toMatchObject({ title: "Ærø" });
        expect(await adapter.findById("x")).toBeNull();
      });

      it("finds several by _id, each once", async () => {
        expect(sortedIdsOf(await adapter.findByIds(["c", "x", "a", "c"]))).toBe("ac");
        expect(await adapter.findByIds([])).toEqual([]);
      });

      it("counts, within limit and offset where they are given", async () => {
        expect(await adapter.count()).toBe(4);
        expect(await adapter.count({ query: { n: { $gte: 2 } } })).toBe(3);
        expect(await adapter.count({ query: { n: 2 }, limit: 1 })).toBe(1);
        expect(await adapter.count({ offset: 3 })).toBe(1);
      });

      it("updates many, and answers how many matched", async () => {
        expect(await adapter.updateMany({ n: 2 }, { $set: { seen: true }, $inc: { n: 1 } })).toBe(2);
        expect(await adapter.updateMany({ n: 99 }, { $set: { seen: true } })).toBe(0);
        expect(sortedIdsOf(await adapter.find({ query: { n: 3, seen: true } }))).toBe("bc");
      });

      it("updates one by operators, and answers it as it is afterwards", async () => {
        const after = await adapter.updateById("b", { $set: { title: "new" }, $inc: { n: 5 }, $unset: { at: true } });
        expect(after).toEqual({ _id: "b", n: 7, title: "new" });
        expect(await adapter.findById("b")).toEqual(after);
      });

      it("adds to lists and takes from them", async () => {
        await adapter.updateById("a", { $push: { tags: "new" }, $set: { n: 0 } });
        await adapter.updateById("a", { $addToSet: { tags: "wide" } });
        expect((await adapter.updateById("a", { $pull: { tags: "Blue" } }))?.tags).toEqual(["wide", "new"]);
      });

      it("replaces one where the update has no operator", async () => {
        expect(await adapter.updateById("a", { title: "alone" })).toEqual({ _id: "a", title: "alone" });
        expect(await adapter.findById("a")).toEqual({ _id: "a", title: "alone" });
      });

      it("answers nothing where there is none to update", async () => {
        expect(await adapter.updateById("x", { $set: { n: 1 } })).toBeFalsy();
        expect(await adapter.count()).toBe(4);
      });

      it("refuses to change an _id", async () => {
        await expect(adapter.updateById("a", { $set: { _id: "z" } })).rejects.toThrow();
        expect(await adapter.findById("a")).toMatchObject({ n: 1 });
      });

      it("loses no increment of 100 that race", async () => {
        await Promise.all(Array.from({ length: 100 }, () => adapter.updateById("a", { $inc: { n: 1 } })));
        expect(await adapter.findById("a")).toMatchObject({ n: 101 });
      });

      it("removes one, many and all, and answers how many", async () => {
        expect(await adapter.removeById("a")).toBe(1);
        expect(await adapter.removeById("a")).toBe(0);
        expect(await adapter.removeMany({ n: 2 })).toBe(2);
        expect(await adapter.clear()).toBe(1);
        expect(await adapter.find()).toEqual([]);
      });

      it("gives a cursor with the same filters", async () => {
        expect(idsOf(await opened.read(adapter.createCursor({ query: { n: 2 }, sort: ["-_id"] })))).toEqual(["c", "b"]);
        expect(await opened.read(adapter.createCursor())).toHaveLength(4);
      });

      it("hands out what nobody else holds", async () => {
        const mine = await adapter.findById("a");
        (mine?.tags as string[]).push("changed");
        expect((await adapter.findById("a"))?.tags).toEqual(["Blue", "wide"]);
      });

      it("makes plain objects of entities", async () => {
        const entity = (await adapter.findById("b"))!;
        expect(adapter.entityToObject(entity)).toEqual({ _id: "b", n: 2, title: "The SKY.", at: new Date(noon + 1) });
      });
    });

    it("names the id as the service does, and back", () => {
      const entity = { id: "a", n: 1 };
      expect(adapter.beforeSaveTransformID(entity, "id")).toEqual({ _id: "a", n: 1 });
      expect(entity).toEqual({ id: "a", n: 1 });
      expect(adapter.beforeSaveTransformID({ n: 1 }, "id")).toEqual({ n: 1 });
      expect(adapter.beforeSaveTransformID({ _id: "a" }, "_id")).toEqual({ _id: "a" });
      expect(adapter.afterRetrieveTransformID({ _id: "a", n: 1 }, "id")).toEqual({ id: "a", n: 1 });
      expect(adapter.afterRetrieveTransformID({ _id: "a", n: 1 }, "_id")).toEqual({ _id: "a", n: 1 });
    });

    it("serves every action of moleculer-db", async () => {
      const broker = new ServiceBroker({ logger: false });
      const schema = { name: "notes", mixins: [MoleculerDb], adapter, settings: { idField: "id" } };
      broker.createService(schema as unknown as ServiceSchema);
      await broker.start();
      try {
        const { id } = await broker.call<{ id: string }, object>("notes.create", { text: "first" });
        await broker.call("notes.insert", {
          entities: [
            { id: "b", text: "second" },
            { id: "c", text: "third" },
          ],
        });
        expect(await broker.call("notes.get", { id })).toEqual({ id, text: "first" });
        expect(await broker.call("notes.update", { id, text: "changed" })).toEqual({ id, text: "changed" });
        expect(await broker.call("notes.get", { id: ["b", "c"], mapping: true })).toMatchObject({ b: { id: "b" } });
        expect(await broker.call("notes.count", { query: { text: "third" } })).toBe(1);
        expect(await broker.call("notes.find", { search: "SECOND", searchFields: "text" })).toEqual([
          { id: "b", text: "second" },
        ]);
        const page = await broker.call("notes.list", { sort: "-text", page: 1, pageSize: 2 });
        expect(page).toMatchObject({ rows: [{ id: "c" }, { id: "b" }], total: 3, totalPages: 2 });
        await broker.call("notes.remove", { id: "c" });
        await expect(broker.call("notes.get", { id: "c" })).rejects.toMatchObject({ name: "EntityNotFoundError" });
        await expect(broker.call("notes.update", { id: "c", text: "x" })).rejects.toMatchObject({ code: 404 });
        await expect(broker.call("notes.remove", { id: "c" })).rejects.toMatchObject({ code: 404 });
      } finally {
        await broker.stop();
        // The service has disconnected it.
        await adapter.connect();
      }
    });
  });
}
