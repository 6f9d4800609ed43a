import { UsernameTakenError } from "../../services/auth/auth.errors";
import { type NodesOfAuth, nodesOfAuth } from "./nodes-of-auth";

describe("two nodes of auth", () => {
  let nodes: NodesOfAuth;
  beforeAll(async () => {
    nodes = await nodesOfAuth({ nodes: 2, shards: 1 });
  }, 60_000);
  afterAll(() => nodes.stop(), 60_000);

  async function signIn(name: string) {
    const credentials = { username: name, email: `${name}@example.com`, password: "correct horse" };
    const { user, access_token: token, refresh_token } = await nodes.on(0)("auth.register", credentials);
    const { session_id } = await nodes.on(0)("auth.authenticate", { token });
    return { viewer: { id: user.id, role: user.role }, token, refresh_token, session_id };
  }

  async function until(work: () => Promise<boolean>) {
    const start = Date.now();
    while (!(await work())) {
      if (Date.now() - start > 3000) throw new Error("It did not happen within three seconds.");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it("take each other's tokens, signed with one key that was made once", async () => {
    const { token, refresh_token, viewer } = await signIn("alice");

    await expect(nodes.on(1)("auth.authenticate", { token })).resolves.toMatchObject({ viewer });
    const next = await nodes.on(1)("auth.refresh", { refresh_token });
    await expect(nodes.on(0)("auth.authenticate", { token: next.access_token })).resolves.toMatchObject({ viewer });
  });

  it("tell each other of a session that ended and of a role that changed, long before the ten seconds are over", async () => {
    const { viewer, token, session_id } = await signIn("bob");
    const onSecond = () => nodes.on(1)("auth.validate", { token });
    expect(await onSecond()).toMatchObject({ active: true, role: "user" });

    await nodes.on(0)("auth.grantRole", { username: "bob", role: "moderator" });
    await until(async () => (await onSecond()).role === "moderator");
    await nodes.on(0)("auth.logout", { session_id }, { meta: { viewer } });
    await until(async () => !(await onSecond()).active);
  });

  it("open one account of many registrations that race on both", async () => {
    const ends = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        nodes.on(i % 2)("auth.register", {
          username: "carol",
          email: `carol${i}@example.com`,
          password: "correct horse",
        }),
      ),
    );
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const again = { username: "carol", email: "new@example.com", password: "correct horse" };
    await expect(nodes.on(1)("auth.register", again)).rejects.toBeInstanceOf(UsernameTakenError);
  });
});

describe("auth on two shards", () => {
  let nodes: NodesOfAuth;
  beforeAll(async () => {
    nodes = await nodesOfAuth({ nodes: 1, shards: 2 });
  }, 60_000);
  afterAll(() => nodes.stop(), 60_000);
  const people = Array.from({ length: 60 }, (_, i) => ({
    username: `Person_${String(i).padStart(2, "0")}`,
    email: `person${i}@example.com`,
    display_name: "",
  }));

  async function walk(
    read: (cursor: string | undefined) => Promise<{ items: { username: string }[]; next_cursor: string | null }>,
  ) {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await read(cursor);
      names.push(...page.items.map(({ username }) => username));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return names;
  }

  it("opens accounts wherever their names and ids lie, and lists them in one order", async () => {
    const call = nodes.on(0);
    const { user_ids } = await call("auth.seed", { users: people, password_hash: "none" });
    await expect(call("auth.seed", { users: people, password_hash: "none" })).resolves.toEqual({ user_ids });

    const names = people.map(({ username }) => username);
    expect(await walk((cursor) => call("auth.search", { q: "person_", limit: 7, cursor }))).toEqual(names);
    const meta = { viewer: { id: 1, role: "moderator" as const } };
    const newest = await walk((cursor) => call("auth.listAccounts", { limit: 7, cursor }, { meta }));
    expect(newest.sort()).toEqual(names);
    const { users } = await call("auth.getMany", { user_ids: [...user_ids].reverse() });
    expect(users.map(({ username }) => username)).toEqual([...names].reverse());
  });

  it("opens one account of many registrations that race, signs it in and deletes it", async () => {
    const call = nodes.on(0);
    const who = (i: number) => ({ username: "alice", email: `alice${i}@example.com`, password: "correct horse" });
    const ends = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => call("auth.register", who(i))));
    const opened = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    expect(opened).toHaveLength(1);

    const { user } = opened[0]!;
    const { refresh_token } = await call("auth.login", { email: user.email, password: "correct horse" });
    await call("auth.refresh", { refresh_token });
    await call("auth.deleteAccount", {}, { meta: { viewer: { id: user.id, role: "user" } } });
    await expect(call("auth.refresh", { refresh_token })).rejects.toMatchObject({ code: 401 });
    const next = { username: "bob", email: user.email, password: "correct horse" };
    await expect(call("auth.register", next)).resolves.toMatchObject({ user: { username: "bob" } });
  });
});
