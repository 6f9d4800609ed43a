import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { EndReason, LiveChannel, LiveMessage } from "./live-channel";

/** Codes of RFC 6455: 1001 is for who goes away, 4000 and above are ours. */
const codes: Record<EndReason, number> = { shutting_down: 1001, token_expired: 4001, signed_out: 4003 };

/** The same messages over a WebSocket: each a JSON text `{ event, id?, data }`. What the client sends is not read. */
export class SocketChannel implements LiveChannel {
  private isAnswering = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly line: Duplex,
  ) {
    socket.on("pong", () => (this.isAnswering = true));
    // A frame that breaks the protocol: the library closes by itself.
    socket.on("error", () => undefined);
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  get queuedBytes(): number {
    return this.socket.bufferedAmount;
  }

  send(message: LiveMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Who did not answer the last ping is gone. */
  keepAlive(): void {
    if (!this.isAnswering) {
      this.cut();
      return;
    }
    this.isAnswering = false;
    this.socket.ping();
  }

  drained(): Promise<void> {
    const { socket, line } = this;
    if (socket.bufferedAmount === 0 || line.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        line.off("drain", done).off("close", done);
        resolve();
      };
      line.on("drain", done).on("close", done);
    });
  }

  end(reason: EndReason): void {
    this.socket.close(codes[reason], reason);
  }

  cut(): void {
    this.socket.terminate();
  }

  onClose(listener: () => void): void {
    this.socket.once("close", listener);
  }
}
