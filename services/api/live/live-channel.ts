/** Why the gateway ends a connection. What a client can do about it: come back, with a new token, or not at all. */
export type EndReason = "shutting_down" | "token_expired" | "signed_out";

export interface LiveMessage {
  event: "ready" | "entry" | "counts" | "removed";
  /** Where the reader stands once they have this. */
  id?: string;
  data: unknown;
}

/** The way to one client, whatever its framing. */
export interface LiveChannel {
  readonly isOpen: boolean;
  /** What the client has not taken yet, as far as it lies in this process. */
  readonly queuedBytes: number;
  send(message: LiveMessage): void;
  /** Something small, so that nothing between takes the connection for dead. */
  keepAlive(): void;
  /** Resolves when nothing is queued any more, or the channel is closed. */
  drained(): Promise<void>;
  /** Says why, and closes when that is sent. */
  end(reason: EndReason): void;
  /** Closes at once, and lets go of what is queued. */
  cut(): void;
  onClose(listener: () => void): void;
}

/** Clients that lose their gateway together should not come back together. */
export function retryMs(): number {
  return Math.round(1_000 + 4_000 * Math.random());
}
