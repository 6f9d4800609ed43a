import { randomUUID } from "node:crypto";
import type { Document, DocumentStore, DocumentTransaction } from "../documents/document-store";

/** A holder that died is followed so long after somebody else first wanted the outbox. */
const LEASE_MS = 3_000;
/** How long a lease is kept after a turn, for the next turn: a post and its likes come close together. */
const LINGER_MS = 100;

export interface LeaseDocument extends Document {
  /** Empty where it is free. */
  holder: string;
  /** One more for each holder. */
  token: number;
  /** Counts up while its holder lives. */
  renewals: number;
}

export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  constructor() {
    super("Another relay may hold this outbox by now. What this one had under way may be sent again.");
  }
}

/**
 * Who may relay an outbox that several processes share: one document, taken under a growing token and renewed while it is held.
 * Nobody's clock is compared with another's: a lease has run out for whoever has seen it unchanged for so long themselves.
 */
export class OutboxLease {
  private readonly holder = randomUUID();
  private token: number | undefined;
  private renewedMs = -Infinity;
  private seen = { token: 0, renewals: 0, sinceMs: 0 };
  private lingering: NodeJS.Timeout | undefined;
  private isRenewing = false;

  constructor(
    private readonly documents: DocumentStore,
    private readonly name: string,
    private readonly times: { leaseMs: number; lingerMs: number } = { leaseMs: LEASE_MS, lingerMs: LINGER_MS },
  ) {}

  /** Undefined, at once and without a write, where somebody else has it. */
  async hold<T>(work: () => Promise<T>): Promise<T | undefined> {
    clearTimeout(this.lingering);
    if (!(await this.acquire())) return undefined;
    const renewing = setInterval(() => void this.renew(), this.times.leaseMs / 8);
    try {
      return await work();
    } finally {
      clearInterval(renewing);
      this.lingering = setTimeout(() => void this.release(), this.times.lingerMs).unref();
    }
  }

  /** @throws {LeaseLostError} when somebody else may have it. */
  assertHeld(): void {
    if (this.token === undefined || this.ageMs() >= this.times.leaseMs) throw new LeaseLostError();
  }

  /**
   * Ties a transaction to the lease: one that begins after somebody else took it stores nothing. It only reads, for what a
   * killed process had written in an open transaction stays locked until the server gives that up, and nobody could follow it.
   * @throws {LeaseLostError}
   */
  async checkIn(tx: DocumentTransaction): Promise<void> {
    const lease = await tx.get<LeaseDocument>("leases", this.name);
    if (this.token === undefined || lease?.token !== this.token) throw new LeaseLostError();
  }

  /** Lets the next one have it at once. Where that fails, it runs out. */
  async release(): Promise<void> {
    clearTimeout(this.lingering);
    const { token } = this;
    this.token = undefined;
    if (token === undefined) return;
    const giveUp = async (tx: DocumentTransaction): Promise<void> => {
      const lease = await tx.get<LeaseDocument>("leases", this.name);
      if (lease?.token === token) await tx.update<LeaseDocument>("leases", this.name, { set: { holder: "" } });
    };
    await this.documents.transaction(giveUp).catch(() => undefined);
  }

  private async acquire(): Promise<boolean> {
    // Still fresh from the last turn.
    if (this.token !== undefined && !this.isToBeRenewed()) return true;
    this.token = undefined;
    const found = await this.documents.get<LeaseDocument>("leases", this.name);
    // One turn at a time is this relay's: what it still seems to hold, nobody holds.
    const isTaken = found !== null && found.holder !== "" && found.holder !== this.holder;
    if (isTaken && !this.hasRunOut(found)) return false;
    const startedMs = performance.now();
    const token = await this.documents.transaction((tx) => this.take(tx, found));
    if (token === undefined) return false;
    this.token = token;
    this.renewedMs = startedMs;
    return true;
  }

  /** The new token, or undefined where somebody was quicker. */
  private async take(tx: DocumentTransaction, found: LeaseDocument | null): Promise<number | undefined> {
    const { holder } = this;
    if (found === null) {
      const isFirst = await tx.insert<LeaseDocument>("leases", { _id: this.name, holder, token: 1, renewals: 0 });
      return isFirst ? 1 : undefined;
    }
    const now = await tx.get<LeaseDocument>("leases", this.name);
    if (now?.token !== found.token || now.renewals !== found.renewals) return undefined;
    const token = now.token + 1;
    await tx.update<LeaseDocument>("leases", this.name, { set: { holder, token, renewals: 0 } });
    return token;
  }

  private hasRunOut({ token, renewals }: LeaseDocument): boolean {
    const nowMs = performance.now();
    const isUnchanged = this.seen.token === token && this.seen.renewals === renewals;
    if (!isUnchanged) this.seen = { token, renewals, sinceMs: nowMs };
    return nowMs - this.seen.sinceMs >= this.times.leaseMs;
  }

  /** What fails here is noticed where it counts: by `assertHeld`, and by the next transaction. */
  private async renew(): Promise<void> {
    const { token } = this;
    if (token === undefined || this.isRenewing || !this.isToBeRenewed()) return;
    this.isRenewing = true;
    const startedMs = performance.now();
    const isRenewed = await this.documents.transaction((tx) => this.countUp(tx, token)).catch(() => false);
    if (isRenewed && this.token === token) this.renewedMs = startedMs;
    this.isRenewing = false;
  }

  private async countUp(tx: DocumentTransaction, token: number): Promise<boolean> {
    const lease = await tx.get<LeaseDocument>("leases", this.name);
    if (lease?.token !== token) return false;
    await tx.update<LeaseDocument>("leases", this.name, { increment: { renewals: 1 } });
    return true;
  }

  private isToBeRenewed(): boolean {
    return this.ageMs() >= this.times.leaseMs / 4;
  }

  private ageMs(): number {
    return performance.now() - this.renewedMs;
  }
}
