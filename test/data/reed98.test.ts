import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { seededRandom } from "../setup/seeded-random";
import { type App, useApp } from "../setup/use-app";
import { uploadImage } from "../setup/upload-image";

const file = join(projectRoot, "..", "shared", "data", "socfb-Reed98.edges");
const isHere = existsSync(file);
const isNeeded = process.env["CI"] === "true";
const suite = isHere || isNeeded ? describe : describe.skip;
const because = isHere || isNeeded ? "" : " (skipped: ../shared/data is not beside this clone)";

const posters = 200;
const storm = 500;

/** What a feed is, computed by brute force from what was done: the newest 800 posts of whom the viewer follows and may see. */
class Model {
  readonly follows = new Set<string>();
  readonly requests = new Set<string>();
  readonly blocks = new Set<string>();
  readonly isPrivate = new Set<number>();
  readonly posts = new Map<string, { id: string; author: number; created_at: string }>();

  feedOf(viewer: number): string[] {
    return [...this.posts.values()]
      .filter(({ author }) => this.follows.has(`${viewer}>${author}`) && !this.isBlocked(viewer, author))
      .sort((a, b) => (a.created_at === b.created_at ? (a.id < b.id ? 1 : -1) : a.created_at < b.created_at ? 1 : -1))
      .slice(0, 800)
      .map(({ id }) => id);
  }

  isBlocked(a: number, b: number): boolean {
    return this.blocks.has(`${a}>${b}`) || this.blocks.has(`${b}>${a}`);
  }
}

suite(`every feed over a real graph of 962 people${because}`, () => {
  const app = useApp(["auth", "graph", "media", "posts", "newsfeed"]);
  const model = new Model();
  const people: number[] = [];

  beforeAll(async () => {
    const edges = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => /^\d+ \d+/.test(line))
      .map((line) => line.split(/\s+/).map(Number) as [number, number]);
    const numbers = [...new Set(edges.flat())].sort((a, b) => a - b);
    const users = numbers.map((n) => ({
      username: `reed_${n}`,
      email: `reed_${n}@example.com`,
      display_name: `Reed ${n}`,
    }));
    const { user_ids } = await app.call("auth.seed", { users, password_hash: "nobody logs in here" });
    people.push(...user_ids);
    const idOf = new Map(numbers.map((n, i) => [n, user_ids[i]!]));
    const follows = edges.flatMap(([a, b]) => [
      { follower_id: idOf.get(a)!, following_id: idOf.get(b)! },
      { follower_id: idOf.get(b)!, following_id: idOf.get(a)! },
    ]);
    for (let i = 0; i < follows.length; i += 500)
      await app.call("graph.followMany", { edges: follows.slice(i, i + 500) });
    for (const { follower_id, following_id } of follows) model.follows.add(`${follower_id}>${following_id}`);
    expect({ people: people.length, follows: model.follows.size }).toEqual({ people: 962, follows: 2 * 18_812 });
    for (const author of people.slice(0, posters)) await post(author);
    await app.settled();
  }, 240_000);

  async function post(author: number): Promise<void> {
    const media = await uploadImage(app, { id: author, role: "user" }, { isAwaited: false });
    const { id, created_at } = await app
      .as({ id: author })
      .call("posts.create", { caption: "", media_ids: [media.id] });
    model.posts.set(id, { id, author, created_at });
  }

  it("is the one computed from the graph", async () => {
    await expectEveryFeed(app, model, people);
  }, 120_000);

  it(`is so too after ${storm} random follows, unfollows, blocks, deletions and changes of privacy`, async () => {
    const random = seededRandom(98);
    for (let i = 0; i < storm; i += 1) await act(random);
    await app.settled();
    await expectEveryFeed(app, model, people);
  }, 180_000);

  async function act(random: () => number): Promise<void> {
    const pick = () => people[Math.floor(random() * people.length)]!;
    const [viewer, other] = [pick(), pick()];
    if (viewer === other) return;
    const as = app.as({ id: viewer });
    const what = random();
    if (what < 0.3) {
      if (model.isBlocked(viewer, other)) return;
      const { status } = await as.call("graph.follow", { user_id: other });
      if (status === "accepted") model.follows.add(`${viewer}>${other}`);
      else model.requests.add(`${viewer}>${other}`);
    } else if (what < 0.55) {
      const followed = [...model.follows]
        .filter((edge) => edge.startsWith(`${viewer}>`))
        .map((edge) => Number(edge.split(">")[1]));
      const target = followed[Math.floor(random() * followed.length)];
      if (target === undefined) return;
      await as.call("graph.unfollow", { user_id: target });
      model.follows.delete(`${viewer}>${target}`);
    } else if (what < 0.65) {
      if (model.isBlocked(viewer, other)) return;
      await as.call("graph.block", { user_id: other });
      model.blocks.add(`${viewer}>${other}`);
      for (const edge of [`${viewer}>${other}`, `${other}>${viewer}`]) {
        model.follows.delete(edge);
        model.requests.delete(edge);
      }
    } else if (what < 0.8) {
      const posts = [...model.posts.values()];
      const { id, author } = posts[Math.floor(random() * posts.length)]!;
      await app.as({ id: author }).call("posts.delete", { post_id: id });
      model.posts.delete(id);
    } else {
      const makePrivate = !model.isPrivate.has(viewer);
      await as.call("auth.updateProfile", { is_private: makePrivate });
      if (makePrivate) model.isPrivate.add(viewer);
      else {
        model.isPrivate.delete(viewer);
        // Whoever asked is let in, by event: waited for, so that the model need not guess when.
        await app.settled();
        for (const request of [...model.requests].filter((edge) => edge.endsWith(`>${viewer}`))) {
          model.requests.delete(request);
          model.follows.add(request);
        }
      }
    }
  }
});

async function expectEveryFeed(app: App, model: Model, people: readonly number[]): Promise<void> {
  let checked = 0;
  for (const viewer of people) {
    const expected = model.feedOf(viewer);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app
        .as({ id: viewer })
        .call("newsfeed.read", { limit: 100, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    // One assertion a person that names them, for a feed of hundreds tells little by itself.
    expect({ viewer, seen }).toEqual({ viewer, seen: expected });
    checked += expected.length;
  }
  expect(checked).toBeGreaterThan(1000);
}
