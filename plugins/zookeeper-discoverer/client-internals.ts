import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { Client } from "node-zookeeper-client";

/** What node-zookeeper-client 1.1.3 keeps to itself. */
interface Internals {
  connectionManager: EventEmitter & {
    socket?: Socket;
    /** The beginning of a packet whose rest has not come. */
    pendingBuffer: Buffer | null;
    connect(): void;
  };
}

const DISCONNECTED = 0;

function managerOf(client: Client) {
  return (client as unknown as Internals).connectionManager;
}

/** Begins each connection with its own first byte: the client would put what a lost one left half read before it. */
export function forgetHalfPackets(client: Client): void {
  const manager = managerOf(client);
  manager.on("state", (state: number) => {
    if (state === DISCONNECTED) manager.pendingBuffer = null;
  });
}

/** Its `close()` only asks the server to end a connection, and waits for it. */
export function dropConnection(client: Client): void {
  managerOf(client).socket?.destroy();
}

/**
 * For a client without a session: its `close()` would take the greeting of a server that comes back just then for the answer to
 * the farewell, and throw. One attempt may still be under way afterwards.
 */
export function stopConnecting(client: Client): void {
  managerOf(client).connect = () => undefined;
  dropConnection(client);
}
