import { Exception } from "node-zookeeper-client";
import type { Address } from "./address";
import { Roster } from "./roster";
import { ConnectionLostError, type End, hasCode, type Operation, Session } from "./session";
import { shortInstance, type Znode, znodeName } from "./znode-name";

export interface MembershipOptions {
  address: Address;
  folder: string;
  nodeID: string;
  instanceID: string;
  sessionTimeoutMs: number;
}

export interface MembershipListener {
  /** The session stands, a new one or the old one again; what it sees follows. */
  connected(sessionMs: number): void;
  /** Until it is connected again, nobody knows who comes and goes. */
  away(why: End | "disconnected"): void;
  /** The members have been listed. The next look waits for what this does. */
  looked(roster: Roster): Promise<void>;
  /** Another process registered under this node's id after it. */
  displaced(): void;
  refused(error: unknown): void;
  asked(operation: Operation): void;
}

const retryMs = 5000;
const swapAttempts = 3;

/**
 * Keeps this node's znode in the folder and the roster of the others current, through lost connections and ended sessions.
 * Everything that it does beside is done again as often as it takes; nothing here rejects.
 */
export class Membership {
  readonly roster: Roster;
  private session: Session | undefined;
  private wanted: { name: string; info: Buffer } | undefined;
  private registered: { name: string; session: Session } | undefined;
  private hasJoined = false;
  private retryTimer: NodeJS.Timeout | undefined;
  /** Looks and registrations, one after the other. */
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: MembershipOptions,
    private readonly listener: MembershipListener,
  ) {
    this.roster = new Roster(options.nodeID);
  }

  get isOpen(): boolean {
    return this.session !== undefined;
  }

  get isConnected(): boolean {
    return this.session?.isConnected ?? false;
  }

  open(): void {
    const session = new Session(this.options.address, this.options.sessionTimeoutMs, {
      connected: () => {
        this.listener.connected(session.timeoutMs);
        void this.enqueue(() => this.resume());
      },
      disconnected: () => this.listener.away("disconnected"),
      ended: (why) => {
        this.listener.away(why);
        if (why === "refused") this.retryTimer = setTimeout(() => this.open(), retryMs);
        else this.open();
      },
      changed: () => void this.look(),
      asked: (operation) => this.listener.asked(operation),
    });
    this.session = session;
  }

  /** Makes this INFO known, in place of an earlier one; while ZooKeeper is away, as soon as it is back. */
  announce(seq: number, info: Buffer): Promise<void> {
    const { nodeID, instanceID } = this.options;
    this.wanted = { name: znodeName(nodeID, instanceID, seq), info };
    return this.enqueue(() => this.register());
  }

  /** Sees who is there now, and that this node is. */
  look(): Promise<void> {
    return this.enqueue(() => this.catchUp());
  }

  /** The INFO of a member; undefined where it left, or changed again, meanwhile. @throws {ConnectionLostError} */
  async read({ nodeID, name }: Znode): Promise<Buffer | undefined> {
    const info = await this.session?.read(this.pathOf(name));
    return this.roster.find(nodeID)?.name === name ? info : undefined;
  }

  /** Notices a connection that died without a word. */
  async probe(): Promise<void> {
    if (this.session?.isConnected) await this.session.exists(this.options.folder).catch(() => undefined);
  }

  /** Ends the session, which removes the znode. */
  async close(): Promise<void> {
    const { session } = this;
    clearTimeout(this.retryTimer);
    this.session = undefined;
    this.wanted = undefined;
    this.registered = undefined;
    this.hasJoined = false;
    await session?.close();
  }

  private pathOf(name: string): string {
    return `${this.options.folder}/${name}`;
  }

  private enqueue(task: () => Promise<void>): Promise<void> {
    this.work = this.work.then(task).catch((error: unknown) => {
      // Once it is connected again, resume() does whatever this was.
      if (error instanceof ConnectionLostError) return;
      this.listener.refused(error);
      clearTimeout(this.retryTimer);
      this.retryTimer = setTimeout(() => void this.enqueue(() => this.resume()), retryMs);
    });
    return this.work;
  }

  private async resume(): Promise<void> {
    await this.session?.makePath(this.options.folder);
    await this.catchUp();
  }

  private async catchUp(): Promise<void> {
    await this.list();
    await this.register();
  }

  private async list(): Promise<void> {
    const { session } = this;
    if (session === undefined) return;
    this.roster.update(await session.listAndWatch(this.options.folder));
    this.checkOwn(session);
    await this.listener.looked(this.roster);
  }

  private checkOwn(session: Session): void {
    const own = this.roster.ownZnodes();
    const instance = shortInstance(this.options.instanceID);
    // When it joins, a node takes the place of a process that died; later, another one has taken its place.
    if (this.hasJoined && own.some(({ instanceID }) => instanceID !== instance)) {
      void this.close();
      this.listener.displaced();
    }
    const isThere = own.some(({ name }) => name === this.registered?.name);
    if (this.registered?.session === session && !isThere) this.registered = undefined;
  }

  private async register(): Promise<void> {
    const { session, wanted } = this;
    if (session === undefined || wanted === undefined) return;
    if (this.registered?.session === session && this.registered.name === wanted.name) return;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const olds = this.roster.ownZnodes().map(({ name }) => this.pathOf(name));
        await session.swap(olds, this.pathOf(wanted.name), wanted.info);
        break;
      } catch (error) {
        // An old session's znode went or is still there, or ours was made before an answer was lost: what is there decides.
        if (attempt === swapAttempts || !hasCode(error, Exception.NO_NODE, Exception.NODE_EXISTS)) throw error;
        await this.list();
        if (this.wanted !== wanted) return;
      }
    }
    this.registered = { name: wanted.name, session };
    this.roster.setOwn(wanted.name);
    this.hasJoined = true;
  }
}
