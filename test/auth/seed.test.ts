import bcrypt from "bcrypt";
import { useApp } from "../setup/use-app";

describe("auth.seed", () => {
  const app = useApp(["auth"]);
  const people = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      username: `${prefix}_${i}`,
      email: `${prefix}_${i}@example.com`,
      display_name: `Person ${i}`,
    }));

  it("opens accounts that can log in, in the order asked, and finds them again", async () => {
    const password_hash = await bcrypt.hash("one for all", 4);
    const users = people("seed", 1000);
    const { user_ids } = await app.call("auth.seed", { users, password_hash });

    expect(new Set(user_ids).size).toBe(1000);
    expect((await app.call("auth.get", { user_id: user_ids[777]! })).username).toBe("seed_777");
    expect((await app.published("user.created")).map(({ user_id }) => user_id).sort()).toEqual([...user_ids].sort());
    const login = app.call("auth.login", { username: "seed_5", password: "one for all" });
    await expect(login).resolves.toMatchObject({ user: { id: user_ids[5], display_name: "Person 5" } });

    const more = [...people("more", 2), ...users.slice(0, 3), ...people("most", 1)];
    const second = await app.call("auth.seed", { users: more, password_hash });
    expect(second.user_ids.slice(2, 5)).toEqual(user_ids.slice(0, 3));
    await expect(app.call("auth.seed", { users: more, password_hash })).resolves.toEqual(second);
  });

  it("opens nothing when a name is somebody else's", async () => {
    const alice = await app.user("alice");
    const fresh = people("fresh", 3);
    const clash = { username: alice.username, email: "other@example.com", display_name: "" };
    const sameEmail = { username: "other", email: alice.email, display_name: "" };
    for (const [one, type] of [
      [clash, "USERNAME_TAKEN"],
      [sameEmail, "EMAIL_TAKEN"],
    ] as const) {
      const attempt = app.call("auth.seed", { users: [...fresh, one], password_hash: "none" });
      await expect(attempt).rejects.toMatchObject({ code: 409, type });
    }
    const twice = app.call("auth.seed", { users: [...fresh, fresh[0]!], password_hash: "none" });
    await expect(twice).rejects.toMatchObject({ type: "INVALID_INPUT" });

    expect((await app.call("auth.search", { q: "fresh" })).items).toEqual([]);
    await expect(app.call("auth.seed", { users: fresh, password_hash: "none" })).resolves.toBeDefined();
  });
});
