import type { Asker, Person, Told } from "./asker";
import type { SeenComment, SeenPost } from "./deeds";

export type Random = () => number;

/** What the workers know of the system together: enough to ask for things that are there, or were. */
export class World {
  readonly posts: SeenPost[] = [];
  readonly comments: (SeenComment & { post_id: string })[] = [];
  /** Posts and comments that may or may not be there: to be asked for again under the same key. */
  readonly inDoubt: { person: Person; again: () => Promise<unknown> }[] = [];
  private numbers = 0;
  private walks = 0;

  constructor(
    readonly people: readonly Person[],
    /** Uploads by their owners, each for one post. */
    private readonly media: Map<number, string[]>,
    readonly asker: Asker,
  ) {}

  /** No other run's and no other deed's. */
  nextKey(person: Person): string {
    return `${person.username} ${(this.numbers += 1)}`;
  }

  nextWalk(): number {
    return (this.walks += 1);
  }

  takeMedia(person: Person): string | undefined {
    return this.media.get(person.id)?.pop();
  }

  somebody(random: Random): Person {
    return pick(this.people, random)!;
  }

  other(person: Person, random: Random): Person {
    const others = this.people.filter((one) => one !== person);
    return pick(others, random)!;
  }

  /** One of the newer ones: what everybody looks at. */
  somePost(random: Random, of?: Person): SeenPost | undefined {
    const known = of === undefined ? this.posts : this.posts.filter(({ user_id }) => user_id === of.id);
    return pick(known.slice(-30), random);
  }

  async publish(person: Person, key: string, media_id: string): Promise<Told<"post">> {
    const told = await this.asker.ask(person, "post", { key, media_id });
    if (told.outcome === "unknown") this.inDoubt.push({ person, again: () => this.publish(person, key, media_id) });
    if (told.outcome !== "ok") return told;
    const { post_id } = told.result;
    if (!this.posts.some((known) => known.post_id === post_id))
      this.posts.push({ post_id, user_id: person.id, created_at_ms: 0 });
    return told;
  }

  async comment(person: Person, key: string, post_id: string): Promise<void> {
    const told = await this.asker.ask(person, "comment", { key, post_id });
    if (told.outcome === "unknown") this.inDoubt.push({ person, again: () => this.comment(person, key, post_id) });
    if (told.outcome === "ok") this.comments.push({ comment_id: told.result.comment_id, user_id: person.id, post_id });
  }
}

export function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list[Math.floor(random() * list.length)];
}
