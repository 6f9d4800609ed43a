import { useApp } from "../setup/use-app";

describe("auth.register", () => {
  const app = useApp(["auth"]);

  it("opens an account and signs it in", async () => {
    const signedIn = await app.call("auth.register", {
      username: "Alice.Miller",
      email: "Alice@Example.com",
      password: "correct horse",
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
});
