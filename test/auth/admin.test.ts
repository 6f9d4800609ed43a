import { type Person, useApp } from "../setup/use-app";

describe("administration", () => {
  const app = useApp(["auth"]);
  const make = async (person: Person, role: "moderator" | "admin") => {
    await app.call("auth.grantRole", { username: person.username.toUpperCase(), role });
    return { ...person, role };
  };

  it("is not for those whose role is too low", async () => {
    const alice = await app.user("alice");
    const change = { user_id: alice.id, is_suspended: true };

    await expect(app.as(alice).call("auth.listAccounts", {})).rejects.toMatchObject({ code: 403, type: "FORBIDDEN" });
    await expect(app.as(alice).call("auth.updateAccount", change)).rejects.toMatchObject({ type: "FORBIDDEN" });
    const moderator = { id: alice.id, role: "moderator" as const };
    await expect(app.as(moderator).call("auth.updateAccount", change)).rejects.toMatchObject({ type: "FORBIDDEN" });
    await expect(app.call("auth.listAccounts", {})).rejects.toMatchObject({ code: 401 });
  });

  it("keeps the last admin, alone and when two demote each other", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const admin = await make(alice, "admin");
    for (const change of [{ role: "user" as const }, { is_suspended: true }]) {
      const attempt = app.as(admin).call("auth.updateAccount", { user_id: admin.id, ...change });
      await expect(attempt).rejects.toMatchObject({ code: 409, type: "LAST_ADMIN" });
    }

    const second = await make(bob, "admin");
    const ends = await Promise.allSettled([
      app.as(admin).call("auth.updateAccount", { user_id: second.id, role: "user" }),
      app.as(second).call("auth.updateAccount", { user_id: admin.id, role: "user" }),
    ]);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const { users } = await app.call("auth.getMany", { user_ids: [alice.id, bob.id] });
    expect(users.filter(({ role }) => role === "admin")).toHaveLength(1);
  });

  it("changes roles and suspends, and announces each once", async () => {
    const [alice, admin] = await app.users("alice", "admin");
    const as = app.as(await make(admin, "admin"));
    await app.settled();
    await app.beginTest();

    for (let i = 0; i < 2; i++) {
      const account = await as.call("auth.updateAccount", { user_id: alice.id, role: "moderator", is_suspended: true });
      expect(account).toMatchObject({ role: "moderator", is_suspended: true, version: 2, email: alice.email });
    }
    expect(await app.published("user.updated")).toEqual([
      { user_id: alice.id, version: 2, is_private: false, is_suspended: true },
    ]);
    await expect(as.call("auth.updateAccount", { user_id: 1, role: "user" })).rejects.toMatchObject({ code: 404 });
    const nobody = app.call("auth.grantRole", { username: "nobody", role: "admin" });
    await expect(nobody).rejects.toMatchObject({ code: 404, type: "USER_NOT_FOUND" });
  });

  it("lists accounts newest first, or by prefix, suspended ones too", async () => {
    const people = await app.users("zoe", "zoe", "zoe");
    const moderator = app.as(await make(people[0], "moderator"));
    const admin = { id: 1, role: "admin" as const };
    await app.as(admin).call("auth.updateAccount", { user_id: people[1].id, is_suspended: true });

    const first = await moderator.call("auth.listAccounts", { limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual([people[2].id, people[1].id]);
    expect(first.items[1]).toMatchObject({ email: people[1].email, is_suspended: true });
    const second = await moderator.call("auth.listAccounts", { limit: 2, cursor: first.next_cursor! });
    expect(second.items[0]?.id).toBe(people[0].id);
    const named = await moderator.call("auth.listAccounts", { q: "ZOE_" });
    expect(named.items.map(({ id }) => id).sort()).toEqual(people.map(({ id }) => id).sort());

    for (const parts of ['["x",1]', '["2020-01-01T00:00:00.000Z",1.5]', '["2020-01-01T00:00:00.000Z"]']) {
      const cursor = Buffer.from(parts).toString("base64url");
      await expect(moderator.call("auth.listAccounts", { cursor })).rejects.toMatchObject({ type: "BAD_CURSOR" });
    }
  });

  it("lists every account once, page by page", async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.as({ id: 1, role: "moderator" }).call("auth.listAccounts", { limit: 3, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);

    expect(seen.length).toBeGreaterThan(6);
    expect(new Set(seen).size).toBe(seen.length);
  });
});
