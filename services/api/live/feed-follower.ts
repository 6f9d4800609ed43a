import type { ServiceBroker } from "moleculer";
import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "../../../lib/errors";
import { callerOf } from "../../define-service";
import type { Authenticator } from "../authenticate";
import type { LiveConnection } from "./live-connection";
import { whoShows } from "./live-credential";
import { Turnstile } from "./turnstile";

const PAGE = 20;
/** What a client shows first, by the default of GET feed. */
const FIRST_SHOWN = 20;
const READS_AT_ONCE = 32;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export interface Pace {
  /** So much may wait for a reader before the feed is read no further for them. */
  queueBytes: number;
  /** Who takes nothing for so long is cut off. */
  stallMs: number;
  /** Without a hint the feed is looked into so often: a hint may be lost. */
  pollMs: number;
}

/** Turns what woke a connection into entries. What is told is read from the feed, so that hints decide when, and never what. */
export class FeedFollower {
  private readonly turns = new Turnstile(READS_AT_ONCE);

  constructor(
    private readonly broker: ServiceBroker,
    private readonly authenticator: Authenticator,
    private readonly pace: Pace,
  ) {}

  /** Tells a connection what it lacks. One that is being told already looks once more when it is through. */
  async follow(connection: LiveConnection): Promise<void> {
    connection.isWoken = true;
    if (connection.isReading) return;
    connection.isReading = true;
    try {
      while (connection.isWoken && connection.channel.isOpen) {
        connection.isWoken = false;
        await this.tell(connection);
      }
      connection.failures = 0;
      connection.dueAtMs = Date.now() + this.pace.pollMs * (0.75 + 0.5 * Math.random());
    } catch (error) {
      this.giveWay(connection, error);
    } finally {
      connection.isReading = false;
    }
  }

  /** The posts that the client shows as soon as it has read a page, so that their counters are told too. */
  async watchNewest(connection: LiveConnection): Promise<void> {
    const { viewer } = connection;
    const call = callerOf(this.broker);
    const ask = () => call("newsfeed.newestIds", { limit: FIRST_SHOWN }, { meta: { viewer } });
    connection.watch((await this.turns.pass(ask)).post_ids.reverse());
  }

  private async tell(connection: LiveConnection): Promise<void> {
    for (let hasMore = true; hasMore && connection.channel.isOpen;) {
      const page = await this.turns.pass(() => this.read(connection));
      for (const { position, post } of page.entries) {
        if (!connection.channel.isOpen) return;
        connection.channel.send({ event: "entry", id: position, data: post });
        connection.position = position;
        connection.watch([post.id]);
        if (connection.channel.queuedBytes > this.pace.queueBytes) await this.wait(connection);
      }
      connection.position = page.position;
      hasMore = page.has_more;
    }
  }

  private async read(connection: LiveConnection) {
    const call = callerOf(this.broker);
    const { viewer } = await whoShows(this.authenticator, connection.credential, call);
    connection.viewer = viewer;
    return call("newsfeed.readNewer", { position: connection.position, limit: PAGE }, { meta: { viewer } });
  }

  /** Until the reader took all that is queued; nothing more is read for them meanwhile. */
  private async wait({ channel, viewer }: LiveConnection): Promise<void> {
    const over = new AbortController();
    const stalled = sleep(this.pace.stallMs, true, { signal: over.signal }).catch(() => false);
    const isStalled = await Promise.race([stalled, channel.drained().then(() => false)]);
    over.abort();
    if (!isStalled) return;
    this.broker.logger.info({ user_id: viewer.id, queued_bytes: channel.queuedBytes }, "A slow reader was cut off.");
    channel.cut();
  }

  private giveWay(connection: LiveConnection, error: unknown): void {
    const code = error instanceof DomainError ? error.code : undefined;
    if (code === 401 || code === 403) {
      connection.channel.end("signed_out");
      return;
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** connection.failures);
    connection.failures += 1;
    connection.dueAtMs = Date.now() + pauseMs * (0.75 + 0.5 * Math.random());
    this.broker.logger.debug("A feed could not be followed; tried again soon.", error);
  }
}
