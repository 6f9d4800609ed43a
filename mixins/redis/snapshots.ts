import type { TimelinePage } from "./timelines";

/** The newest entries of a feed, and the stamps of all that was shown with them the last time. */
export interface Snapshot {
  /** As long as it is the same for the same question, so are page and stamps. */
  readonly mark: string;
  readonly page: TimelinePage;
  /** In the order asked. */
  readonly stamps: readonly string[];
}

export type Taken = Snapshot | undefined;

/** Both in one round trip, for that is all that a page costs which has not changed. */
export interface Snapshots {
  /** Undefined where no timeline is open, or nothing can be had; at once where nobody has to be asked. */
  take(viewerId: number, limit: number, names: readonly string[]): Taken | Promise<Taken>;
}
