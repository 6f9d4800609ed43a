import { newId, newUserId } from "../../lib/ids";
import type { Database } from "../../mixins/postgres";
import type { Stamps } from "../../mixins/redis";
import type { Channels } from "../../mixins/channels";
import { emailClaims, usernameClaims } from "../../services/auth/claims.repository";
import * as registrations from "../../services/auth/registrations.repository";
import { settle } from "../../services/auth/settle-registrations";
import { useApp } from "../setup/use-app";

interface Auth extends Channels {
  sql: Database;
  stamps: Stamps;
  sweep(): Promise<void>;
}

describe("a registration that died", () => {
  const app = useApp(["auth"]);
  const auth = () => app.service<Auth>("auth");

  /** What one leaves that had come so far. */
  async function leave(username: string, steps: { email?: boolean; row?: boolean }) {
    const draft = {
      id: newUserId(),
      username,
      email: `${username}@example.com`,
      display_name: "",
      claim_token: newId(),
      is_confirmed: false,
    };
    const claim = { user_id: draft.id, token: draft.claim_token };
    await usernameClaims.insertMany(auth().sql, [{ key: username, ...claim }]);
    if (steps.email) await emailClaims.insertMany(auth().sql, [{ key: draft.email, ...claim }]);
    if (steps.row) await registrations.insertMany(auth().sql, [draft], "a hash");
    return draft;
  }

  async function letPass(interval: string) {
    for (const shard of auth().sql.shards) {
      for (const table of ["username_claims", "email_claims"])
        await shard.query(
          `update ${table} set claimed_at = claimed_at - interval '${interval}' where confirmed_at is null`,
        );
      await shard.query(`update users set created_at = created_at - interval '${interval}' where not is_confirmed`);
    }
  }

  const register = (username: string) =>
    app.call("auth.register", { username, email: `${username}@example.com`, password: "correct horse" });

  async function rest(username: string) {
    const claims = [
      ...(await usernameClaims.findMany(auth().sql, [username])),
      ...(await emailClaims.findMany(auth().sql, [`${username}@example.com`])),
    ];
    return claims.map(({ is_confirmed }) => is_confirmed);
  }

  it("keeps its names for a minute, and loses them to the next who asks", async () => {
    await leave("carol", { email: true });
    await letPass("50 seconds");
    await expect(register("carol")).rejects.toMatchObject({ type: "USERNAME_TAKEN" });

    await letPass("20 seconds");
    const { user } = await register("carol");
    expect(user.username).toBe("carol");
    expect(await rest("carol")).toEqual([true, true]);
  });

  it("is taken over by one of many who ask at once", async () => {
    await leave("dave", { email: true });
    await letPass("2 minutes");

    const ends = await Promise.allSettled(Array.from({ length: 30 }, () => register("dave")));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await app.published("user.created")).toHaveLength(1);
  });

  it.each([{}, { email: true }])("is swept when it wrote no row: %j", async (steps) => {
    const name = `erin${Object.keys(steps).length}`;
    await leave(name, steps);
    await auth().sweep();
    expect(await rest(name)).toContain(false);

    await letPass("2 minutes");
    await auth().sweep();
    expect(await rest(name)).toEqual([]);
  });

  it("is seen by nobody while its claims are not confirmed", async () => {
    const { id } = await leave("frank", { email: true, row: true });

    await expect(app.call("auth.get", { user_id: id })).rejects.toMatchObject({ code: 404, type: "USER_NOT_FOUND" });
    expect((await app.call("auth.search", { q: "frank" })).items).toEqual([]);
    expect((await app.call("auth.findByUsernames", { usernames: ["frank"] })).users).toEqual([]);
  });

  it("is brought to its end by the sweeper when its row is written, and announced once", async () => {
    const { id } = await leave("grace", { email: true, row: true });
    await letPass("2 minutes");
    await Promise.all([auth().sweep(), register("grace").catch(() => undefined)]);
    await auth().sweep();

    expect(await rest("grace")).toEqual([true, true]);
    await expect(app.call("auth.get", { user_id: id })).resolves.toMatchObject({ username: "grace" });
    const announced = (await app.published("user.created")).filter(({ user_id }) => user_id === id);
    expect(announced).toHaveLength(1);
  });

  it("is undone by the sweeper when one of its names was lost", async () => {
    const { id } = await leave("heidi", { row: true });
    await letPass("2 minutes");
    await auth().sweep();

    expect(await rest("heidi")).toEqual([]);
    expect(await registrations.findMany(auth().sql, [id])).toEqual(new Map());
    await expect(register("heidi")).resolves.toMatchObject({ user: { username: "heidi" } });
  });

  it("yields when it was only slow and somebody took its names meanwhile", async () => {
    const draft = await leave("ivan", { email: true });
    await letPass("2 minutes");
    const { user } = await register("ivan");

    await registrations.insertMany(auth().sql, [draft], "a hash");
    expect(await settle(auth(), [draft])).toEqual([draft.id]);

    expect(await rest("ivan")).toEqual([true, true]);
    const { users } = await app.call("auth.findByUsernames", { usernames: ["ivan"] });
    expect(users.map(({ id }) => id)).toEqual([user.id]);
    expect((await app.published("user.created")).map(({ user_id }) => user_id)).not.toContain(draft.id);
  });
});
