import { createHmac } from "node:crypto";
import { newId } from "../../lib/ids";
import type { ParamsOf } from "../../services/contracts";
import { UrlSigner } from "../../services/media/sign-url";
import { signingKeys } from "../../lib/signing-keys";
import { uploadImage } from "../setup/upload-image";
import { type Person, useApp } from "../setup/use-app";

const app = useApp(["auth", "graph", "media", "posts"], { env: { CDN_BASE_URL: "https://cdn.example/" } });

function partsOf(url: string): ParamsOf<"media.locate"> {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const [, , media_id, ...rest] = pathname.split("/");
  const name = rest.at(-1)!;
  if (rest.length === 2) return { media_id: media_id!, secret: rest[0]!, name };
  return {
    media_id: media_id!,
    name,
    expires: Number(searchParams.get("expires")),
    signature: searchParams.get("signature")!,
  };
}

async function post(author: Person) {
  const { id } = await uploadImage(app, author);
  const created = await app.as(author).call("posts.create", { media_ids: [id] });
  await app.settled();
  return { media_id: id, post_id: created.id };
}

const urlSeenBy = async (person: Person, media_id: string) =>
  (await app.as(person).call("media.get", { media_id })).renditions[0]!.url;
const locate = (url: string) => app.call("media.locate", partsOf(url));
const gone = { code: 404, type: "MEDIA_NOT_FOUND" };

describe("media.get", () => {
  it("gives everyone the same stable URL of a public account's post, on the CDN", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    const { media_id } = await post(alice);

    const url = await urlSeenBy(bob, media_id);
    expect(url).toMatch(new RegExp(`^https://cdn\\.example/media/${media_id}/[\\w-]{22}/[\\w-]+\\.\\w+$`));
    expect(await urlSeenBy(carol, media_id)).toBe(url);
    expect(await urlSeenBy(alice, media_id)).toBe(url);
    await expect(locate(url)).resolves.toMatchObject({ is_public: true, max_age_seconds: 31_536_000 });
  });

  it("gives followers of a private account signed URLs, and others nothing", async () => {
    const alice = await app.user("alice", { is_private: true });
    const [bob, carol] = await app.users("bob", "carol");
    await app.as(bob).call("graph.follow", { user_id: alice.id });
    await app.as(alice).call("graph.acceptRequest", { user_id: bob.id });
    const { media_id } = await post(alice);

    const url = await urlSeenBy(bob, media_id);
    expect(url).toMatch(new RegExp(`^/media/${media_id}/[\\w-]+\\.\\w+\\?expires=\\d+&signature=[\\w.-]+$`));
    const located = await locate(url);
    expect(located.is_public).toBe(false);
    expect(located.max_age_seconds).toBeGreaterThan(3200);
    expect(located.max_age_seconds).toBeLessThanOrEqual(3600);
    await expect(urlSeenBy(carol, media_id)).rejects.toMatchObject(gone);
    await expect(app.as(carol).call("media.getMany", { media_ids: [media_id] })).resolves.toEqual({ media: [] });
  });

  it("shows nothing to who is blocked, either way", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { media_id } = await post(alice);
    await app.as(alice).call("graph.block", { user_id: bob.id });
    await expect(urlSeenBy(bob, media_id)).rejects.toMatchObject(gone);
    await app.as(alice).call("graph.unblock", { user_id: bob.id });
    await app.as(bob).call("graph.block", { user_id: alice.id });
    await expect(urlSeenBy(bob, media_id)).rejects.toMatchObject(gone);
  });

  it("hides from others what a post has only reserved", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id } = await uploadImage(app, alice);
    await app.as(alice).call("media.claim", { media_ids: [id], post_id: newId() });
    await expect(urlSeenBy(bob, id)).rejects.toMatchObject(gone);
    await expect(urlSeenBy(alice, id)).resolves.toContain(id);
  });
});

describe("media.getMany", () => {
  it("keeps the order asked, repeats included, and leaves out what is not there", async () => {
    const alice = await app.user("alice");
    const [one, two] = [await uploadImage(app, alice), await uploadImage(app, alice)];
    const media_ids = [two.id, newId(), one.id, two.id];
    const { media } = await app.as(alice).call("media.getMany", { media_ids });
    expect(media.map(({ id }) => id)).toEqual([two.id, one.id, two.id]);
  });
});

