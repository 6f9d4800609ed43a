import { newId } from "../../lib/ids";
import { usePosts } from "./use-posts";

const app = usePosts();

describe("posts.statsMany", () => {
  it("tells counters in the order asked, and none of what the viewer may not see", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    const [first, second, archived, carols] = [
      await app.post(alice),
      await app.post(alice),
      await app.post(alice),
      await app.post(carol),
    ];
    await app.as(bob).call("posts.like", { post_id: first.id });
    await app.comment(bob, second);
    await app.as(alice).call("posts.archive", { post_id: archived.id });
    await app.as(carol).call("graph.block", { user_id: bob.id });

    const post_ids = [second.id, newId(), carols.id, archived.id, first.id];
    await expect(app.as(bob).call("posts.statsMany", { post_ids })).resolves.toEqual({
      stats: [
        { post_id: second.id, like_count: 0, comment_count: 1, view_count: 0 },
        { post_id: first.id, like_count: 1, comment_count: 0, view_count: 0 },
      ],
    });
  });
});

describe("posts.changed", () => {
  it("is hinted at with every post that was liked, commented on, changed or deleted, together", async () => {
    const told: string[][] = [];
    const listener = app.broker.createService({
      name: "listener",
      events: {
        "posts.changed": (ctx: { params: { post_ids: string[] } }) => void told.push(ctx.params.post_ids),
      },
    });
    await app.service("posts").broker.waitForServices("listener", 5_000, 10);
    const [alice, bob] = await app.users("alice", "bob");
    const posts = [await app.post(alice), await app.post(alice), await app.post(alice), await app.post(alice)];
    const [liked, commented, archived, deleted] = posts as [(typeof posts)[0], ...typeof posts];
    await app.as(bob).call("posts.like", { post_id: liked.id });
    await app.as(alice).call("posts.like", { post_id: liked.id });
    await app.comment(bob, commented!);
    await app.as(alice).call("posts.archive", { post_id: archived!.id });
    await app.as(alice).call("posts.delete", { post_id: deleted!.id });
    const all = posts.map(({ id }) => id);
    const isAll = () => all.every((id) => told.flat().includes(id));
    for (let i = 0; i < 200 && !isAll(); i += 1) await new Promise((resolve) => setTimeout(resolve, 25));
    await app.broker.destroyService(listener);

    expect(told.flat()).toEqual(expect.arrayContaining(all));
    expect(told.length).toBeLessThan(6);
  });
});
