import { emailClaims } from "../../services/auth/claims.repository";
import type { Channels } from "../../mixins/channels";
import type { Database } from "../../mixins/postgres";
import * as users from "../../services/auth/users.repository";
import { useApp } from "../setup/use-app";

describe("auth.deleteAccount", () => {
  const app = useApp(["auth"]);

  it("takes account and sessions, frees the e-mail address and keeps the username for ever", async () => {
    const alice = await app.user("alice");
    const { username, email, password } = alice;
    for (let i = 0; i < 2; i++) await expect(app.as(alice).call("auth.deleteAccount", {})).resolves.toEqual({});

    await expect(app.call("auth.login", { username, password })).rejects.toMatchObject({ type: "BAD_CREDENTIALS" });
    await expect(app.call("auth.login", { email, password })).rejects.toMatchObject({ type: "BAD_CREDENTIALS" });
    expect((await app.call("auth.search", { q: username })).items).toEqual([]);
    await expect(app.as(alice).call("auth.getAccount", {})).rejects.toMatchObject({ code: 404 });
    const again = app.call("auth.register", { username, email: "new@example.com", password });
    await expect(again).rejects.toMatchObject({ code: 409, type: "USERNAME_TAKEN" });
    const next = await app.call("auth.register", { username: "next", email, password });
    expect(next.user.id).not.toBe(alice.id);

    expect(await app.published("user.deleted")).toEqual([{ user_id: alice.id }]);
    await expect(app.call("auth.login", { email, password })).resolves.toMatchObject({ user: { username: "next" } });
  });

  it("announces itself once, however many identical requests race", async () => {
    const alice = await app.user("alice");
    await Promise.all(Array.from({ length: 20 }, () => app.as(alice).call("auth.deleteAccount", {})));

    expect(await app.published("user.deleted")).toEqual([{ user_id: alice.id }]);
  });

  it("frees the e-mail address also when its node died before it could", async () => {
    const alice = await app.user("alice");
    const auth = app.service<Channels & { sql: Database }>("auth");
    await auth.sql.at(alice.id).transaction(async (tx) => {
      await users.remove(tx, alice.id);
      await auth.publish(tx, "user.deleted", { user_id: alice.id });
    });

    await app.settled();
    expect(await emailClaims.find(auth.sql, alice.email)).toBeUndefined();
    const { username, email, password } = alice;
    await expect(app.call("auth.register", { username, email, password })).rejects.toMatchObject({
      type: "USERNAME_TAKEN",
    });
  });
});
