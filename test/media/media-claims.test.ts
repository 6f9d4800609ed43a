import { newId } from "../../lib/ids";
import { uploadBytes, uploadImage, processed } from "../setup/upload-image";
import { useApp } from "../setup/use-app";

const app = useApp(["auth", "graph", "media"]);

describe("media.claim", () => {
  it("reserves uploads for one post, again for the same one, in the order asked", async () => {
    const alice = await app.user("alice");
    const [one, two] = await Promise.all([uploadImage(app, alice), uploadImage(app, alice)]);
    const claim = { media_ids: [two.id, one.id], post_id: newId() };

    const first = await app.as(alice).call("media.claim", claim);
    const again = await app.as(alice).call("media.claim", claim);

    expect(first.media.map(({ id }) => id)).toEqual([two.id, one.id]);
    expect(again.media.map(({ id }) => id)).toEqual([two.id, one.id]);
  });

  it("takes an upload that is still being processed", async () => {
    const alice = await app.user("alice");
    const upload = await uploadImage(app, alice, { width: 1200, height: 900, isAwaited: false });

    const { media } = await app.as(alice).call("media.claim", { media_ids: [upload.id], post_id: newId() });

    expect(media).toHaveLength(1);
    expect((await processed(app, alice, upload.id)).status).toBe("ready");
  });

  it("refuses foreign, failed and used uploads with each one's reason, and then reserves none", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const free = await uploadImage(app, alice);
    const used = await uploadImage(app, alice);
    const foreign = await uploadImage(app, bob);
    const cut = await uploadBytes(app, alice, Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"));
    expect((await processed(app, alice, cut.id)).status).toBe("failed");
    await app.as(alice).call("media.claim", { media_ids: [used.id], post_id: newId() });

    const media_ids = [free.id, used.id, foreign.id, cut.id];
    await expect(app.as(alice).call("media.claim", { media_ids, post_id: newId() })).rejects.toMatchObject({
      code: 422,
      type: "MEDIA_NOT_USABLE",
      data: {
        media: [
          { media_id: used.id, reason: "used" },
          { media_id: foreign.id, reason: "missing" },
          { media_id: cut.id, reason: "failed" },
        ],
      },
    });
    await expect(app.as(alice).call("media.claim", { media_ids: [free.id], post_id: newId() })).resolves.toBeDefined();
  });

  it("refuses one upload twice in a post", async () => {
    const alice = await app.user("alice");
    const { id } = await uploadImage(app, alice);

    await expect(app.as(alice).call("media.claim", { media_ids: [id, id], post_id: newId() })).rejects.toMatchObject({
      type: "MEDIA_NOT_USABLE",
    });
  });

  it("gives one upload to exactly one of many posts that race for it", async () => {
    const alice = await app.user("alice");
    const { id } = await uploadImage(app, alice);
    const posts = Array.from({ length: 30 }, () => newId());

    const outcomes = await Promise.allSettled(
      posts.map((post_id) => app.as(alice).call("media.claim", { media_ids: [id], post_id })),
    );

    const winners = posts.filter((_, i) => outcomes[i]?.status === "fulfilled");
    expect(winners).toHaveLength(1);
    // And it stays the winner's.
    await expect(app.as(alice).call("media.claim", { media_ids: [id], post_id: winners[0]! })).resolves.toBeDefined();
  });

  it("gives several uploads to one of two posts that race for them in opposite order, and none to the other", async () => {
    const alice = await app.user("alice");
    for (let round = 0; round < 8; round += 1) {
      const [a, b, c] = await Promise.all([0, 1, 2].map(() => uploadImage(app, alice)));
      const [one, other] = [newId(), newId()];
      const outcomes = await Promise.allSettled([
        app.as(alice).call("media.claim", { media_ids: [a!.id, b!.id], post_id: one }),
        app.as(alice).call("media.claim", { media_ids: [c!.id, b!.id], post_id: other }),
      ]);

      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const freed = outcomes[0]?.status === "fulfilled" ? c!.id : a!.id;
      await expect(app.as(alice).call("media.claim", { media_ids: [freed], post_id: newId() })).resolves.toBeDefined();
    }
  });
});

