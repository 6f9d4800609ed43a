import type { CollectionSpec, DocumentStore } from "../../../mixins/documents/document-store";

interface Post {
  _id: string;
  user_id: number;
  caption?: string;
  like_count: number;
  view_count: number;
  hashtags: string[];
  created_at: Date;
  seq?: number;
}

interface Like {
  _id: string;
  post_id: string;
}

export const conformanceCollections: Record<string, CollectionSpec> = {
  posts: {
    indexes: [
      ["user_id", "-created_at", "-_id"],
      ["hashtags", "-created_at"],
    ],
  },
  likes: { indexes: [["post_id"]] },
};

export interface OpenedStore {
  store: DocumentStore;
  close: () => Promise<void>;
}

const noon = Date.UTC(2026, 0, 1, 12);

function post(id: string, fields: Partial<Post> = {}): Post {
  return {
    _id: id,
    user_id: 1,
    caption: `post ${id}`,
    like_count: 0,
    view_count: 0,
    hashtags: [],
    created_at: new Date(noon),
    ...fields,
  };
}

const idsOf = (docs: { _id: string }[]) => docs.map((doc) => doc._id);

/** What every document store promises. `open` answers an empty one with `conformanceCollections`. */
export function describeDocumentStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`a document store on ${name}`, () => {
    let store: DocumentStore;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    const insert = (...posts: Post[]) =>
      store.transaction(async (tx) => {
        for (const doc of posts) await tx.insert("posts", doc);
      });

    describe("insert", () => {
      it("stores a document with its Dates, numbers, lists and nested fields", async () => {
        const doc = {
          ...post("a", { hashtags: ["바다", "🌊"] }),
          place: { name: "Busan", at: new Date(noon + 7) },
          no: null,
        };
        await store.transaction((tx) => tx.insert("posts", doc));

        const stored = await store.get<typeof doc>("posts", "a");
        expect(stored).toEqual(doc);
        expect(stored?.created_at).toBeInstanceOf(Date);
        expect(stored?.place.at).toBeInstanceOf(Date);
      });

      it("answers false and stores nothing where the _id is taken", async () => {
        await insert(post("a", { caption: "first" }));

        await expect(store.transaction((tx) => tx.insert("posts", post("a", { caption: "second" })))).resolves.toBe(
          false,
        );
        expect(await store.get("posts", "a")).toMatchObject({ caption: "first" });
      });

      it("stores once, however many race", async () => {
        const answers = await Promise.all(
          Array.from({ length: 50 }, () => store.transaction((tx) => tx.insert("likes", { _id: "p:1", post_id: "p" }))),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
        expect(await store.count("likes", { post_id: "p" })).toBe(1);
      });

      it("leaves out what is undefined", async () => {
        await insert(post("a", { caption: undefined }));
        expect(Object.keys((await store.get<Post>("posts", "a")) ?? {})).not.toContain("caption");
      });

      it("shares nothing with the caller's object", async () => {
        const mine = post("a", { hashtags: ["sea"] });
        await store.transaction(async (tx) => {
          await tx.insert("posts", mine);
          mine.hashtags.push("changed");
          (await tx.get<Post>("posts", "a"))?.hashtags.push("changed");
        });
        (await store.get<Post>("posts", "a"))?.hashtags.push("changed");
        expect(await store.get("posts", "a")).toMatchObject({ hashtags: ["sea"] });
      });
    });

    describe("update", () => {
      it("answers the document as it is afterwards", async () => {
        await insert(post("a", { like_count: 2 }));
        const edited_at = new Date(noon + 1);

        const after = await store.transaction((tx) =>
          tx.update<Post & { edited_at?: Date }>("posts", "a", {
            set: { caption: "new", edited_at },
            increment: { like_count: -1, view_count: 5, seq: 1 },
          }),
        );
        expect(after).toEqual(post("a", { caption: "new", like_count: 1, view_count: 5, seq: 1, ...{ edited_at } }));
        expect(await store.get("posts", "a")).toEqual(after);
      });

      it("answers null where there is none", async () => {
        await expect(
          store.transaction((tx) => tx.update<Post>("posts", "a", { set: { caption: "x" } })),
        ).resolves.toBeNull();
        expect(await store.count("posts", {})).toBe(0);
      });

      it("loses no increment of 200 that race", async () => {
        await insert(post("a"));
        const counts = await Promise.all(
          Array.from({ length: 200 }, () =>
            store.transaction(
              async (tx) => (await tx.update<Post>("posts", "a", { increment: { like_count: 1 } }))?.like_count,
            ),
          ),
        );
        expect(counts.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
        expect(await store.get("posts", "a")).toMatchObject({ like_count: 200 });
      });
    });

    describe("remove", () => {
      it("says whether there was one", async () => {
        await insert(post("a"));
        await expect(store.transaction((tx) => tx.remove("posts", "a"))).resolves.toBe(true);
        await expect(store.transaction((tx) => tx.remove("posts", "a"))).resolves.toBe(false);
        expect(await store.get("posts", "a")).toBeNull();
      });

      it("removes many at once, and says how many there were", async () => {
        await insert(post("a"), post("b"), post("c"));
        await store.transaction(async (tx) => {
          await tx.insert("posts", post("d"));
          expect(await tx.removeMany("posts", ["a", "d", "x", "a"])).toBe(2);
          expect(await tx.removeMany("posts", [])).toBe(0);
          expect(await tx.get("posts", "d")).toBeNull();
        });
        expect(idsOf(await store.find("posts", { query: {} })).sort()).toEqual(["b", "c"]);
      });

      it("lets the _id be taken again, in the same transaction too", async () => {
        await insert(post("a", { caption: "old" }));
        await store.transaction(async (tx) => {
          await tx.remove("posts", "a");
          expect(await tx.insert("posts", post("a", { caption: "new" }))).toBe(true);
        });
        expect(await store.find("posts", { query: {} })).toMatchObject([{ caption: "new" }]);
      });
    });

    describe("a transaction", () => {
      it("sees its own writes", async () => {
        await insert(post("a"), post("b"), post("c"));
        await store.transaction(async (tx) => {
          await tx.update<Post>("posts", "a", { set: { caption: "changed" } });
          await tx.remove("posts", "b");
          await tx.insert("posts", post("d"));

          expect(await tx.get("posts", "a")).toMatchObject({ caption: "changed" });
          expect(await tx.get("posts", "b")).toBeNull();
          expect(await tx.insert("posts", post("d"))).toBe(false);
          expect(idsOf(await tx.getMany("posts", ["a", "b", "c", "d"])).sort()).toEqual(["a", "c", "d"]);
        });
      });

      it("shows nobody else what it wrote before it ends", async () => {
        await insert(post("a"));
        await store.transaction(async (tx) => {
          await tx.update<Post>("posts", "a", { set: { caption: "unseen" } });
          await tx.insert("posts", post("b"));
          expect(await store.get("posts", "a")).toMatchObject({ caption: "post a" });
          expect(await store.count("posts", {})).toBe(1);
        });
        expect(await store.count("posts", {})).toBe(2);
      });

      it("stores nothing when its work throws, and hands on the error", async () => {
        await insert(post("a"));
        const followed = jest.fn();
        const failing = store.transaction(async (tx) => {
          tx.afterCommit(followed);
          await tx.update<Post>("posts", "a", { increment: { like_count: 1 } });
          await tx.insert("likes", { _id: "a:1", post_id: "a" });
          throw new Error("changed my mind");
        });

        await expect(failing).rejects.toThrow("changed my mind");
        expect(await store.get("posts", "a")).toMatchObject({ like_count: 0 });
        expect(await store.count("likes", {})).toBe(0);
        expect(followed).not.toHaveBeenCalled();
      });

      it("answers what its work answers, visible at once", async () => {
        await expect(store.transaction(async (tx) => (await tx.insert("posts", post("a"))) && "done")).resolves.toBe(
          "done",
        );
        expect(await store.get("posts", "a")).not.toBeNull();
      });

      it("runs what is to follow a commit after it, and bears that it throws", async () => {
        const order: string[] = [];
        await store.transaction(async (tx) => {
          tx.afterCommit(() => {
            throw new Error("harmless");
          });
          tx.afterCommit(() => order.push("after commit"));
          await tx.insert("posts", post("a"));
          order.push("work done");
        });
        expect(order).toEqual(["work done", "after commit"]);
        expect(await store.get("posts", "a")).not.toBeNull();
      });

      it("keeps a counter equal to its edges while people like and unlike at once", async () => {
        await insert(post("a"));
        const toggle = (user: number) =>
          store.transaction(async (tx) => {
            const _id = `a:${user}`;
            const isNew = await tx.insert<Like>("likes", { _id, post_id: "a" });
            if (!isNew) await tx.remove("likes", _id);
            return tx.update<Post>("posts", "a", { increment: { like_count: isNew ? 1 : -1 } });
          });
        // An odd number of turns for users 0 to 6, an even one for 7 to 12.
        await Promise.all(Array.from({ length: 13 * 10 + 7 }, (_, i) => toggle(i % 13)));

        expect(await store.count("likes", { post_id: "a" })).toBe(7);
        expect(await store.get("posts", "a")).toMatchObject({ like_count: 7 });
      });
    });

    describe("getMany", () => {
      it("answers those that exist, each once", async () => {
        await insert(post("a"), post("b"), post("c"));
        expect(idsOf(await store.getMany("posts", ["c", "a", "x", "a"])).sort()).toEqual(["a", "c"]);
        expect(await store.getMany("posts", [])).toEqual([]);
      });
    });

    describe("find", () => {
      const at = (minutes: number) => new Date(noon + minutes * 60_000);

      beforeEach(() =>
        insert(
          post("a", { created_at: at(1), like_count: 5, hashtags: ["sea", "sky"] }),
          post("b", { created_at: at(2), like_count: 1 }),
          post("c", { created_at: at(2), like_count: 3, hashtags: ["sky"] }),
          post("d", { created_at: at(3), like_count: 3, seq: 4 }),
          post("e", { created_at: at(4), user_id: 2, caption: undefined }),
        ),
      );

      it.each([
        ["equality", { user_id: 2 }, "e"],
        ["an element of a list", { hashtags: "sky" }, "ac"],
        ["$lt", { like_count: { $lt: 3 } }, "be"],
        ["$lte", { like_count: { $lte: 3 } }, "bcde"],
        ["$gt", { like_count: { $gt: 3 } }, "a"],
        ["$gte and $lt together", { like_count: { $gte: 1, $lt: 5 } }, "bcd"],
        ["a Date", { created_at: at(2) }, "bc"],
        ["$gt of a Date", { created_at: { $gt: at(2) } }, "de"],
        ["$in", { _id: { $in: ["a", "e", "x"] } }, "ae"],
        ["$nin", { _id: { $nin: ["a", "e", "x"] } }, "bcd"],
        ["$ne", { user_id: { $ne: 1 } }, "e"],
        ["$exists", { seq: { $exists: true } }, "d"],
        ["$exists false", { caption: { $exists: false } }, "e"],
        ["$or", { $or: [{ like_count: 5 }, { user_id: 2 }] }, "ae"],
        ["$and", { $and: [{ like_count: 3 }, { hashtags: "sky" }] }, "c"],
      ])("understands %s", async (_what, query, expected) => {
        expect(
          idsOf(await store.find("posts", { query }))
            .sort()
            .join(""),
        ).toBe(expected);
        expect(await store.count("posts", query)).toBe(expected.length);
      });

      it("sorts by several fields, up and down, and limits", async () => {
        const sorted = await store.find("posts", { query: { user_id: 1 }, sort: ["-created_at", "_id"], limit: 3 });
        expect(idsOf(sorted)).toEqual(["d", "b", "c"]);
        const other = await store.find("posts", { query: {}, sort: ["like_count", "-_id"] });
        expect(idsOf(other)).toEqual(["e", "b", "d", "c", "a"]);
      });

      it("walks a list by its position, without a hole or a repeat among equal times", async () => {
        const seen: string[] = [];
        let last: Post | undefined;
        for (;;) {
          const after = last && {
            $or: [{ created_at: { $lt: last.created_at } }, { created_at: last.created_at, _id: { $lt: last._id } }],
          };
          const query = { user_id: 1, ...after };
          const page = await store.find<Post>("posts", { query, sort: ["-created_at", "-_id"], limit: 1 });
          if (page.length === 0) break;
          last = page[0];
          seen.push(...idsOf(page));
        }
        expect(seen).toEqual(["d", "c", "b", "a"]);
      });

      it("finds by what an update or a removal left, not by what was", async () => {
        await store.transaction(async (tx) => {
          await tx.update<Post>("posts", "a", { set: { user_id: 3, hashtags: ["sun"] } });
          await tx.remove("posts", "c");
        });
        expect(idsOf(await store.find("posts", { query: { user_id: 3 } }))).toEqual(["a"]);
        expect(await store.find("posts", { query: { hashtags: "sky" } })).toEqual([]);
      });
    });
  });
}
