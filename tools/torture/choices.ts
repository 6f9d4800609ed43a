import type { Person } from "./asker";
import { pick, type Random, type World } from "./world";

const LONGEST_WALK = 60;
/** Of whom most follow and unfollow: they cross the threshold of influencers, up and down. */
const FAMOUS = 3;

/** What a worker may do next. Each is one person's, who is chosen by the same seed as all else. */
export const choices = {
  async post(world, random) {
    const person = world.somebody(random);
    const media = world.takeMedia(person);
    if (media !== undefined) await world.publish(person, world.nextKey(person), media);
  },

  /** Two requests under one key at the same time, as a client does that lost patience. */
  async postTwice(world, random) {
    const person = world.somebody(random);
    const media = world.takeMedia(person);
    if (media === undefined) return;
    const key = world.nextKey(person);
    await Promise.all([world.publish(person, key, media), world.publish(person, key, media)]);
  },

  async askAgain(world) {
    await world.inDoubt.shift()?.again();
  },

  async deletePost(world, random) {
    const post = world.somePost(random);
    if (post === undefined) return;
    const author = world.people.find(({ id }) => id === post.user_id)!;
    await world.asker.ask(author, "deletePost", { post_id: post.post_id });
  },

  /** For a while, mostly. */
  async archive(world, random) {
    const post = world.somePost(random);
    if (post === undefined) return;
    const author = world.people.find(({ id }) => id === post.user_id)!;
    const { post_id } = post;
    await world.asker.ask(author, "archive", { post_id, on: true });
    await world.asker.ask(world.somebody(random), "readPosts", { post_ids: [post_id] });
    if (random() < 0.8) await world.asker.ask(author, "archive", { post_id, on: false });
  },

  async like(world, random) {
    const post = world.somePost(random);
    const on = random() < 0.6;
    if (post !== undefined) await world.asker.ask(world.somebody(random), "like", { post_id: post.post_id, on });
  },

  async comment(world, random) {
    const person = world.somebody(random);
    const post = world.somePost(random);
    if (post !== undefined) await world.comment(person, world.nextKey(person), post.post_id);
  },

  async deleteComment(world, random) {
    const comment = pick(world.comments.slice(-20), random);
    if (comment === undefined) return;
    const writer = world.people.find(({ id }) => id === comment.user_id)!;
    const { post_id, comment_id } = comment;
    await world.asker.ask(writer, "deleteComment", { post_id, comment_id });
  },

  async follow(world, random) {
    const person = world.somebody(random);
    await world.asker.ask(person, "follow", { user_id: followed(world, person, random).id, on: random() < 0.65 });
  },

  /** Ends a follow and takes it up again at once, while posts are on their way. */
  async refollow(world, random) {
    const person = world.somebody(random);
    const user_id = followed(world, person, random).id;
    for (const on of [false, true]) await world.asker.ask(person, "follow", { user_id, on });
    await walkFeed(world, person);
  },

  async accept(world, random) {
    const person = world.somebody(random);
    await world.asker.ask(person, "accept", { user_id: world.other(person, random).id });
  },

  /** For a while only, or soon nobody would know anybody. */
  async block(world, random) {
    const person = world.somebody(random);
    const other = world.other(person, random);
    await world.asker.ask(person, "block", { user_id: other.id, on: true });
    await lookAt(world, random() < 0.5 ? person : other, random() < 0.5 ? other : person);
    await world.asker.ask(person, "block", { user_id: other.id, on: false });
    await world.asker.ask(other, "follow", { user_id: person.id, on: true });
  },

  /** Blocks, and looks at once at what either may not see any more. */
  async blockAndLook(world, random) {
    const person = world.somebody(random);
    const other = world.other(person, random);
    await world.asker.ask(person, "block", { user_id: other.id, on: true });
    const theirs = world.somePost(random, other);
    if (theirs !== undefined) await world.asker.ask(person, "readPosts", { post_ids: [theirs.post_id] });
    await world.asker.ask(person, "block", { user_id: other.id, on: false });
  },

  async mute(world, random) {
    const person = world.somebody(random);
    await world.asker.ask(person, "mute", { user_id: world.other(person, random).id, on: random() < 0.4 });
  },

  async hide(world, random) {
    const person = world.somebody(random);
    const post = world.somePost(random);
    if (post !== undefined) await world.asker.ask(person, "hide", { post_id: post.post_id, on: random() < 0.6 });
  },

  async setPrivate(world, random) {
    await world.asker.ask(world.somebody(random), "setPrivate", { on: random() < 0.4 });
  },

  async feed(world, random) {
    await walkFeed(world, world.somebody(random), 1);
  },

  async walk(world, random) {
    await walkFeed(world, world.somebody(random));
  },

  async readPost(world, random) {
    const post = world.somePost(random);
    if (post !== undefined) await world.asker.ask(world.somebody(random), "readPost", { post_id: post.post_id });
  },

  async readPosts(world, random) {
    const post_ids = new Set(Array.from({ length: 8 }, () => world.somePost(random)?.post_id));
    const known = [...post_ids].filter((id) => id !== undefined);
    if (known.length > 0) await world.asker.ask(world.somebody(random), "readPosts", { post_ids: known });
  },

  async profile(world, random) {
    const person = world.somebody(random);
    await lookAt(world, person, random() < 0.4 ? person : world.other(person, random));
  },

  async comments(world, random) {
    const post = world.somePost(random);
    if (post !== undefined) await world.asker.ask(world.somebody(random), "comments", { post_id: post.post_id });
  },

  async relationship(world, random) {
    const person = world.somebody(random);
    await world.asker.ask(person, "relationship", { user_id: world.other(person, random).id });
  },
} satisfies Record<string, (world: World, random: Random) => Promise<void>>;

export type Choice = keyof typeof choices;
/** How often each is made, beside the others. */
export type Mix = Partial<Record<Choice, number>>;

/** Half of it reading, and all that crosses a fan-out. */
export const usualMix: Mix = {
  ...{ post: 8, postTwice: 1, askAgain: 4, deletePost: 3, archive: 2, like: 8, comment: 4, deleteComment: 2 },
  ...{ follow: 8, refollow: 3, accept: 3, block: 2, blockAndLook: 1, mute: 2, hide: 3, setPrivate: 2 },
  ...{ feed: 14, walk: 8, readPost: 6, readPosts: 4, profile: 6, comments: 3, relationship: 3 },
};

/** Page after page until the end, or until no answer comes. */
async function walkFeed(world: World, person: Person, pages = LONGEST_WALK): Promise<void> {
  const walk = world.nextWalk();
  let cursor: string | null | undefined;
  for (let page = 0; page < pages && cursor !== null; page += 1) {
    const told = await world.asker.ask(person, "feed", { walk, page, ...(cursor === undefined ? {} : { cursor }) });
    if (told.outcome !== "ok") return;
    cursor = told.result.cursor;
  }
}

async function lookAt(world: World, viewer: Person, other: Person): Promise<void> {
  await world.asker.ask(viewer, "profile", { user_id: other.id });
}

function followed(world: World, person: Person, random: Random): Person {
  const famous = world.people.slice(0, FAMOUS).filter((one) => one !== person);
  return random() < 0.5 ? pick(famous, random)! : world.other(person, random);
}
