import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A way to a server on loopback that comes and goes on one port, and can break in the middle of an answer. */
export class FickleProxy {
  port = 0;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private bytesLeft = Infinity;

  constructor(private readonly targetPort: number) {}

  async open(): Promise<void> {
    this.server = createServer((client) => this.join(client, connect(this.targetPort, "127.0.0.1")));
    this.server.listen(this.port, "127.0.0.1");
    await once(this.server, "listening");
    this.port = (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (this.server === undefined) return;
    const isClosed = once(this.server, "close");
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await isClosed;
    this.server = undefined;
  }

  /** Passes so many more bytes of answers on, and then breaks what there is of connections, once. */
  breakAfter(bytes: number): void {
    this.bytesLeft = bytes;
  }

  private join(client: Socket, target: Socket): void {
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (data) => target.write(data));
    target.on("data", (data) => {
      if (data.length <= this.bytesLeft) {
        this.bytesLeft -= data.length;
        client.write(data);
        return;
      }
      const rest = data.subarray(0, this.bytesLeft);
      this.bytesLeft = Infinity;
      client.end(rest);
    });
  }
}
