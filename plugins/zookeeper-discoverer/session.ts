import { ACL, type Client, createClient, CreateMode, Exception, Id, Permission, State } from "node-zookeeper-client";
import type { Address } from "./address";
import { dropConnection, forgetHalfPackets, stopConnecting } from "./client-internals";

/** How a session ended that was not closed: `silent` had no answer, `lost` no connection for a session's time. */
export type End = "expired" | "silent" | "lost" | "refused";

export type Operation = "exists" | "create" | "list" | "read" | "swap";

export interface SessionListener {
  connected(): void;
  disconnected(): void;
  /** A session that has ended never comes back: a new one takes its place. */
  ended(why: End): void;
  /** The folder that was listed last has changed. */
  changed(): void;
  asked(operation: Operation): void;
}

/** What was asked may have happened or not. */
export class ConnectionLostError extends Error {
  override name = "ConnectionLostError";
}

/** Longest pause between two rounds of attempts to connect. The client's own second would be a whole session of the shortest kind. */
const spinDelay = 200;
const farewellMs = 1000;

/**
 * One session with ZooKeeper, as promises. Each settles: by its answer, when the connection is lost, or after a session's time
 * without an answer. A session that has no answer or no connection for its time is given up: the client underneath would wait
 * without end, and a server that lost its data refuses for ever whoever has seen more than it has.
 */
export class Session {
  isConnected = false;
  private hasEnded = false;
  private lostTimer: NodeJS.Timeout | undefined;
  private readonly client: Client;
  private readonly pending = new Set<(error: Error) => void>();
  private readonly acl: ACL[];

  constructor(
    { hosts, credentials }: Address,
    sessionTimeout: number,
    private readonly listener: SessionListener,
  ) {
    this.client = createClient(hosts.join(","), { sessionTimeout, spinDelay, retries: 0 });
    // `auth` stands for whoever creates it: ZooKeeper stores the digest of these credentials.
    this.acl = [new ACL(Permission.ALL, credentials ? new Id("auth", "") : new Id("world", "anyone"))];
    if (credentials)
      this.client.addAuthInfo("digest", Buffer.from(`${credentials.user}:${credentials.password}`, "utf8"));
    this.client.on("state", (state: State) => this.onState(state));
    forgetHalfPackets(this.client);
    this.client.connect();
    this.awaitConnection();
  }

  /** As the server granted it, which may be less or more than was asked for. */
  get timeoutMs(): number {
    return this.client.getSessionTimeout();
  }

  exists(path: string): Promise<boolean> {
    return this.ask<unknown>("exists", (done) => this.client.exists(path, done)).then((stat) => stat !== null);
  }

  /** Makes the path, and above it what is missing. */
  async makePath(path: string): Promise<void> {
    if (path === "" || (await this.exists(path))) return;
    await this.makePath(path.slice(0, path.lastIndexOf("/")));
    try {
      await this.ask<string>("create", (done) => this.client.create(path, this.acl, CreateMode.PERSISTENT, done));
    } catch (error) {
      if (!hasCode(error, Exception.NODE_EXISTS)) throw error;
    }
  }

  /** Names of the children, and word of their next change. */
  listAndWatch(path: string): Promise<string[]> {
    return this.ask("list", (done) => this.client.getChildren(path, this.onWatch, done));
  }

  /** Undefined where there is nothing. */
  async read(path: string): Promise<Buffer | undefined> {
    try {
      return await this.ask<Buffer>("read", (done) => this.client.getData(path, done));
    } catch (error) {
      if (hasCode(error, Exception.NO_NODE)) return undefined;
      throw error;
    }
  }

  /** Removes the old paths and makes the new one, which lives as long as this session, so that nobody sees none or both. */
  swap(olds: readonly string[], path: string, data: Buffer): Promise<void> {
    const transaction = this.client.transaction();
    for (const old of olds) transaction.remove(old);
    transaction.create(path, data, this.acl, CreateMode.EPHEMERAL);
    return this.ask("swap", (done) => transaction.commit(done));
  }

  /** Ends the session, and with it at once what lives as long as it does. */
  async close(): Promise<void> {
    if (this.hasEnded) return;
    if (!this.isConnected) return this.abandon();
    const isClosed = new Promise<void>((resolve) => {
      this.client.once("disconnected", resolve);
      setTimeout(resolve, farewellMs).unref();
    });
    this.abandon();
    await isClosed;
  }

  /** One function for all watches: the client keeps one watch for each. */
  private readonly onWatch = (): void => {
    if (!this.hasEnded) this.listener.changed();
  };

  private onState(state: State): void {
    if (this.hasEnded) {
      // The last attempt of a client that was told to stop.
      if (state === State.SYNC_CONNECTED) this.client.close();
      return;
    }
    if (state === State.SYNC_CONNECTED) {
      clearTimeout(this.lostTimer);
      this.isConnected = true;
      this.listener.connected();
    } else if (state === State.DISCONNECTED) {
      this.isConnected = false;
      this.rejectPending();
      this.awaitConnection();
      this.listener.disconnected();
    } else if (state === State.EXPIRED || state === State.AUTH_FAILED) {
      this.end();
      this.listener.ended(state === State.EXPIRED ? "expired" : "refused");
    }
  }

  private awaitConnection(): void {
    clearTimeout(this.lostTimer);
    this.lostTimer = setTimeout(() => this.giveUp("lost"), this.timeoutMs);
  }

  private end(): void {
    clearTimeout(this.lostTimer);
    this.hasEnded = true;
    this.isConnected = false;
    this.rejectPending();
  }

  private abandon(): void {
    const wasConnected = this.isConnected;
    this.end();
    if (wasConnected) this.client.close();
    else stopConnecting(this.client);
  }

  private giveUp(why: "silent" | "lost"): void {
    if (this.hasEnded) return;
    this.abandon();
    dropConnection(this.client);
    this.listener.ended(why);
  }

  private rejectPending(): void {
    for (const reject of this.pending) reject(new ConnectionLostError("ZooKeeper is out of reach."));
    this.pending.clear();
  }

  private ask<Answer>(
    operation: Operation,
    send: (done: (error: Error | Exception | null, answer: Answer) => void) => void,
  ): Promise<Answer> {
    if (!this.isConnected) return Promise.reject(new ConnectionLostError("ZooKeeper is out of reach."));
    this.listener.asked(operation);
    return new Promise<Answer>((resolve, reject) => {
      const deadline = setTimeout(() => this.giveUp("silent"), this.timeoutMs);
      const fail = (error: Error) => {
        clearTimeout(deadline);
        this.pending.delete(fail);
        reject(error);
      };
      this.pending.add(fail);
      send((error, answer) => {
        if (error) return fail(asError(error));
        clearTimeout(deadline);
        this.pending.delete(fail);
        resolve(answer);
      });
    });
  }
}

export function hasCode(error: unknown, ...codes: number[]): boolean {
  return codes.includes((error as Partial<Exception> | undefined)?.code ?? Exception.OK);
}

function asError(error: Error | Exception): Error {
  if (hasCode(error, Exception.CONNECTION_LOSS, Exception.SESSION_EXPIRED))
    return new ConnectionLostError("ZooKeeper is out of reach.");
  return error instanceof Error ? error : new Error(error.toString());
}
