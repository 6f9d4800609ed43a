import { useApp } from "../setup/use-app";

describe("a profile", () => {
  const app = useApp(["auth"], { env: { PUBLIC_URL: "https://photos.example.com/" } });
  const rendition = { name: "150", path: "/media/a/150.webp", width: 150, height: 150, format: "webp", bytes: 999 };
  const mediaId = (n: number) => n.toString(16).padStart(24, "0");

  it("changes, raises its version and is announced", async () => {
    const alice = await app.user("alice");
    const changes = {
      display_name: "Alice",
      bio: "Line\nand line",
      website: "https://alice.example",
      is_private: true,
    };

    const changed = await app.as(alice).call("auth.updateProfile", changes);
    expect(changed).toMatchObject({ ...changes, version: 2, email: alice.email });
    expect(await app.as(alice).call("auth.getAccount", {})).toEqual(changed);
    const { email: _, ...profile } = changed;
    expect(await app.call("auth.get", { user_id: alice.id })).toEqual(profile);
    expect(await app.published("user.updated")).toEqual([
      { user_id: alice.id, version: 2, is_private: true, is_suspended: false },
    ]);
  });

  it("announces nothing when nothing changes", async () => {
    const alice = await app.user("alice", { bio: "Hello" });
    await app.as(alice).call("auth.updateProfile", { bio: "Hello", is_private: false });
    await app.as(alice).call("auth.updateProfile", {});

    expect((await app.as(alice).call("auth.getAccount", {})).version).toBe(2);
    expect(await app.published("user.updated")).toHaveLength(1);
  });

  it("loses no change of many that race", async () => {
    const alice = await app.user("alice");
    const bios = Array.from({ length: 20 }, (_, i) => `bio ${i}`);
    await Promise.all(bios.map((bio) => app.as(alice).call("auth.updateProfile", { bio })));

    expect((await app.as(alice).call("auth.getAccount", {})).version).toBe(21);
    const versions = (await app.published("user.updated")).map(({ version }) => version);
    expect(versions).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
  });

  it.each([
    [{ display_name: "x".repeat(101) }],
    [{ bio: "x".repeat(501) }],
    [{ bio: "with a \0" }],
    [{ website: "javascript:alert(1)" }],
    [{ website: "https://a.example/\0" }],
    [{ website: "not a URL" }],
  ])("refuses %j", async (wrong) => {
    const alice = await app.user("alice");
    await expect(app.as(alice).call("auth.updateProfile", wrong)).rejects.toMatchObject({ type: "INVALID_INPUT" });
  });

  it("shows an avatar by URLs, and tells which upload it replaced", async () => {
    const alice = await app.user("alice");
    const set = (media_id: string | null) =>
      app.as(alice).call("auth.setAvatar", { media_id, renditions: media_id === null ? [] : [rendition] });
    const { path, ...shown } = rendition;

    expect(await set(mediaId(1))).toEqual({ previous_media_id: null });
    expect((await app.call("auth.get", { user_id: alice.id })).avatar).toEqual([
      { ...shown, url: `https://photos.example.com${path}` },
    ]);
    expect(await set(mediaId(1))).toEqual({ previous_media_id: null });
    expect(await app.published("user.updated")).toHaveLength(1);
    expect(await set(mediaId(2))).toEqual({ previous_media_id: mediaId(1) });
    expect(await set(null)).toEqual({ previous_media_id: mediaId(2) });
    expect(await set(null)).toEqual({ previous_media_id: null });
    expect((await app.call("auth.get", { user_id: alice.id })).avatar).toBeNull();
  });

  it("is read by ids in the order asked, without those that are gone", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    await app.as(bob).call("auth.deleteAccount", {});

    const { users } = await app.call("auth.getMany", { user_ids: [carol.id, bob.id, 1, alice.id] });
    expect(users.map(({ id }) => id)).toEqual([carol.id, alice.id]);
    expect(users.some((user) => "email" in user || "password_hash" in user)).toBe(false);
    await expect(app.call("auth.get", { user_id: bob.id })).rejects.toMatchObject({
      code: 404,
      type: "USER_NOT_FOUND",
    });
  });

  it("is found by username in any case, in the order asked", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const usernames = [bob.username.toUpperCase(), "nobody", "a b", "\0", "", alice.username, bob.username];

    const { users } = await app.call("auth.findByUsernames", { usernames });
    expect(users.map(({ id }) => id)).toEqual([bob.id, alice.id]);
  });
});

describe("auth.search", () => {
  const app = useApp(["auth"]);
  const admin = { id: 1, role: "admin" as const };

  async function walk(q: string, limit: number) {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.call("auth.search", { q, limit, cursor });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      names.push(...page.items.map(({ username }) => username));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return names;
  }

  beforeAll(async () => {
    const names = [..."abcdefghij"].map((letter) => `Photo_${letter}`);
    const users = [...names, "photographer", "phone", "사진가", "사진사", "𝒳x", "ｚed"].map((username, i) => ({
      username: username.normalize("NFKC"),
      email: `s${i}@example.com`,
      display_name: "",
    }));
    await app.call("auth.seed", { users, password_hash: "none" });
  });

  it("answers in alphabetical order, page by page, whatever the case", async () => {
    const all = [..."abcdefghij"].map((letter) => `Photo_${letter}`);
    for (const limit of [1, 3, 100]) expect(await walk("PHOTO_", limit)).toEqual(all);
    expect(await walk("pho", 4)).toEqual(["phone", ...all, "photographer"]);
    expect(await walk("사진", 1)).toEqual(["사진가", "사진사"]);
    expect(await walk("Ｘ", 1)).toEqual(["Xx"]);
    for (const nothing of ["nobody", "photo%", "\0", "photo_\0"]) expect(await walk(nothing, 5)).toEqual([]);
  });

  it("leaves out suspended and deleted accounts, and fills the page up again", async () => {
    const { users } = await app.call("auth.findByUsernames", {
      usernames: ["photo_a", "photo_b", "photo_c", "photo_d", "photo_g"],
    });
    const [a, b, c, d, g] = users;
    for (const { id } of [a!, c!]) await app.as(admin).call("auth.updateAccount", { user_id: id, is_suspended: true });
    for (const { id } of [b!, d!, g!]) await app.as({ id }).call("auth.deleteAccount", {});

    const { items } = await app.call("auth.search", { q: "photo_", limit: 2 });
    expect(items.map(({ username }) => username)).toEqual(["Photo_e", "Photo_f"]);
    for (const limit of [1, 2, 50])
      expect(await walk("photo_", limit)).toEqual(["e", "f", "h", "i", "j"].map((letter) => `Photo_${letter}`));
  });

  it("refuses a cursor that it never gave", async () => {
    for (const cursor of [
      "%%%",
      "",
      Buffer.from('["\\u0000"]').toString("base64url"),
      Buffer.from("[1]").toString("base64url"),
    ])
      await expect(app.call("auth.search", { q: "a", cursor })).rejects.toMatchObject({
        code: 422,
        type: "BAD_CURSOR",
      });
  });
});
