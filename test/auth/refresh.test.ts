import { randomBytes } from "node:crypto";
import type { Database } from "../../mixins/postgres";
import { useApp } from "../setup/use-app";

describe("auth.refresh", () => {
  const app = useApp(["auth"]);
  const refused = { code: 401, type: "BAD_REFRESH_TOKEN" };
  const refresh = (refresh_token: string) => app.call("auth.refresh", { refresh_token });

  async function signIn() {
    const person = await app.user("alice");
    const { username, password } = person;
    return { person, ...(await app.call("auth.login", { username, password })) };
  }

  it("gives new tokens of the same session", async () => {
    const first = await signIn();
    const second = await refresh(first.refresh_token);
    const third = await refresh(second.refresh_token);

    expect(new Set([first, second, third].map(({ refresh_token }) => refresh_token)).size).toBe(3);
    const [a, b] = await Promise.all(
      [first, third].map(({ access_token }) => app.call("auth.authenticate", { token: access_token })),
    );
    expect(a?.session_id).toBe(b?.session_id);
  });

  it("ends the session when a token is used twice, however old it is", async () => {
    const first = await signIn();
    let newest = first;
    for (let i = 0; i < 5; i++) newest = { ...first, ...(await refresh(newest.refresh_token)) };
    await expect(app.call("auth.authenticate", { token: newest.access_token })).resolves.toBeDefined();

    await expect(refresh(first.refresh_token)).rejects.toMatchObject(refused);
    await expect(refresh(newest.refresh_token)).rejects.toMatchObject(refused);
    await expect(app.call("auth.authenticate", { token: newest.access_token })).rejects.toMatchObject({ code: 401 });
  });

  it("lets one of many racing requests win, and trusts none of its tokens after", async () => {
    const { refresh_token } = await signIn();
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => refresh(refresh_token)));

    const won = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    expect(won).toHaveLength(1);
    await expect(refresh(won[0]!.refresh_token)).rejects.toMatchObject(refused);
  });

  it("refuses a made-up token without ending the session that it names", async () => {
    const { refresh_token, person } = await signIn();
    const [user, session] = refresh_token.split(".");
    const made = `${user}.${session}.${randomBytes(32).toString("base64url")}`;

    const strange = [
      made,
      "",
      "x",
      `${person.id}`,
      `${user}.${session}`,
      `0${refresh_token}`,
      `${refresh_token}A`,
      "a.b.c",
    ];
    for (const token of strange) await expect(refresh(token)).rejects.toMatchObject(refused);
    await expect(refresh(refresh_token)).resolves.toBeDefined();
  });

  it("refuses a token that was not used for too long", async () => {
    const { refresh_token, person } = await signIn();
    const { sql } = app.service<{ sql: Database }>("auth");
    await sql.at(person.id).query("update sessions set expires_at = now() where user_id = $1", [person.id]);

    await expect(refresh(refresh_token)).rejects.toMatchObject(refused);
  });

  it("keeps no token that could be read from the database", async () => {
    const { refresh_token, person } = await signIn();
    const { sql } = app.service<{ sql: Database }>("auth");
    const { rows } = await sql
      .at(person.id)
      .query<Record<string, unknown>>("select * from sessions where user_id = $1", [person.id]);

    const secret = Buffer.from(refresh_token.split(".")[2]!, "base64url");
    const stored = rows
      .flatMap((row) => Object.values(row))
      .map((value) => (Buffer.isBuffer(value) ? value.toString("hex") : JSON.stringify(value)));
    expect(stored.length).toBeGreaterThan(10);
    for (const half of [secret.subarray(0, 16), secret.subarray(16)])
      expect(stored.filter((value) => value.includes(half.toString("hex")))).toEqual([]);
  });

  it("refuses a suspended account until it returns, and a deleted one for good", async () => {
    const { refresh_token, person } = await signIn();
    const admin = { ...(await app.user("admin")), role: "admin" as const };
    await app.as(admin).call("auth.updateAccount", { user_id: person.id, is_suspended: true });
    await expect(refresh(refresh_token)).rejects.toMatchObject({ code: 403, type: "ACCOUNT_SUSPENDED" });

    await app.as(admin).call("auth.updateAccount", { user_id: person.id, is_suspended: false });
    const next = await refresh(refresh_token);
    await app.as(person).call("auth.deleteAccount", {});
    await expect(refresh(next.refresh_token)).rejects.toMatchObject(refused);
  });
});
