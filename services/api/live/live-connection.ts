import type { Viewer } from "../../../lib/contract";
import type { LiveChannel } from "./live-channel";
import type { LiveCredential } from "./live-credential";

/** So many posts' counters are kept up to date on one connection: the last that it showed. */
const MOST_WATCHED = 50;

/** Somebody who listens: who they are, what they were told, and what is to be done for them. */
export class LiveConnection {
  /** The next time to look into the feed without a hint. */
  dueAtMs = 0;
  keepAliveAtMs = 0;
  isReading = false;
  /** Something came while the feed was being read. */
  isWoken = false;
  isTellingCounts = false;
  /** Since it was ended, while its last bytes are on their way. */
  leavingTicks = 0;
  /** Reads that failed one after the other. */
  failures = 0;
  /** Of watched posts, those whose counters are to be told. */
  readonly changed = new Set<string>();
  private watched: string[] = [];

  constructor(
    readonly channel: LiveChannel,
    readonly credential: LiveCredential,
    public viewer: Viewer,
    readonly expiresAtMs: number,
    public position: string,
  ) {}

  /** From now on these are among the posts that the client shows, the newest of them last. */
  watch(post_ids: readonly string[]): void {
    this.watched = [...this.watched.filter((id) => !post_ids.includes(id)), ...post_ids].slice(-MOST_WATCHED);
  }

  unwatch(post_ids: readonly string[]): void {
    this.watched = this.watched.filter((id) => !post_ids.includes(id));
  }

  noteChanged(post_ids: ReadonlySet<string>): void {
    for (const id of this.watched) if (post_ids.has(id)) this.changed.add(id);
  }

  /** For a client that comes back: counters may have changed meanwhile. */
  noteAllChanged(): void {
    for (const id of this.watched) this.changed.add(id);
  }
}
