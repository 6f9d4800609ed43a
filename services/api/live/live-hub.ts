import type { ServiceBroker } from "moleculer";
import { UnavailableError } from "../../../lib/errors";
import { TooManyStreamsError } from "../api.errors";
import type { EndReason } from "./live-channel";
import type { LiveConnection } from "./live-connection";

const GAUGE = "api.live.connections";

/** Who is connected to this gateway. */
export class LiveHub {
  private readonly byPerson = new Map<number, Set<LiveConnection>>();
  /** Also of those who are still on their way in. */
  private readonly places = new Map<number, number>();
  private isClosed = false;
  private open = 0;

  constructor(
    private readonly broker: ServiceBroker,
    private readonly mostPerPerson: number,
  ) {
    if (broker.metrics.isEnabled())
      broker.metrics.register({ name: GAUGE, type: "gauge", description: "Streams and sockets that are open." });
  }

  /** Keeps a place; answers how to give it back. @throws {TooManyStreamsError | UnavailableError} the latter while the node stops. */
  admit(userId: number): () => void {
    if (this.isClosed) throw new UnavailableError();
    const taken = this.places.get(userId) ?? 0;
    if (taken >= this.mostPerPerson) throw new TooManyStreamsError(this.mostPerPerson);
    this.places.set(userId, taken + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.places.get(userId) ?? 1) - 1;
      if (left > 0) this.places.set(userId, left);
      else this.places.delete(userId);
    };
  }

  add(connection: LiveConnection): void {
    const { id } = connection.viewer;
    const theirs = this.byPerson.get(id) ?? new Set();
    this.byPerson.set(id, theirs.add(connection));
    this.count(1);
    connection.channel.onClose(() => {
      theirs.delete(connection);
      if (theirs.size === 0 && this.byPerson.get(id) === theirs) this.byPerson.delete(id);
      this.count(-1);
    });
    // The node began to stop while this one was on its way in.
    if (this.isClosed) connection.channel.end("shutting_down");
  }

  of(userId: number): Iterable<LiveConnection> {
    return this.byPerson.get(userId) ?? [];
  }

  *all(): Iterable<LiveConnection> {
    for (const theirs of this.byPerson.values()) yield* theirs;
  }

  people(): number[] {
    return [...this.byPerson.keys()];
  }

  get size(): number {
    return this.open;
  }

  /** Nobody comes in any more, and everybody is told to go. */
  close(reason: EndReason): void {
    this.isClosed = true;
    for (const { channel } of [...this.all()]) channel.end(reason);
  }

  private count(by: 1 | -1): void {
    this.open += by;
    this.broker.metrics.set(GAUGE, this.open);
  }
}