describe("media.locate", () => {
  it("knows a public URL no more once its owner goes private, and again once it is public", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { media_id } = await post(alice);
    const url = await urlSeenBy(bob, media_id);

    await app.as(alice).call("auth.updateProfile", { is_private: true });
    await expect(locate(url)).rejects.toMatchObject(gone);
    expect(await urlSeenBy(alice, media_id)).toContain("signature=");

    await app.as(alice).call("auth.updateProfile", { is_private: false });
    await expect(locate(url)).resolves.toMatchObject({ is_public: true });
    expect(await urlSeenBy(bob, media_id)).toBe(url);
  });

  it("knows a URL no more once the post, or the account, is deleted", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const [one, two] = [await post(alice), await post(alice)];
    const unused = await uploadImage(app, alice);
    const urls = [await urlSeenBy(bob, one.media_id), await urlSeenBy(bob, two.media_id), unused.renditions[0]!.url];

    await app.as(alice).call("posts.delete", { post_id: one.post_id });
    await app.settled();
    await expect(locate(urls[0]!)).rejects.toMatchObject(gone);
    await expect(locate(urls[1]!)).resolves.toBeDefined();

    await app.as(alice).call("auth.deleteAccount", {});
    for (const url of urls) await expect(locate(url)).rejects.toMatchObject(gone);
    await app.settled();
    for (const url of urls) await expect(locate(url)).rejects.toMatchObject(gone);
  });

  it("knows no URL of a suspended account until it returns", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const root = { id: bob.id, role: "admin" as const };
    const { media_id } = await post(alice);
    const unused = await uploadImage(app, alice);
    const urls = [await urlSeenBy(bob, media_id), unused.renditions[0]!.url];

    await app.as(root).call("auth.updateAccount", { user_id: alice.id, is_suspended: true });
    for (const url of urls) await expect(locate(url)).rejects.toMatchObject(gone);
    await app.as(root).call("auth.updateAccount", { user_id: alice.id, is_suspended: false });
    for (const url of urls) await expect(locate(url)).resolves.toBeDefined();
  });

  it("refuses a wrong secret, another file, the original, and what is not in use", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { media_id } = await post(alice);
    const good = partsOf(await urlSeenBy(bob, media_id));
    const last = good.secret!.at(-1) === "A" ? "Q" : "A";

    await expect(app.call("media.locate", good)).resolves.toBeDefined();
    for (const bad of [
      { ...good, secret: good.secret!.slice(0, -1) + last },
      { ...good, secret: "" },
      { media_id, name: good.name },
      { ...good, name: "original" },
      { ...good, name: "../keys" },
      { ...good, media_id: newId() },
    ]) {
      await expect(app.call("media.locate", bad)).rejects.toMatchObject(gone);
    }
  });

  it("refuses a signed URL with any part changed, and one that has run out", async () => {
    const alice = await app.user("alice");
    const { id, renditions } = await uploadImage(app, alice);
    const good = partsOf(renditions[0]!.url);
    const other = renditions.map(({ url }) => partsOf(url)).find(({ name }) => name !== good.name)!;
    const dot = good.signature!.indexOf(".");
    const kid = good.signature!.slice(0, dot);
    const forged = createHmac("sha256", "guess").update(`${id}/${good.name}/${good.expires}`).digest("base64url");

    await expect(app.call("media.locate", good)).resolves.toBeDefined();
    for (const bad of [
      { ...good, expires: good.expires! + 1 },
      { ...good, name: other.name },
      { ...good, signature: good.signature!.slice(dot + 1) },
      { ...good, signature: `none.${good.signature!.slice(dot + 1)}` },
      { ...good, signature: `${kid}.${forged}` },
      { ...good, signature: `${good.signature}A` },
      { ...good, signature: "" },
    ]) {
      await expect(app.call("media.locate", bad)).rejects.toMatchObject(gone);
    }

    const signer = new UrlSigner(await signingKeys(app.config, "media"), app.config.mediaUrlSeconds);
    const made = (secondsAgo: number) => signer.sign(id, good.name, Date.now() - secondsAgo * 1000);
    await expect(locate(made(3000))).resolves.toBeDefined();
    await expect(locate(made(3601))).rejects.toMatchObject(gone);
  });

  it("gives the same signed URL for some minutes", async () => {
    const signer = new UrlSigner(await signingKeys(app.config, "media"), 3600);
    const start = 1_700_000_100_000;
    const urls = Array.from({ length: 299 }, (_, i) => signer.sign("a".repeat(24), "w640.webp", start + i * 1000));
    expect(new Set(urls).size).toBe(1);
    expect(signer.sign("a".repeat(24), "w640.webp", start + 300_000)).not.toBe(urls[0]);
  });

  it("tells the type of what it serves", async () => {
    const alice = await app.user("alice");
    const { renditions } = await uploadImage(app, alice);
    const types = await Promise.all(renditions.map(async ({ url }) => (await locate(url)).content_type));
    expect(new Set(types)).toEqual(new Set(["image/webp", "image/jpeg"]));
  });
});
