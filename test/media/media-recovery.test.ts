import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "../../lib/ids";
import { databaseOf } from "../../mixins/postgres";
import { processed, uploadBytes, uploadImage, picture } from "../setup/upload-image";
import { useApp } from "../setup/use-app";

const app = useApp(["auth", "graph", "media", "posts"], { env: { MEDIA_JOBS: "1", UNUSED_MEDIA_SECONDS: "3600" } });

const sweep = () => app.service<{ sweep(): Promise<void> }>("media").sweep();

/** What time or a dead process would have done to a row. */
async function change(mediaId: string, assignments: string): Promise<void> {
  const database = await databaseOf(app.service("media").broker);
  await database.at(mediaId).query(`update media set ${assignments} where id = $1`, [mediaId]);
}

async function filesOf(mediaId: string): Promise<string[]> {
  const names = await readdir(join(app.config.dataDir, "media"), { recursive: true }).catch(() => []);
  return names.filter((name) => name.includes(mediaId) && /\.\w+$|original$/.test(name));
}

describe("media after a restart", () => {
  it("processes what was uploaded and not begun, and what was at work", async () => {
    const alice = await app.user("alice");
    const image = await picture(1600, 1200);
    const uploads = [];
    for (let i = 0; i < 4; i += 1) uploads.push(await uploadBytes(app, alice, image));
    await app.restart();

    for (const { id } of uploads) expect((await processed(app, alice, id)).status).toBe("ready");
  });

  it("takes over from a worker that died, and gives up after three", async () => {
    const alice = await app.user("alice");
    const image = await picture(1600, 1200);
    // While the first is worked on, the others wait: their workers "die".
    const [, twice, thrice] = [
      await uploadBytes(app, alice, image),
      await uploadBytes(app, alice, image),
      await uploadBytes(app, alice, image),
    ];
    await change(twice.id, "worker = 'dead', attempts = 2, lease_until = now() + interval '2 seconds'");
    await change(thrice.id, "worker = 'dead', attempts = 3, lease_until = now() + interval '2 seconds'");
    await sleep(500);
    await sweep();
    expect((await app.as(alice).call("media.get", { media_id: twice.id })).status).toBe("processing");
    await sleep(1600);
    await sweep();

    expect((await processed(app, alice, twice.id)).status).toBe("ready");
    expect(await processed(app, alice, thrice.id)).toMatchObject({
      status: "failed",
      failure: expect.stringContaining("could not be processed") as string,
    });
    expect(await app.published("media.processed")).toHaveLength(3);
  });

  it("removes objects of an upload that never got its row", async () => {
    const alice = await app.user("alice");
    const { id } = await uploadImage(app, alice);
    const database = await databaseOf(app.service("media").broker);
    await database.at(id).query("delete from media where id = $1", [id]);
    await database.at(id).query("insert into media_removals (media_id, due_at) values ($1, now())", [id]);
    expect(await filesOf(id)).not.toEqual([]);

    await sweep();
    expect(await filesOf(id)).toEqual([]);
  });

  it("removes an original that a crash left", async () => {
    const alice = await app.user("alice");
    const { id } = await uploadImage(app, alice);
    const media = app.service<{ objects: { put(key: string, body: Buffer): Promise<unknown> } }>("media");
    await media.objects.put(`media/${id}/original`, Buffer.from("with a position"));
    await change(id, "has_original = true");

    await sweep();
    expect((await filesOf(id)).filter((name) => name.includes("original"))).toEqual([]);
    expect(await filesOf(id)).not.toEqual([]);
  });
});

describe("the collector", () => {
  it("deletes what nothing used for a day, and neither what is used nor what is new", async () => {
    const alice = await app.user("alice");
    const [old, fresh, posted, avatar] = [
      await uploadImage(app, alice),
      await uploadImage(app, alice),
      await uploadImage(app, alice),
      await uploadImage(app, alice),
    ];
    await app.as(alice).call("posts.create", { media_ids: [posted.id] });
    await app.as(alice).call("media.claimAvatar", { media_id: avatar.id });
    for (const { id } of [old, posted, avatar]) await change(id, "created_at = now() - interval '2 hours'");

    await sweep();
    const media_ids = [old.id, fresh.id, posted.id, avatar.id];
    const { media } = await app.as(alice).call("media.getMany", { media_ids });
    expect(media.map(({ id }) => id)).toEqual([fresh.id, posted.id, avatar.id]);
    expect(await filesOf(old.id)).toEqual([]);
  });

  it("frees what a post reserved that never came, and not what a post shows", async () => {
    const alice = await app.user("alice");
    const [reserved, posted] = [await uploadImage(app, alice), await uploadImage(app, alice)];
    await app.as(alice).call("media.claim", { media_ids: [reserved.id], post_id: newId() });
    await app.as(alice).call("posts.create", { media_ids: [posted.id] });
    await app.settled();
    for (const { id } of [reserved, posted]) await change(id, "claimed_at = now() - interval '2 hours'");

    await sweep();
    const claim = (id: string) => app.as(alice).call("media.claim", { media_ids: [id], post_id: newId() });
    await expect(claim(reserved.id)).resolves.toBeDefined();
    await expect(claim(posted.id)).rejects.toMatchObject({ type: "MEDIA_NOT_USABLE" });
  });

  it("settles an avatar whose change broke off", async () => {
    const alice = await app.user("alice");
    const [shown, lost] = [await uploadImage(app, alice), await uploadImage(app, alice)];
    await app.as(alice).call("media.claimAvatar", { media_id: shown.id });
    // As if the process had died between claiming the second and telling the profile.
    await change(lost.id, "used_as = 'avatar', claimed_at = now() - interval '2 hours'");
    await change(shown.id, "claimed_at = now() - interval '3 hours'");

    await sweep();
    const { media } = await app.as(alice).call("media.getMany", { media_ids: [shown.id, lost.id] });
    expect(media.map(({ id }) => id)).toEqual([shown.id]);
  });
});

describe("media and events", () => {
  it("confirms the media of a post whose reservation had been released", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id } = await uploadImage(app, alice);
    await app.as(alice).call("posts.create", { media_ids: [id] });
    await app.settled();
    const database = await databaseOf(app.service("media").broker);
    const { rows } = await database.at(id).query<{ post_id: string }>("select post_id from media where id = $1", [id]);
    await change(id, "used_as = null, post_id = null, claimed_at = null, confirmed_at = null");
    const event = {
      event_id: newId(),
      type: "post.created",
      version: 1,
      occurred_at: new Date().toISOString(),
      aggregate_id: rows[0]!.post_id,
      data: { post_id: rows[0]!.post_id, user_id: alice.id, created_at: new Date().toISOString(), media_ids: [id] },
    };
    await app.broker.call("media.receive", { topic: event.type, group: "media", event });

    await expect(app.as(bob).call("media.get", { media_id: id })).resolves.toMatchObject({ id });
  });

  it("deletes all of an account with its objects", async () => {
    const alice = await app.user("alice");
    const uploads = [await uploadImage(app, alice), await uploadImage(app, alice), await uploadImage(app, alice)];
    await app.as(alice).call("posts.create", { media_ids: [uploads[0]!.id] });
    await app.as(alice).call("media.claimAvatar", { media_id: uploads[1]!.id });
    await app.as(alice).call("auth.deleteAccount", {});
    await app.settled();

    const { media } = await app.call("media.getMany", { media_ids: uploads.map(({ id }) => id) });
    expect(media).toEqual([]);
    for (const { id } of uploads) expect(await filesOf(id)).toEqual([]);
  });
});
