/** A message that a group gave up, as people see it. */
export interface DeadLetterEntry {
  group: string;
  topic: string;
  key: string;
  /** JSON as it was published; may be anything where a stranger published it. */
  value: string;
  error: string;
  failed_at: string;
}

export interface DeadLetterFilter {
  group?: string;
  topic?: string;
  limit: number;
}

/** The dead letters of a system, wherever its events travel. */
export interface DeadLetterBox {
  /** The oldest first. */
  list(filter: DeadLetterFilter): Promise<DeadLetterEntry[]>;
  /** Gives these to their group, and to it alone, once more; they are listed no longer. Answers them. */
  replay(filter: DeadLetterFilter): Promise<DeadLetterEntry[]>;
  close(): Promise<void>;
}
