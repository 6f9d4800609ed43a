import type { ServiceBroker } from "moleculer";
import { setTimeout as sleep } from "node:timers/promises";
import { configOf } from "../../../lib/config";
import type { EventData } from "../../contracts";
import { callerOf } from "../../define-service";
import type { Authenticated, Authenticator } from "../authenticate";
import { CountTeller } from "./count-teller";
import { FeedFollower } from "./feed-follower";
import type { LiveChannel } from "./live-channel";
import { LiveConnection } from "./live-connection";
import type { LiveCredential } from "./live-credential";
import { LiveHub } from "./live-hub";

const TICK_MS = 1_000;
const MOST_LEAVING_TICKS = 10;
/** What one call of graph takes. */
const PEOPLE_AT_ONCE = 1_000;
/** So long a client may take to read why it must go. */
const LEAVE_MS = 2_000;

export interface Listening {
  who: Authenticated;
  credential: LiveCredential;
  /** Where a client that comes back stands. */
  lastId: string | undefined;
}

/** Live updates of one gateway: takes hints, wakes whom they concern, and looks after everybody once a second. */
export class Live {
  private readonly hub: LiveHub;
  private readonly follower: FeedFollower;
  private readonly counts: CountTeller;
  private readonly keepAliveMs: number;
  private readonly timer = setInterval(() => this.tick(), TICK_MS).unref();

  constructor(
    private readonly broker: ServiceBroker,
    authenticator: Authenticator,
  ) {
    const config = configOf(broker);
    this.hub = new LiveHub(broker, config.liveConnectionsPerPerson);
    this.counts = new CountTeller(broker);
    this.keepAliveMs = config.liveKeepAliveSeconds * 1_000;
    this.follower = new FeedFollower(broker, authenticator, {
      queueBytes: config.liveQueueBytes,
      stallMs: config.liveStallSeconds * 1_000,
      pollMs: config.livePollSeconds * 1_000,
    });
  }

  /**
   * Lets somebody in. The feed is asked first, so that what cannot be told is an ordinary error answer; then the channel opens.
   * @throws {TooManyStreamsError | BadCursorError | UnavailableError}
   */
  async open({ who, credential, lastId }: Listening, openChannel: () => Promise<LiveChannel>): Promise<void> {
    const { viewer, expiresAtMs } = who;
    const leave = this.hub.admit(viewer.id);
    try {
      const from = { limit: 1, ...(lastId === undefined ? {} : { position: lastId }) };
      const { position } = await callerOf(this.broker)("newsfeed.readNewer", from, { meta: { viewer } });
      const channel = await openChannel();
      // Who left meanwhile has closed already, and would never be heard of again.
      if (!channel.isOpen) {
        leave();
        return;
      }
      channel.onClose(leave);
      const start = lastId ?? position;
      const connection = new LiveConnection(channel, credential, viewer, expiresAtMs, start);
      connection.keepAliveAtMs = Date.now() + this.keepAliveMs * Math.random();
      channel.send({ event: "ready", id: start, data: { expires_at: new Date(expiresAtMs).toISOString() } });
      this.hub.add(connection);
      void this.welcome(connection, lastId !== undefined);
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** A hint of newsfeed. One without people is of an author whose posts are pulled: it concerns who follows them. */
  async feedUpdated({ author_id, user_ids }: EventData<"feed.updated">): Promise<void> {
    if (this.hub.size === 0) return;
    if (user_ids !== undefined) {
      this.wake(user_ids);
      return;
    }
    if (author_id === undefined) return;
    const call = callerOf(this.broker);
    const people = this.hub.people();
    try {
      for (let i = 0; i < people.length; i += PEOPLE_AT_ONCE) {
        const among = people.slice(i, i + PEOPLE_AT_ONCE);
        this.wake((await call("graph.followersAmong", { user_id: author_id, among })).user_ids);
      }
    } catch (error) {
      this.broker.logger.debug(
        "Whom a post reaches could not be asked; who follows its author looks by themselves.",
        error,
      );
    }
  }

  /** A hint of posts. What it names is told with the next tick, several changes of a post together. */
  postsChanged(post_ids: readonly string[]): void {
    const changed = new Set(post_ids);
    for (const connection of this.hub.all()) connection.noteChanged(changed);
  }

  /** A hint of auth: who may not listen any more finds out by reading on. */
  authChanged(userId: number): void {
    this.wake([userId]);
  }

  /** The node stops: everybody is sent to another gateway. */
  drain(): void {
    this.hub.close("shutting_down");
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.drain();
    for (const deadline = Date.now() + LEAVE_MS; this.hub.size > 0 && Date.now() < deadline;) await sleep(20);
    for (const { channel } of [...this.hub.all()]) channel.cut();
  }

  private async welcome(connection: LiveConnection, isBack: boolean): Promise<void> {
    await this.follower.follow(connection);
    try {
      await this.follower.watchNewest(connection);
      if (isBack) connection.noteAllChanged();
    } catch (error) {
      this.broker.logger.debug("What a client shows first could not be read; counters of it are not told.", error);
    }
  }

  private wake(userIds: readonly number[]): void {
    for (const userId of userIds) for (const connection of this.hub.of(userId)) void this.follower.follow(connection);
  }

  private tick(): void {
    const now = Date.now();
    for (const connection of [...this.hub.all()]) {
      const { channel } = connection;
      if (!channel.isOpen) {
        // Who does not even take the end is not waited for.
        if ((connection.leavingTicks += 1) > MOST_LEAVING_TICKS) channel.cut();
        continue;
      }
      if (now >= connection.expiresAtMs) {
        channel.end("token_expired");
        continue;
      }
      if (now >= connection.dueAtMs) void this.follower.follow(connection);
      void this.counts.tell(connection);
      if (now < connection.keepAliveAtMs || channel.queuedBytes > 0) continue;
      connection.keepAliveAtMs = now + this.keepAliveMs;
      channel.keepAlive();
    }
  }
}
