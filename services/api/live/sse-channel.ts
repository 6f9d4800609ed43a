import type { ServerResponse } from "node:http";
import { type EndReason, type LiveChannel, type LiveMessage, retryMs } from "./live-channel";

export const EVENT_STREAM = "text/event-stream";

/** Also for whoever asks by HEAD. Proxies must neither keep nor collect nor change what comes. */
export const streamHeaders = {
  "content-type": `${EVENT_STREAM}; charset=utf-8`,
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
} as const;

/** Server-sent events, as HTML has them: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class SseChannel implements LiveChannel {
  constructor(private readonly response: ServerResponse) {
    // What is written behind the back of a client that just left.
    response.on("error", () => undefined);
    response.writeHead(200, streamHeaders);
    response.socket?.setNoDelay(true);
    response.write(`retry: ${retryMs()}\n\n`);
  }

  get isOpen(): boolean {
    return !this.response.destroyed && !this.response.writableEnded;
  }

  get queuedBytes(): number {
    return this.response.writableLength;
  }

  /** JSON has no line break, and an id of ours neither. */
  send({ event, id, data }: LiveMessage): void {
    if (!this.isOpen) return;
    const head = id === undefined ? "" : `id: ${id}\n`;
    this.response.write(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  keepAlive(): void {
    if (this.isOpen) this.response.write(":\n\n");
  }

  drained(): Promise<void> {
    const { response } = this;
    if (response.writableLength === 0 || response.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        response.off("drain", done).off("close", done);
        resolve();
      };
      response.on("drain", done).on("close", done);
    });
  }

  end(reason: EndReason): void {
    if (this.isOpen) this.response.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
  }

  cut(): void {
    this.response.destroy();
  }

  onClose(listener: () => void): void {
    this.response.once("close", listener);
  }
}
