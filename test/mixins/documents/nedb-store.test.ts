import { appendFileSync, readFileSync, statSync, writeFileSync, existsSync } from "node:fs";
import { armFailpoint } from "../../../mixins/failpoint";
import { conformanceCollections, describeDocumentStore } from "./document-store.conformance";
import { log, useFolder } from "./nedb-folder";

interface Post {
  _id: string;
  caption: string;
  like_count: number;
}

const place = useFolder(conformanceCollections);
const post = (id: string, caption = ""): Post => ({ _id: id, caption, like_count: 0 });

describeDocumentStore("NeDB", async () => {
  const store = await place.open();
  return { store, close: () => store.close() };
});

describe("reopening", () => {
  it("keeps everything, and the indexes still find it", async () => {
    const store = await place.open();
    await store.transaction(async (tx) => {
      for (let i = 0; i < 250; i++)
        await tx.insert("likes", { _id: `p${i % 5}:${i}`, post_id: `p${i % 5}`, at: new Date(i) });
    });
    await store.transaction((tx) => tx.remove("likes", "p0:0"));
    await store.close();

    const again = await place.open();
    expect(await again.count("likes", {})).toBe(249);
    expect(await again.count("likes", { post_id: "p0" })).toBe(49);
    expect(await again.get("likes", "p1:1")).toEqual({ _id: "p1:1", post_id: "p1", at: new Date(1) });
    expect(log.warn).not.toHaveBeenCalled();
  });

  it("keeps text with the line ends of Unicode", async () => {
    const caption = "one\u2028two\u2029three\u0085four\r\nfive\u000bsix\u000cseven";
    const store = await place.open();
    await store.transaction((tx) => tx.insert("posts", post("a", caption)));
    await store.close();

    const again = await place.open();
    expect(await again.get("posts", "a")).toMatchObject({ caption });
  });

  it("is refused while the folder is open", async () => {
    await place.open();
    await expect(place.open()).rejects.toThrow("open already");
  });
});

describe("opening after a crash", () => {
  /** Leaves the files of a commit that was cut off after its redo record was there. */
  async function leaveRedoRecord(): Promise<string> {
    const store = await place.open();
    await store.transaction((tx) => tx.insert("posts", post("old")));
    let record = "";
    const disarm = armFailpoint("documents.redo-written", () => {
      record = readFileSync(place.file("redo.json"), "utf8");
    });
    await store.transaction(async (tx) => {
      await tx.insert("posts", post("new", "caption"));
      await tx.remove("posts", "old");
    });
    disarm();
    await store.transaction(async (tx) => {
      await tx.remove("posts", "new");
      await tx.insert("posts", post("old"));
    });
    await store.close();
    return record;
  }

  it("applies a whole redo record", async () => {
    writeFileSync(place.file("redo.json"), await leaveRedoRecord());
    const store = await place.open();
    expect(await store.find("posts", { query: {} })).toEqual([post("new", "caption")]);
    expect(existsSync(place.file("redo.json"))).toBe(false);
  });

  it("ignores one that was never finished", async () => {
    const record = await leaveRedoRecord();
    writeFileSync(place.file("redo.json~"), record.slice(0, record.length / 2));
    const store = await place.open();
    expect(await store.find("posts", { query: {} })).toEqual([post("old")]);
    expect(existsSync(place.file("redo.json~"))).toBe(false);
  });

  it("refuses one that is damaged, and leaves it as it is", async () => {
    const damaged = (await leaveRedoRecord()).replace("caption", "kaption");
    writeFileSync(place.file("redo.json"), damaged);
    await expect(place.open()).rejects.toThrow("damaged");
    expect(readFileSync(place.file("redo.json"), "utf8")).toBe(damaged);
  });

  it.each(['{"_id":"b","capt', '{"_id":"b"}', '{"_id":"b","caption":"\u00eb'.slice(0, -1) + "\u0000\u0000"])(
    "cuts off an unfinished last line %j",
    async (torn) => {
      const store = await place.open();
      await store.transaction((tx) => tx.insert("posts", post("a")));
      await store.close();
      appendFileSync(place.file("posts.db"), torn);

      const again = await place.open();
      expect(await again.find("posts", { query: {} })).toEqual([post("a")]);
      expect(log.warn).toHaveBeenCalledTimes(1);
    },
  );

  it("refuses a file with a bad line before its last, and leaves it as it is", async () => {
    const store = await place.open();
    await store.transaction(async (tx) => {
      for (let i = 0; i < 100; i++) await tx.insert("posts", post(`p${i}`));
    });
    await store.close();
    const damaged = readFileSync(place.file("posts.db"), "utf8").replace('{"_id":"p50"', '{"_id:"p50"');
    writeFileSync(place.file("posts.db"), damaged);

    await expect(place.open()).rejects.toThrow("corrupt");
    expect(readFileSync(place.file("posts.db"), "utf8")).toBe(damaged);
  });
});

