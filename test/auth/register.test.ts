import { useApp } from "../setup/use-app";

describe("auth.register", () => {
  const app = useApp(["auth"]);
  const password = "correct horse";

  /** How simultaneous registrations ended: the number opened, and the types of the refusals. */
  async function race(applicants: { username: string; email: string }[]) {
    const ends = await Promise.allSettled(applicants.map((who) => app.call("auth.register", { ...who, password })));
    const refusals = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as { type: string }] : []));
    return { opened: ends.length - refusals.length, types: [...new Set(refusals.map(({ type }) => type))] };
  }

  it("opens an account and signs it in", async () => {
    const signedIn = await app.call("auth.register", {
      username: "Alice.Miller",
      email: "Alice@Example.com",
      password,
      display_name: "Alice",
    });

    expect(signedIn).toMatchObject({ token_type: "Bearer", expires_in: 900 });
    expect(signedIn.user).toMatchObject({
      username: "Alice.Miller",
      email: "Alice@Example.com",
      display_name: "Alice",
      role: "user",
      avatar: null,
      is_private: false,
      is_suspended: false,
      version: 1,
    });
    await expect(app.call("auth.authenticate", { token: signedIn.access_token })).resolves.toMatchObject({
      viewer: { id: signedIn.user.id, role: "user" },
    });
    expect(await app.published("user.created")).toEqual([
      { user_id: signedIn.user.id, created_at: signedIn.user.created_at },
    ]);
  });

  it("opens one account, however many register one username at once", async () => {
    const applicants = Array.from({ length: 50 }, (_, i) => ({ username: "sought", email: `sought${i}@example.com` }));

    expect(await race(applicants)).toEqual({ opened: 1, types: ["USERNAME_TAKEN"] });
    expect(await app.published("user.created")).toHaveLength(1);
    expect((await app.call("auth.search", { q: "sought" })).items).toHaveLength(1);
  });

  it("opens one account, however many register one e-mail address at once, and gives the other usernames back", async () => {
    const applicants = Array.from({ length: 50 }, (_, i) => ({ username: `twin_${i}`, email: "Twin@example.com" }));

    expect(await race(applicants)).toEqual({ opened: 1, types: ["EMAIL_TAKEN"] });
    expect((await app.call("auth.search", { q: "twin_" })).items).toHaveLength(1);
    const others = Array.from({ length: 50 }, (_, i) => ({ username: `twin_${i}`, email: `twin_${i}@example.com` }));
    expect(await race(others)).toEqual({ opened: 49, types: ["USERNAME_TAKEN"] });
  });

  it("opens one account when identical requests race", async () => {
    const applicants = Array.from({ length: 50 }, () => ({ username: "same", email: "same@example.com" }));

    expect((await race(applicants)).opened).toBe(1);
  });

  it("takes names that differ in case or width alone for one", async () => {
    await app.call("auth.register", { username: "Straße", email: "s1@example.com", password });
    for (const username of ["straße", "STRAßE", "Ｓtraße"]) {
      const again = app.call("auth.register", { username, email: "s2@example.com", password });
      await expect(again).rejects.toMatchObject({ code: 409, type: "USERNAME_TAKEN" });
    }
    const sameEmail = app.call("auth.register", { username: "other", email: "S1@EXAMPLE.com", password });
    await expect(sameEmail).rejects.toMatchObject({ code: 409, type: "EMAIL_TAKEN" });
  });

  it.each(["김철수", "محمد_1", "João", "naïve.cafe", "東京タワー", "हिन्दी", "x"])(
    "takes %s for a username",
    async (username) => {
      const email = `${Buffer.from(username).toString("hex")}@example.com`;
      const { user } = await app.call("auth.register", { username, email, password });
      expect(user.username).toBe(username);
      expect((await app.call("auth.findByUsernames", { usernames: [username] })).users[0]?.id).toBe(user.id);
    },
  );

  it.each([
    ["", "nothing"],
    ["a".repeat(51), "too long"],
    ["with space", "a space"],
    ["a@b", "an at sign"],
    [".alice", "a leading dot"],
    ["alice.", "a trailing dot"],
    ["al..ice", "two dots in a row"],
    ["раypal", "Cyrillic beside Latin"],
    ["αlice", "Greek beside Latin"],
    ["al\u3164ice", "an invisible letter"],
    ["al\u200dice", "a joiner"],
    ["\u0301alice", "a leading mark"],
    ["a\u0316\u0317\u0318\u0319", "a heap of marks"],
    ["ﷺ", "a ligature of several words"],
    ["_._", "no letter"],
    ["al\0ice", "a NUL"],
  ])("refuses %j: %s", async (username) => {
    const attempt = app.call("auth.register", { username, email: "nobody@example.com", password });
    await expect(attempt).rejects.toMatchObject({
      code: 422,
      type: "INVALID_INPUT",
      data: { fields: expect.arrayContaining([expect.objectContaining({ field: "username" })]) as unknown },
    });
  });

  it.each([
    [{ email: "nobody" }, "email"],
    [{ email: "nobody@example.com\0" }, "email"],
    [{ password: "short" }, "password"],
    [{ password: "ü".repeat(37) }, "password"],
    [{ password: "with a \0 in it" }, "password"],
    [{ display_name: "x".repeat(101) }, "display_name"],
    [{ display_name: "Al\0ice" }, "display_name"],
  ])("names the field that is wrong in %j", async (wrong, field) => {
    const attempt = app.call("auth.register", { username: "nobody", email: "nobody@example.com", password, ...wrong });
    await expect(attempt).rejects.toMatchObject({
      type: "INVALID_INPUT",
      data: { fields: [expect.objectContaining({ field }) as unknown] },
    });
  });
});
