import type { Database } from "../../mixins/postgres";
import { type Person, useApp } from "../setup/use-app";

describe("sessions", () => {
  const app = useApp(["auth"]);
  const device = (n: number) => ({ user_agent: `browser ${n}`, address: `192.0.2.${n}` });

  async function signIn({ username, password }: Person, n = 1) {
    const { access_token, refresh_token } = await app.call("auth.login", { username, password, device: device(n) });
    const { session_id } = await app.call("auth.authenticate", { token: access_token });
    return { token: access_token, refresh_token, session_id };
  }
  const isAlive = async (token: string) => (await app.call("auth.validate", { token })).active;

  it("are listed newest first, in pages, the asking one marked", async () => {
    const alice = await app.user("alice");
    const opened = [];
    for (const n of [1, 2, 3]) opened.push(await signIn(alice, n));
    const { session_id } = opened[1]!;

    const first = await app.as(alice).call("auth.listSessions", { limit: 2, session_id });
    expect(first.items).toMatchObject([
      { user_agent: "browser 3", address: "192.0.2.3", is_current: false },
      { id: session_id, user_agent: "browser 2", is_current: true },
    ]);
    const rest = await app.as(alice).call("auth.listSessions", { limit: 2, cursor: first.next_cursor! });
    expect(rest).toMatchObject({ items: [{ user_agent: "browser 1" }, { user_agent: "" }], next_cursor: null });
    for (const cursor of ["x", Buffer.from('["\\u0000","a"]').toString("base64url")])
      await expect(app.as(alice).call("auth.listSessions", { cursor })).rejects.toMatchObject({ type: "BAD_CURSOR" });
  });

  it("end one by one", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const [one, two] = [await signIn(alice), await signIn(alice)];

    const stranger = app.as(bob).call("auth.revokeSession", { session_id: one.session_id });
    await expect(stranger).rejects.toMatchObject({ code: 404, type: "SESSION_NOT_FOUND" });
    expect(await isAlive(one.token)).toBe(true);

    await app.as(alice).call("auth.revokeSession", { session_id: one.session_id });
    expect([await isAlive(one.token), await isAlive(two.token)]).toEqual([false, true]);
    const again = app.as(alice).call("auth.revokeSession", { session_id: one.session_id });
    await expect(again).rejects.toMatchObject({ type: "SESSION_NOT_FOUND" });

    for (let i = 0; i < 2; i++) await app.as(alice).call("auth.logout", { session_id: two.session_id });
    expect(await isAlive(two.token)).toBe(false);
    await expect(app.call("auth.refresh", { refresh_token: two.refresh_token })).rejects.toMatchObject({ code: 401 });
  });

  it("end all together", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const mine = [await signIn(alice), await signIn(alice)];
    const other = await signIn(bob);
    await app.as(alice).call("auth.logoutAll", {});

    expect(await Promise.all([...mine, other].map(({ token }) => isAlive(token)))).toEqual([false, false, true]);
    expect((await app.as(alice).call("auth.listSessions", {})).items).toEqual([]);
  });

  it("end with a new password, all but the one that set it", async () => {
    const alice = await app.user("alice");
    const [one, two] = [await signIn(alice), await signIn(alice)];
    const change = (current_password: string, new_password: string) =>
      app.as(alice).call("auth.changePassword", { current_password, new_password, session_id: one.session_id });

    await expect(change("wrong password", "new password")).rejects.toMatchObject({
      code: 401,
      type: "BAD_CREDENTIALS",
    });
    await expect(change(alice.password, "short")).rejects.toMatchObject({ type: "INVALID_INPUT" });
    await change(alice.password, "new password");

    expect([await isAlive(one.token), await isAlive(two.token)]).toEqual([true, false]);
    await expect(signIn(alice)).rejects.toMatchObject({ type: "BAD_CREDENTIALS" });
    await signIn({ ...alice, password: "new password" });
    await change("new password", "new password");
    expect((await app.as(alice).call("auth.listSessions", {})).items).toHaveLength(1);
  });

  it("are not left behind by a log-in that races a new password", async () => {
    for (let round = 0; round < 5; round++) {
      const alice = await app.user("alice");
      const logins = Array.from({ length: 8 }, () => signIn(alice).catch(() => undefined));
      await Promise.all([
        ...logins,
        app.as(alice).call("auth.changePassword", { current_password: alice.password, new_password: "new password" }),
      ]);
      expect((await app.as(alice).call("auth.listSessions", {})).items).toEqual([]);
    }
  });

  it("are swept when they have expired", async () => {
    const alice = await app.user("alice");
    const { session_id, token } = await signIn(alice);
    const auth = app.service<{ sql: Database; sweep(): Promise<void> }>("auth");
    const rows = async () =>
      (await auth.sql.at(alice.id).query("select id from sessions where user_id = $1", [alice.id])).rows;
    await auth.sql
      .at(alice.id)
      .query("update sessions set expires_at = now() where user_id = $1 and id = $2", [alice.id, session_id]);

    expect((await app.as(alice).call("auth.listSessions", {})).items).toHaveLength(1);
    expect(await rows()).toHaveLength(2);
    await auth.sweep();
    expect(await rows()).toHaveLength(1);
    await app.as(alice).call("auth.logout", { session_id });
    expect(await isAlive(token)).toBe(false);
  });

  it("need somebody logged in", async () => {
    for (const name of ["auth.logoutAll", "auth.listSessions", "auth.getAccount", "auth.deleteAccount"] as const)
      await expect(app.call(name, {})).rejects.toMatchObject({ code: 401, type: "UNAUTHENTICATED" });
  });
});
