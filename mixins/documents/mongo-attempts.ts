import type { ClientSession } from "mongodb";
import { type MongoDbAdapter, RunAgainError } from "../../plugins/mongodb-adapter";
import type { DocumentTransaction } from "./document-store";
import type { Lanes } from "./lanes";
import { MongoTransaction } from "./mongo-transaction";
import { withinTime } from "./within-time";

/** However late an attempt begins. */
const LEAST_WORK_MS = 1_000;

/** All attempts at one transaction. From the second on they wait in the lanes of the documents where they met others. */
export class Attempts {
  /** Of the newest attempt: what is to follow its commit. */
  callbacks: (() => void)[] = [];
  private readonly met = new Set<string>();
  private entered: { lanes: number; leave: () => void } | undefined;

  constructor(
    private readonly lanes: Lanes,
    private readonly adapterOf: (name: string) => MongoDbAdapter,
    private readonly endMs: number,
  ) {}

  /** The lanes stay taken after it, until the commit or through a pause before the next attempt. */
  async run<T>(session: ClientSession, work: (tx: DocumentTransaction) => Promise<T>): Promise<T> {
    await this.enterLanes();
    const tx = new MongoTransaction(session, this.adapterOf, (key) => !this.met.has(key) && this.lanes.isTaken(key));
    this.callbacks = tx.callbacks;
    try {
      return await withinTime(work(tx), Math.max(LEAST_WORK_MS, this.leftMs()), "A transaction of documents");
    } finally {
      if (tx.metAt !== undefined) this.met.add(tx.metAt);
      await tx.close();
    }
  }

  /** Lets others have the lanes: to be called when nothing more is tried. */
  end(): void {
    this.entered?.leave();
    this.entered = undefined;
  }

  private async enterLanes(): Promise<void> {
    if (this.met.size === (this.entered?.lanes ?? 0)) return;
    this.end();
    const entering = this.lanes.enter(this.met);
    try {
      const leave = await withinTime(entering, Math.max(0, this.leftMs()), "Waiting for a document");
      this.entered = { lanes: this.met.size, leave };
    } catch (cause) {
      void entering.then((leave) => leave());
      throw new RunAgainError("Too many write this document.", { cause });
    }
  }

  private leftMs(): number {
    return this.endMs - performance.now();
  }
}