describe("a reader outside of transactions", () => {
  it("never sees half of one", async () => {
    const store = await place.open();
    await store.transaction(async (tx) => {
      for (const id of ["a", "b", "c"]) await tx.insert("posts", post(id));
    });
    let isWriting = true;
    const reading = (async () => {
      const torn: unknown[] = [];
      for (; isWriting; await new Promise(setImmediate)) {
        const posts = await store.find<Post>("posts", { query: {} });
        if (new Set(posts.map((doc) => doc.like_count)).size !== 1 || posts.length !== 3) torn.push(posts);
      }
      return torn;
    })();
    for (let i = 0; i < 100; i++)
      await store.transaction(async (tx) => {
        for (const id of ["a", "b", "c"]) await tx.update<Post>("posts", id, { increment: { like_count: 1 } });
      });
    isWriting = false;
    expect(await reading).toEqual([]);
  });

  it("waits while a commit is half applied", async () => {
    const store = await place.open();
    let release = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      armFailpoint("documents.half-applied", () => {
        resolve();
        return new Promise((goOn) => (release = goOn));
      });
    });
    const committing = store.transaction(async (tx) => {
      await tx.insert("posts", post("a"));
      await tx.insert("likes", { _id: "a:1", post_id: "a" });
    });
    await reached;
    armFailpoint("documents.half-applied", () => undefined)();
    const seen: string[] = [];
    const reading = Promise.all([
      store.count("posts", {}).then((n) => seen.push(`posts ${n}`)),
      store.count("likes", {}).then((n) => seen.push(`likes ${n}`)),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual([]);
    release();
    await committing;
    await reading;
    expect(seen.sort()).toEqual(["likes 1", "posts 1"]);
  });
});

