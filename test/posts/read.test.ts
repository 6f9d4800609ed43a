import { newId } from "../../lib/ids";
import type { Post } from "../../services/posts/posts.contract";
import { usePosts } from "./use-posts";

const ids = (posts: { id: string }[]) => posts.map(({ id }) => id);
const newestFirst = (posts: Post[]) =>
  posts.toSorted((a, b) => b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id));

const app = usePosts();

describe("posts.get and posts.getMany", () => {
  it("show a public account's posts to everybody, in the order asked", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const posts = [await app.post(alice), await app.post(alice), await app.post(bob)];
    const post_ids = [posts[1]!.id, newId(), posts[2]!.id, posts[0]!.id];
    const answer = await app.as(bob).call("posts.getMany", { post_ids });
    expect(ids(answer.posts)).toEqual([posts[1]!.id, posts[2]!.id, posts[0]!.id]);
    await expect(app.as(bob).call("posts.get", { post_id: posts[0]!.id })).resolves.toMatchObject({
      id: posts[0]!.id,
      author: { username: alice.username },
      media: [{ id: posts[0]!.media_ids[0] }],
    });
    await expect(app.as(bob).call("posts.getMany", { post_ids: [] })).resolves.toEqual({ posts: [] });
  });

  it("show a private account's posts to its accepted followers only", async () => {
    const alice = await app.user("alice", { is_private: true });
    const [bob, carol] = await app.users("bob", "carol");
    const { id: post_id } = await app.post(alice);
    await app.as(bob).call("graph.follow", { user_id: alice.id });
    await expect(app.as(bob).call("posts.get", { post_id })).rejects.toMatchObject({ type: "POST_NOT_FOUND" });
    await app.as(alice).call("graph.acceptRequest", { user_id: bob.id });

    await expect(app.as(bob).call("posts.get", { post_id })).resolves.toMatchObject({ id: post_id });
    await expect(app.as(alice).call("posts.get", { post_id })).resolves.toMatchObject({ id: post_id });
    await expect(app.as(carol).call("posts.get", { post_id })).rejects.toMatchObject({
      code: 404,
      type: "POST_NOT_FOUND",
    });
    await expect(app.as(carol).call("posts.getMany", { post_ids: [post_id] })).resolves.toEqual({ posts: [] });
  });

  it("show nothing across a block, either way, nor of a suspended account until it returns", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const [hers, his] = [await app.post(alice), await app.post(bob)];
    await app.as(alice).call("graph.block", { user_id: bob.id });
    for (const [viewer, post_id] of [
      [alice, his.id],
      [bob, hers.id],
    ] as const)
      await expect(app.as(viewer).call("posts.get", { post_id })).rejects.toMatchObject({ type: "POST_NOT_FOUND" });
    await app.as(alice).call("graph.unblock", { user_id: bob.id });

    const admin = app.as({ id: alice.id, role: "admin" });
    for (const is_suspended of [true, false]) {
      await admin.call("auth.updateAccount", { user_id: bob.id, is_suspended });
      const { posts } = await app.as(alice).call("posts.getMany", { post_ids: [his.id] });
      expect(posts).toHaveLength(is_suspended ? 0 : 1);
    }
  });

  it("answer 404 for what does not exist", async () => {
    const alice = await app.user("alice");
    await expect(app.as(alice).call("posts.get", { post_id: newId() })).rejects.toMatchObject({ code: 404 });
    await expect(app.as(alice).call("posts.get", { post_id: "x" })).rejects.toMatchObject({ code: 422 });
  });
});