describe("media.claimAvatar", () => {
  const avatarOf = async (user_id: number) => (await app.call("auth.get", { user_id })).avatar;

  it("shows the image on the profile at public URLs, also for a private account", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(alice).call("auth.updateProfile", { is_private: true });
    const upload = await uploadImage(app, alice);

    await app.as(alice).call("media.claimAvatar", { media_id: upload.id });
    await app.as(alice).call("media.claimAvatar", { media_id: upload.id });

    const avatar = await avatarOf(alice.id);
    expect(avatar?.length).toBe(upload.renditions.length);
    const [, media_id, secret, name] = /^\/media\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(avatar![0]!.url)!;
    expect(media_id).toBe(upload.id);
    await expect(
      app.call("media.locate", { media_id: media_id!, secret: secret!, name: name! }),
    ).resolves.toMatchObject({ is_public: true });
    const seen = await app.as(bob).call("media.get", { media_id: upload.id });
    expect(seen.renditions.map(({ url }) => url)).toEqual(avatar!.map(({ url }) => url));
  });

  it("deletes the avatar that it replaces, and with null the last one", async () => {
    const alice = await app.user("alice");
    const [first, second] = [await uploadImage(app, alice), await uploadImage(app, alice)];
    await app.as(alice).call("media.claimAvatar", { media_id: first.id });
    await app.as(alice).call("media.claimAvatar", { media_id: second.id });

    await expect(app.as(alice).call("media.get", { media_id: first.id })).rejects.toMatchObject({ code: 404 });
    expect((await avatarOf(alice.id))?.[0]?.url).toContain(second.id);

    await app.as(alice).call("media.claimAvatar", { media_id: null });
    await expect(app.as(alice).call("media.get", { media_id: second.id })).rejects.toMatchObject({ code: 404 });
    expect(await avatarOf(alice.id)).toBeNull();
  });

  it("leaves the avatar that is shown, and no other, when two changes race", async () => {
    const alice = await app.user("alice");
    const uploads = [await uploadImage(app, alice), await uploadImage(app, alice), await uploadImage(app, alice)];
    await Promise.all(uploads.map(({ id }) => app.as(alice).call("media.claimAvatar", { media_id: id })));

    const url = (await avatarOf(alice.id))![0]!.url;
    const { media } = await app.as(alice).call("media.getMany", { media_ids: uploads.map(({ id }) => id) });
    expect(media).toHaveLength(1);
    expect(url).toContain(media[0]!.id);
  });

  it("refuses what is foreign, not ready, or used by a post", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const foreign = await uploadImage(app, bob);
    const used = await uploadImage(app, alice);
    await app.as(alice).call("media.claim", { media_ids: [used.id], post_id: newId() });
    const failed = await uploadBytes(app, alice, Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"));
    await processed(app, alice, failed.id);

    for (const [media_id, reason] of [
      [foreign.id, "missing"],
      [used.id, "used"],
      [failed.id, "failed"],
    ] as const) {
      await expect(app.as(alice).call("media.claimAvatar", { media_id })).rejects.toMatchObject({
        type: "MEDIA_NOT_USABLE",
        data: { media: [{ media_id, reason }] },
      });
    }
    expect(await avatarOf(alice.id)).toBeNull();
  });
});

describe("an upload in a post", () => {
  const tell = (
    topic: "post.created" | "post.updated",
    data: { post_id: string; is_hidden?: boolean },
    occurred_at: string,
  ) =>
    app.broker.call("media.receive", {
      topic,
      group: "media",
      event: { event_id: newId(), type: topic, version: 1, occurred_at, aggregate_id: data.post_id, data },
    });

  it("is hidden while the post is archived, in whichever order that is told", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id } = await uploadImage(app, alice);
    const post_id = newId();
    await app.as(alice).call("media.claim", { media_ids: [id], post_id });
    const data = { post_id, user_id: alice.id, created_at: new Date().toISOString(), media_ids: [id] };
    const [first, second, third] = [1, 2, 3].map((hour) => `2026-01-01T0${hour}:00:00.000Z`);
    const seenBy = async (viewer: typeof alice) => {
      const call = app.as(viewer).call("media.get", { media_id: id });
      return call.then(
        ({ renditions }) => renditions[0]!.url.replace(/^.*\?(\w+)=.*$/, "$1"),
        () => "nothing",
      );
    };

    await tell("post.created", data, first!);
    expect(await seenBy(bob)).toMatch(/^\/media\//);
    await tell("post.updated", { ...data, is_hidden: true }, second!);
    expect([await seenBy(bob), await seenBy(alice)]).toEqual(["nothing", "expires"]);
    await tell("post.updated", { ...data, is_hidden: false }, third!);
    await tell("post.updated", { ...data, is_hidden: true }, second!);
    await tell("post.created", data, first!);
    expect(await seenBy(bob)).toMatch(/^\/media\//);
  });
});
