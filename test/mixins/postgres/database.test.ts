import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase, type OpenDatabase } from "../../../mixins/postgres/database";
import type { Log } from "../../../mixins/postgres/log";
import { freshDatabase, type FreshDatabase } from "../../setup/fresh-database";

const errors: unknown[][] = [];
const log: Log = { info: () => undefined, warn: () => undefined, error: (...args) => errors.push(args) };

describe("a database", () => {
  let fresh: FreshDatabase;
  let database: OpenDatabase;

  beforeAll(async () => {
    fresh = await freshDatabase();
    database = openDatabase({ shardUrls: [fresh.url], log });
    await database.at(1).query("create table purses (id bigint primary key, coins bigint not null check (coins >= 0))");
  });

  beforeEach(async () => {
    errors.length = 0;
    await database.at(1).query("truncate purses; insert into purses values (1, 10), (2, 10)");
  });

  afterAll(async () => {
    await database.close();
    await fresh.drop();
  });

  const coins = async (id: number): Promise<number | undefined> => {
    const { rows } = await database.at(id).query<{ coins: number }>("select coins from purses where id = $1", [id]);
    return rows[0]?.coins;
  };

  describe("query", () => {
    it("reads bigint as a Number, alone and in arrays, and a time as a Date", async () => {
      const { rows, rowCount } = await database
        .at(1)
        .query(
          "select $1::bigint as id, array[$1::bigint, null] as ids, count(*) as n, '2026-01-02T03:04:05.678Z'::timestamptz(3) as t from purses",
          [2 ** 52 + 1],
        );

      expect(rows).toEqual([
        { id: 4503599627370497, ids: [4503599627370497, null], n: 2, t: new Date("2026-01-02T03:04:05.678Z") },
      ]);
      expect(rowCount).toBe(1);
    });

    it("keeps statements that differ apart, also on one connection", async () => {
      const answers = await database.at(1).transaction(async (tx) => {
        const one = await tx.query<{ n: number }>("select $1::int + 1 as n", [1]);
        const two = await tx.query<{ n: number }>("select $1::int + 2 as n", [1]);
        const again = await tx.query<{ n: number }>("select $1::int + 1 as n", [5]);
        return [one, two, again].map(({ rows }) => rows[0]?.n);
      });

      expect(answers).toEqual([2, 3, 6]);
    });

    it("says that the server is unavailable when it cannot be reached", async () => {
      const nowhere = openDatabase({ shardUrls: ["postgres://a:b@127.0.0.1:1/c"], log });
      await expect(nowhere.at(1).query("select 1")).rejects.toMatchObject({ type: "UNAVAILABLE", code: 503 });
      await expect(nowhere.at(1).transaction(async () => 1)).rejects.toMatchObject({ type: "UNAVAILABLE" });
      await nowhere.close();
    });

    it("goes on after its connections were cut, idle and in use", async () => {
      const cut =
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
      const inUse = database.at(1).transaction(async (tx) => {
        await tx.query("update purses set coins = 0 where id = 1");
        await database.at(2).query(cut);
        await sleep(50);
        await tx.query("update purses set coins = 0 where id = 2");
      });

      await expect(inUse).rejects.toThrow();
      expect([await coins(1), await coins(2)]).toEqual([10, 10]);
    });
  });

  describe("transaction", () => {
    it("commits what the work did, then runs what was to follow", async () => {
      const seen: (number | undefined)[] = [];
      const result = await database.at(1).transaction(async (tx) => {
        await tx.query("update purses set coins = coins - 3 where id = $1", [1]);
        tx.afterCommit(() => void seen.push(1));
        expect(seen).toEqual([]);
        expect(await coins(1)).toBe(10);
        return "paid";
      });

      expect(result).toBe("paid");
      expect(seen).toEqual([1]);
      expect(await coins(1)).toBe(7);
    });

    it("rolls back when the work throws, and nothing follows", async () => {
      const followed = jest.fn();
      const failing = database.at(1).transaction(async (tx) => {
        tx.afterCommit(followed);
        await tx.query("update purses set coins = 0 where id = 1");
        throw new Error("changed my mind");
      });

      await expect(failing).rejects.toThrow("changed my mind");
      expect(await coins(1)).toBe(10);
      expect(followed).not.toHaveBeenCalled();
    });

    it("does not pass a rollback off as a commit when the work caught a statement's error", async () => {
      const swallowing = database.at(1).transaction(async (tx) => {
        await tx.query("update purses set coins = 5 where id = 1");
        await tx.query("update purses set coins = -1 where id = 2").catch(() => undefined);
      });

      await expect(swallowing).rejects.toThrow("rolled back");
      expect(await coins(1)).toBe(10);
    });

    it("refuses a statement that comes after its end", async () => {
      let run = (): Promise<unknown> => Promise.resolve();
      await database.at(1).transaction(async (tx) => {
        run = () => tx.query("update purses set coins = 0 where id = 1");
      });

      await expect(run()).rejects.toThrow("has ended");
      expect(await coins(1)).toBe(10);
    });

    it("logs what a follower throws, and is still a success", async () => {
      await database.at(1).transaction(async (tx) => {
        tx.afterCommit(() => {
          throw new Error("boom");
        });
        await tx.query("update purses set coins = 1 where id = 1");
      });

      expect(await coins(1)).toBe(1);
      expect(errors).toHaveLength(1);
    });

    it("tries again after a deadlock, until both have committed", async () => {
      const attempts = { forth: 0, back: 0 };
      const move = (name: keyof typeof attempts, from: number, to: number) =>
        database.at(1).transaction(async (tx) => {
          const attempt = ++attempts[name];
          await tx.query("set local deadlock_timeout = '50ms'");
          await tx.query("update purses set coins = coins - 1 where id = $1", [from]);
          if (attempt === 1) await sleep(100);
          await tx.query("update purses set coins = coins + 1 where id = $1", [to]);
        });
      await Promise.all([move("forth", 1, 2), move("back", 2, 1)]);

      expect(attempts.forth + attempts.back).toBeGreaterThan(2);
      expect([await coins(1), await coins(2)]).toEqual([10, 10]);
    });

    it("tries again after a serialization failure, so that no update is lost", async () => {
      let attempts = 0;
      const add = () =>
        database.at(1).transaction(async (tx) => {
          attempts++;
          await tx.query("set transaction isolation level repeatable read");
          const { rows } = await tx.query<{ coins: number }>("select coins from purses where id = 1");
          await sleep(10);
          await tx.query("update purses set coins = $1 where id = 1", [rows[0]!.coins + 1]);
        });
      await Promise.all([add(), add(), add()]);

      expect(attempts).toBeGreaterThan(3);
      expect(await coins(1)).toBe(13);
    });

    it("gives up after a few attempts", async () => {
      let attempts = 0;
      const hopeless = database.at(1).transaction(async (tx) => {
        attempts++;
        await tx.query("do $$ begin raise exception 'again' using errcode = '40001'; end $$");
      });

      await expect(hopeless).rejects.toMatchObject({ code: "40001" });
      expect(attempts).toBe(6);
    });
  });

  describe("withLock", () => {
    it("answers undefined at once while another holds the lock, and lets others in afterwards", async () => {
      const other = openDatabase({ shardUrls: [fresh.url], log });
      const order: string[] = [];
      await database.at(1).withLock("relay", async (sql) => {
        await sql.query("select 1");
        order.push("first");
        expect(await other.at(1).withLock("relay", async () => order.push("second"))).toBeUndefined();
        expect(await other.at(1).withLock("sweeper", async () => "another name")).toBe("another name");
      });
      expect(await other.at(1).withLock("relay", async () => "mine now")).toBe("mine now");

      expect(order).toEqual(["first"]);
      await other.close();
    });

    it("frees the lock when the work throws", async () => {
      await expect(database.at(1).withLock("relay", async () => Promise.reject(new Error("boom")))).rejects.toThrow(
        "boom",
      );
      expect(await database.at(1).withLock("relay", async () => "free")).toBe("free");
    });

    it("loses the lock with its connection, and tells the work by its next statement", async () => {
      const work = database.at(1).withLock("relay", async (sql) => {
        const { rows } = await sql.query<{ pid: number }>("select pg_backend_pid() as pid");
        await database.at(1).query("select pg_terminate_backend($1)", [rows[0]!.pid]);
        await sleep(50);
        await sql.query("select 1");
      });

      await expect(work).rejects.toThrow();
      expect(await database.at(1).withLock("relay", async () => "free")).toBe("free");
    });
  });
});

describe("a database of several shards", () => {
  it("groups keys by the shard that each is at, losing none", async () => {
    const database = openDatabase({ shardUrls: ["postgres://a/0", "postgres://a/1", "postgres://a/2"], log });
    const keys = Array.from({ length: 300 }, (_, i) => i);
    const groups = database.group(keys);

    expect(groups).toHaveLength(3);
    for (const group of groups) for (const key of group.keys) expect(database.at(key)).toBe(group.shard);
    expect(groups.flatMap((group) => group.keys).sort((x, y) => x - y)).toEqual(keys);
    await database.close();
  });
});
