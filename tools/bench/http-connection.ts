import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";

/** One kept-alive connection that sends the same request again and again, one at a time. Costs less than any HTTP client. */
export class HttpConnection {
  private head = "";
  /** Bytes of the body still to come; undefined while the head is read. */
  private missing: number | undefined;
  private onAnswer: (() => void) | undefined;
  private onFailure: ((error: Error) => void) | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly request: Buffer,
  ) {
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.take(chunk));
    socket.on("close", () => this.fail(new Error("The server closed the connection.")));
    socket.on("error", (error) => this.fail(error));
  }

  static async open(url: URL, request: Buffer): Promise<HttpConnection> {
    const socket = connect(Number(url.port), url.hostname);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new HttpConnection(socket, request);
  }

  /** Sends the request; `done` is called when the whole answer is there. */
  ask(done: () => void, failed: (error: Error) => void): void {
    this.onAnswer = done;
    this.onFailure = failed;
    if (this.socket.destroyed) this.fail(new Error("The server closed the connection before."));
    else this.socket.write(this.request);
  }

  close(): void {
    this.onFailure = undefined;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    let size = chunk.length;
    if (this.missing === undefined) {
      const before = this.head.length;
      this.head += chunk.toString("latin1");
      const end = this.head.indexOf(HEAD_END);
      if (end < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(this.head)?.[1];
      if (!this.head.startsWith("HTTP/1.1 200 ") || length === undefined) {
        this.fail(new Error(`Not an answer that counts: ${this.head.slice(0, 200)}`));
        return;
      }
      this.missing = Number(length);
      size -= end + HEAD_END.length - before;
      this.head = "";
    }
    this.missing -= size;
    if (this.missing > 0) return;
    this.missing = undefined;
    this.onAnswer?.();
  }

  private fail(error: Error): void {
    this.onFailure?.(error);
    this.onFailure = undefined;
  }
}

export function getRequest(url: URL, path: string, token: string): Buffer {
  const lines = [`GET ${path} HTTP/1.1`, `Host: ${url.host}`, `Authorization: Bearer ${token}`, "Accept: */*"];
  return Buffer.from(lines.join("\r\n") + HEAD_END);
}

export async function openMany(count: number, url: URL, request: Buffer): Promise<HttpConnection[]> {
  return Promise.all(Array.from({ length: count }, () => HttpConnection.open(url, request)));
}
