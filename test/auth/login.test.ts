import { useApp } from "../setup/use-app";

describe("auth.login", () => {
  const app = useApp(["auth"], { env: { BCRYPT_COST: "8" } });

  it("opens a session by username or e-mail, in any case", async () => {
    const alice = await app.user("alice");

    for (const who of [{ username: alice.username.toUpperCase() }, { email: alice.email.toUpperCase() }]) {
      const signedIn = await app.call("auth.login", { ...who, password: alice.password });
      expect(signedIn.user).toMatchObject({ id: alice.id, email: alice.email });
      await expect(app.call("auth.validate", { token: signedIn.access_token })).resolves.toMatchObject({
        active: true,
        user_id: alice.id,
      });
    }
  });

  it("answers a wrong password and an unknown name alike", async () => {
    const alice = await app.user("alice");
    const failures = [
      { username: alice.username, password: "wrong password" },
      { email: alice.email, password: "" },
      { username: "nobody at all", password: alice.password },
      { username: "al\0ice", password: alice.password },
      { email: "no address", password: alice.password },
    ].map((params) => app.call("auth.login", params).catch((error: Error) => error));

    const errors = await Promise.all(failures);
    for (const error of errors) expect(error).toMatchObject({ code: 401, type: "BAD_CREDENTIALS" });
    expect(new Set(errors.map((error) => (error as Error).message)).size).toBe(1);
  });

  it("takes as long for an unknown name as for a known one", async () => {
    const alice = await app.user("alice");
    const time = async (username: string) => {
      const start = performance.now();
      await app.call("auth.login", { username, password: "wrong password" }).catch(() => undefined);
      return performance.now() - start;
    };
    await time("nobody");
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let i = 0; i < 15; i++) {
      known.push(await time(alice.username));
      unknown.push(await time("nobody"));
    }

    // The least of many is what other work on the machine disturbs least; without hashing the ratio is under 0.2.
    const ratio = Math.min(...unknown) / Math.min(...known);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  it("does not take more than the password, though bcrypt would read 72 bytes of it only", async () => {
    const password = "p".repeat(72);
    await app.call("auth.register", { username: "long", email: "long@example.com", password });

    await expect(app.call("auth.login", { username: "long", password })).resolves.toBeDefined();
    for (const more of [`${password}x`, `${password}\0`])
      await expect(app.call("auth.login", { username: "long", password: more })).rejects.toMatchObject({ code: 401 });
  });

  it("needs either a username or an e-mail address", async () => {
    for (const who of [{}, { username: "alice", email: "alice@example.com" }])
      await expect(app.call("auth.login", { ...who, password: "x" })).rejects.toMatchObject({ type: "INVALID_INPUT" });
  });

  it("tells of a suspension only who knows the password", async () => {
    const [alice, admin] = await app.users("alice", "admin");
    await app.as({ ...admin, role: "admin" }).call("auth.updateAccount", { user_id: alice.id, is_suspended: true });

    const { username, password } = alice;
    await expect(app.call("auth.login", { username, password })).rejects.toMatchObject({
      code: 403,
      type: "ACCOUNT_SUSPENDED",
    });
    await expect(app.call("auth.login", { username, password: "wrong password" })).rejects.toMatchObject({
      type: "BAD_CREDENTIALS",
    });

    await app.as({ ...admin, role: "admin" }).call("auth.updateAccount", { user_id: alice.id, is_suspended: false });
    await expect(app.call("auth.login", { username, password })).resolves.toBeDefined();
  });
});