describe("a transaction", () => {
  it("that could not be stored fails with all that may have read from it, and the store goes on", async () => {
    const store = await place.open();
    await store.transaction((tx) => tx.insert("posts", post("a")));
    let left = 1;
    const disarm = armFailpoint("documents.before-redo", () => {
      if (left-- > 0) throw new Error("disk full");
    });
    const like = () => store.transaction((tx) => tx.update<Post>("posts", "a", { increment: { like_count: 1 } }));
    const answers = await Promise.allSettled(Array.from({ length: 20 }, like));
    disarm();

    const stored = answers.filter(({ status }) => status === "fulfilled").length;
    expect(stored).toBeLessThan(20);
    expect(await store.get("posts", "a")).toMatchObject({ like_count: stored });
    await expect(like()).resolves.toMatchObject({ like_count: stored + 1 });
  });

  it("that read what another could not store in the end fails as well", async () => {
    const store = await place.open();
    let fail = (_error: Error): void => undefined;
    const disarm = armFailpoint("documents.before-redo", () => new Promise((_resolve, reject) => (fail = reject)));
    const first = store.transaction((tx) => tx.insert("posts", post("a")));
    const firstFails = expect(first).rejects.toThrow("disk full");
    const second = store.transaction(async (tx) => {
      expect(await tx.get("posts", "a")).toEqual(post("a"));
      fail(new Error("disk full"));
      await firstFails;
      disarm();
      await tx.insert("likes", { _id: "a:1", post_id: "a" });
    });
    await expect(second).rejects.toMatchObject({ type: "UNAVAILABLE" });
    expect([await store.count("posts", {}), await store.count("likes", {})]).toEqual([0, 0]);
  });

  it("that broke off half-way stops the store, and the next start completes it", async () => {
    const store = await place.open();
    const disarm = armFailpoint("documents.half-applied", () => {
      throw new Error("disk full");
    });
    const broken = store.transaction(async (tx) => {
      await tx.insert("posts", post("a"));
      await tx.insert("likes", { _id: "a:1", post_id: "a" });
    });
    await expect(broken).rejects.toMatchObject({ type: "UNAVAILABLE" });
    disarm();
    await expect(store.get("posts", "a")).rejects.toMatchObject({ type: "UNAVAILABLE" });
    await expect(store.transaction((tx) => tx.insert("posts", post("b")))).rejects.toMatchObject({
      type: "UNAVAILABLE",
    });
    await store.close();

    const again = await place.open();
    expect([await again.count("posts", {}), await again.count("likes", {})]).toEqual([1, 1]);
  });

  it("that takes too long is given up, and what it still tries is refused", async () => {
    const store = await place.open({ transactionTimeoutMs: 50 });
    let late: Promise<unknown> = Promise.resolve();
    const nested = store.transaction(async (tx) => {
      await tx.insert("posts", post("a"));
      // The classic mistake: a transaction inside one waits for its own end.
      late = store.transaction((inner) => inner.insert("posts", post("b"))).then(() => tx.insert("posts", post("c")));
      late.catch(() => undefined);
      await late;
    });
    await expect(nested).rejects.toThrow("longer than 50 ms");
    await expect(late).rejects.toThrow("has ended");
    expect((await store.find("posts", { query: {} })).map((doc) => doc._id)).toEqual(["b"]);
  });

  it.each([
    ["a Buffer", { _id: "a", bytes: Buffer.from("x") }],
    ["NaN", { _id: "a", like_count: NaN }],
    ["a field with $", { _id: "a", $set: 1 }],
    ["a field with a dot", { _id: "a", "b.c": 1 }],
    ["an empty _id", { _id: "" }],
  ])("refuses %s before anything is stored", async (_what, doc) => {
    const store = await place.open();
    await expect(store.transaction((tx) => tx.insert("posts", doc))).rejects.toThrow(TypeError);
    await expect(store.transaction((tx) => tx.insert("posts", post("good")))).resolves.toBe(true);
    expect(await store.count("posts", {})).toBe(1);
  });
});

describe("compaction", () => {
  it("keeps the file near what its documents need, while transactions run", async () => {
    const store = await place.open({ isSynced: false });
    const ids = Array.from({ length: 200 }, (_, i) => `p${i}`);
    await store.transaction(async (tx) => {
      for (const id of ids) await tx.insert("posts", post(id));
    });
    let largest = 0;
    for (let round = 1; round <= 150; round++) {
      await store.transaction(async (tx) => {
        for (const id of ids) await tx.update<Post>("posts", id, { increment: { like_count: 1 } });
      });
      largest = Math.max(largest, statSync(place.file("posts.db")).size);
    }
    await store.close();
    // 60,000 lines of some 40 bytes were appended.
    expect(largest).toBeLessThan(1_200_000);
    expect(statSync(place.file("posts.db")).size).toBeLessThan(largest);

    const again = await place.open();
    const posts = await again.find<Post>("posts", { query: {} });
    expect(posts.map((doc) => doc.like_count)).toEqual(ids.map(() => 150));
  });
});
