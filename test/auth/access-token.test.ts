import { createSecretKey } from "node:crypto";
import jwt from "jsonwebtoken";
import { signingKeys } from "../../lib/signing-keys";
import { useApp } from "../setup/use-app";

describe("auth.authenticate", () => {
  const app = useApp(["auth"]);
  const inactive = { active: false, user_id: null, role: null, expires_at: null };

  async function signIn() {
    const person = await app.user("alice");
    const { username, password } = person;
    const { access_token } = await app.call("auth.login", { username, password });
    return { person, access_token };
  }

  it("tells who stands behind a token", async () => {
    const { person, access_token } = await signIn();
    const { header, payload } = jwt.decode(access_token, { complete: true })! as unknown as {
      header: object;
      payload: { sid: string; exp: number; iat: number };
    };

    expect(header).toMatchObject({ alg: "HS256", kid: expect.any(String) as unknown });
    expect(payload).toMatchObject({ sub: String(person.id), iss: "emulsion", aud: "emulsion-api", role: "user" });
    expect(payload.exp - payload.iat).toBe(900);
    const expires_at = new Date(payload.exp * 1000).toISOString();
    await expect(app.call("auth.authenticate", { token: access_token })).resolves.toEqual({
      viewer: { id: person.id, role: "user" },
      session_id: payload.sid,
      expires_at,
    });
    await expect(app.call("auth.validate", { token: access_token })).resolves.toEqual({
      active: true,
      user_id: person.id,
      role: "user",
      expires_at,
    });
  });

  it("refuses every token that is not ours as it was signed", async () => {
    const { person, access_token } = await signIn();
    const { newest } = await signingKeys(app.config, "jwt");
    const { sid } = jwt.decode(access_token) as { sid: string };
    const claims = { sid, role: "admin" };
    const options = {
      keyid: newest.kid,
      issuer: "emulsion",
      audience: "emulsion-api",
      subject: String(person.id),
      expiresIn: 60,
    };
    const [head, body, signature] = access_token.split(".") as [string, string, string];
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT", kid: newest.kid })).toString("base64url");
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "1" })).toString("base64url");
    await expect(
      app.call("auth.authenticate", { token: jwt.sign(claims, newest.key, options) }),
    ).resolves.toMatchObject({ viewer: { role: "user" } });

    const strange = [
      "",
      "x",
      "a.b.c",
      `${head}.${body}.`,
      `${head}.${forged}.${signature}`,
      `${none}.${body}.`,
      jwt.sign(claims, createSecretKey(Buffer.alloc(32)), options),
      jwt.sign(claims, newest.key, { ...options, keyid: "another" }),
      jwt.sign(claims, newest.key, { ...options, algorithm: "HS512" }),
      jwt.sign(claims, newest.key, { ...options, issuer: "somebody" }),
      jwt.sign(claims, newest.key, { ...options, audience: "something" }),
      jwt.sign(claims, newest.key, { ...options, expiresIn: -1 }),
      jwt.sign(claims, newest.key, { ...options, subject: "1e9" }),
      jwt.sign({ ...claims, sid: "f".repeat(24) }, newest.key, options),
    ];
    for (const token of strange) {
      await expect(app.call("auth.authenticate", { token })).rejects.toMatchObject({
        code: 401,
        type: "UNAUTHENTICATED",
      });
      await expect(app.call("auth.validate", { token })).resolves.toEqual(inactive);
    }
  });

  it("sees at once what happened to session, role and account", async () => {
    const { person, access_token: token } = await signIn();
    const admin = { ...(await app.user("admin")), role: "admin" as const };
    const now = () => app.call("auth.authenticate", { token });

    expect((await now()).viewer.role).toBe("user");
    await app.as(admin).call("auth.updateAccount", { user_id: person.id, role: "moderator" });
    expect((await now()).viewer.role).toBe("moderator");
    await app.call("auth.grantRole", { username: person.username, role: "user" });
    expect((await now()).viewer.role).toBe("user");

    await app.as(admin).call("auth.updateAccount", { user_id: person.id, is_suspended: true });
    await expect(now()).rejects.toMatchObject({ code: 403, type: "ACCOUNT_SUSPENDED" });
    await expect(app.call("auth.validate", { token })).resolves.toEqual(inactive);
    await app.as(admin).call("auth.updateAccount", { user_id: person.id, is_suspended: false });
    await app.as(person).call("auth.logout", { session_id: (await now()).session_id });
    await expect(now()).rejects.toMatchObject({ code: 401 });
  });

  it("refuses the tokens of a deleted account at once", async () => {
    const { person, access_token: token } = await signIn();
    await app.call("auth.authenticate", { token });
    await app.as(person).call("auth.deleteAccount", {});

    await expect(app.call("auth.authenticate", { token })).rejects.toMatchObject({ code: 401 });
  });
});

describe("an access token", () => {
  const app = useApp(["auth"], { env: { ACCESS_TOKEN_SECONDS: "1" } });

  it("ends with its time, though it was found good just before", async () => {
    const { username, password } = await app.user("alice");
    const { access_token: token } = await app.call("auth.login", { username, password });
    const { expires_at } = await app.call("auth.authenticate", { token });

    await new Promise((resolve) => setTimeout(resolve, Date.parse(expires_at) - Date.now() + 20));
    await expect(app.call("auth.authenticate", { token })).rejects.toMatchObject({
      code: 401,
      type: "UNAUTHENTICATED",
    });
  });
});

describe("auth.issueTicket", () => {
  const app = useApp(["auth"]);

  it("gives a ticket that opens streams and nothing else, until its session ends", async () => {
    const alice = await app.user("alice");
    const { username, password } = alice;
    const { access_token } = await app.call("auth.login", { username, password });
    const { session_id } = await app.call("auth.authenticate", { token: access_token });
    const { ticket, expires_in } = await app.as(alice).call("auth.issueTicket", { session_id });
    expect(expires_in).toBe(900);

    await expect(app.call("auth.authenticate", { token: ticket, use: "stream" })).resolves.toMatchObject({
      viewer: { id: alice.id, role: "user" },
      session_id,
    });
    const refused = { code: 401, type: "UNAUTHENTICATED" };
    await expect(app.call("auth.authenticate", { token: ticket })).rejects.toMatchObject(refused);
    await expect(app.call("auth.validate", { token: ticket })).resolves.toMatchObject({ active: false });
    await expect(app.call("auth.authenticate", { token: access_token, use: "stream" })).rejects.toMatchObject(refused);
    await app.as(alice).call("auth.logout", { session_id });
    await expect(app.call("auth.authenticate", { token: ticket, use: "stream" })).rejects.toMatchObject(refused);
  });
});