describe("posts.listByUser and posts.listByHashtag", () => {
  it("page through an account's posts, newest first, none twice and none left out while more arrive", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const posts: Post[] = [];
    for (let i = 0; i < 7; i += 1) posts.push(await app.post(alice));

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.as(bob).call("posts.listByUser", { user_id: alice.id, limit: 3, cursor });
      seen.push(...ids(page.items));
      cursor = page.next_cursor ?? undefined;
      await app.post(alice);
    } while (cursor !== undefined);
    expect(seen).toEqual(ids(newestFirst(posts)));
  });

  it("refuse a private account's list, and an account that is not there", async () => {
    const alice = await app.user("alice", { is_private: true });
    const [bob, carol] = await app.users("bob", "carol");
    await app.post(alice);
    const list = (user_id: number) => app.as(bob).call("posts.listByUser", { user_id });

    await expect(list(alice.id)).rejects.toMatchObject({ code: 403, type: "PRIVATE_ACCOUNT" });
    await expect(list(1)).rejects.toMatchObject({ code: 404, type: "USER_NOT_FOUND" });
    await app.as(carol).call("graph.block", { user_id: bob.id });
    await expect(list(carol.id)).rejects.toMatchObject({ code: 404, type: "USER_NOT_FOUND" });
    await expect(app.as(alice).call("posts.listByUser", { user_id: alice.id })).resolves.toMatchObject({
      items: [{ user_id: alice.id }],
    });
  });

  it("find posts by hashtag however it is spelt, less what the viewer may not see", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const carol = await app.user("carol", { is_private: true });
    const tag = `tag${alice.id}`;
    const hers = await app.post(alice, { caption: `#${tag} #하늘` });
    await app.post(carol, { caption: `#${tag}` });
    const his = await app.post(bob, { caption: `#${tag.toUpperCase()}` });
    await app.post(bob, { caption: `#${tag}longer` });

    for (const hashtag of [tag, tag.toUpperCase(), `#${tag}`]) {
      const { items, next_cursor } = await app.as(alice).call("posts.listByHashtag", { hashtag });
      expect(ids(items)).toEqual(ids(newestFirst([hers, his])));
      expect(next_cursor).toBeNull();
    }
    await expect(app.as(bob).call("posts.listByHashtag", { hashtag: "하늘" })).resolves.toMatchObject({
      items: [{ id: hers.id }],
    });
  });

  it("fill up a page that filtering made short, and keep the cursor while there is more", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const carol = await app.user("carol", { is_private: true });
    const caption = `#filled${alice.id}`;
    const hashtag = caption.slice(1);
    const oldest = await app.post(alice, { caption });
    for (let i = 0; i < 6; i += 1) await app.post(carol, { caption });
    const newest = await app.post(alice, { caption });

    await expect(app.as(bob).call("posts.listByHashtag", { hashtag, limit: 2 })).resolves.toMatchObject({
      items: [{ id: newest.id }, { id: oldest.id }],
      next_cursor: null,
    });
    const first = await app.as(bob).call("posts.listByHashtag", { hashtag, limit: 1 });
    expect(ids(first.items)).toEqual([newest.id]);
    // Six out of sight are more than one page is filled up by: it ends short, and going on finds the rest.
    const second = await app.as(bob).call("posts.listByHashtag", { hashtag, limit: 1, cursor: first.next_cursor! });
    expect(second.items).toEqual([]);
    const third = await app.as(bob).call("posts.listByHashtag", { hashtag, limit: 1, cursor: second.next_cursor! });
    expect(third).toMatchObject({ items: [{ id: oldest.id }], next_cursor: null });
  });
});

describe("posts.newestByAuthors", () => {
  it("merges the newest of all authors exactly, archived ones left out, before a position", async () => {
    const people = await app.users("alice", "bob", "carol");
    const posts: Post[] = [];
    // One author has most of the newest: the last few of each would not do.
    for (const i of [0, 1, 2, 0, 0, 0, 1, 0]) posts.push(await app.post(people[i]!));
    const hidden = posts.pop()!;
    await app.as(people[0]).call("posts.archive", { post_id: hidden.id });
    const sorted = newestFirst(posts).map(({ id, user_id, created_at }) => ({ post_id: id, user_id, created_at }));
    const user_ids = people.map(({ id }) => id);

    const first = await app.call("posts.newestByAuthors", { user_ids, limit: 4 });
    expect(first.posts).toEqual(sorted.slice(0, 4));
    const { created_at, post_id } = first.posts.at(-1)!;
    const rest = await app.call("posts.newestByAuthors", { user_ids, limit: 100, before: { created_at, post_id } });
    expect(rest.posts).toEqual(sorted.slice(4));
    await expect(app.call("posts.newestByAuthors", { user_ids: [], limit: 4 })).resolves.toEqual({ posts: [] });
  });

  it("takes 500 authors, more than one query asks for", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const [first, last] = [await app.post(alice), await app.post(bob)];
    const user_ids = [alice.id, ...Array.from({ length: 498 }, (_, i) => i + 1), bob.id];
    const { posts } = await app.call("posts.newestByAuthors", { user_ids, limit: 10 });
    expect(posts.map(({ post_id }) => post_id)).toEqual(ids(newestFirst([first, last])));
  });
});
