import { Errors, type Packet, type Transit, Transporters } from "moleculer";
import {
  createInbox,
  Events,
  headers,
  type ConnectionOptions,
  type Msg,
  type NatsConnection,
  type Subscription,
} from "nats";
import { Blink } from "./blink";
import { SendsOfTurn } from "./sends-of-turn";
import { isPiece, READER_IDLE_MS, StreamPieces, type StreamPayload } from "./stream-pieces";
import { wantedQueues } from "./wanted-queues";

/** A broken connection that is back within this time is nobody's business: what is to be sent meanwhile waits for it. */
const BLINK_MS = 2_000;
/** Between two attempts of a call that nobody heard. */
const UNHEARD_PAUSE_MS = 50;
/** A server that is away must not keep a node from ending. */
const LONGEST_WAIT_MS = 2_000;
/** Header of a piece of a stream: which one. */
const STREAM = "Stream-Id";
const GONE = new TextEncoder().encode("gone");

type StreamPacket = Packet.Packet<StreamPayload & Packet.PacketPayload>;

interface Sent {
  packet: StreamPacket;
  balanced?: boolean;
}
type MessageHandler = (command: string, packet: StreamPacket) => unknown;

/**
 * Moleculer's transporter for NATS, for nodes that come and go:
 * - NATS shares calls out (`disableBalancer`). When services of this node change, subscriptions that stay are not touched, and one
 *   that ends is drained: what NATS had handed over is still worked off.
 * - Streams go at the pace of whoever reads: each piece is acknowledged when there is room for the next, and a stream that nobody
 *   reads any more ends at its source.
 * - While NATS is away calls fail at once, after two seconds in which they wait for it. When it is back, nodes find each other.
 */
export class NatsTransporter extends Transporters.NATS {
  private pieces!: StreamPieces;
  private readonly queues = new Map<string, Subscription>();
  private readonly unheard = new Map<string, () => void>();
  private readonly inbox = createInbox();
  private readonly sends = new SendsOfTurn((topic, data, reply) => {
    this.connection?.publish(topic, data, reply === undefined ? undefined : { reply });
  });
  private isUp = false;
  private blink: Blink | undefined;

  constructor(options: ConnectionOptions) {
    super({ ...options });
  }

  private get connection(): NatsConnection | null {
    return this.client as NatsConnection | null;
  }

  override init(transit: Transit, messageHandler: never, afterConnect: (wasReconnect: boolean) => void): void {
    this.pieces = new StreamPieces(transit);
    const handle: MessageHandler = messageHandler;
    const admitted: MessageHandler = (command, packet) =>
      this.pieces.admit(command, packet.payload) ? handle(command, packet) : undefined;
    super.init(transit, admitted as never, afterConnect);
    const remove = transit.removePendingRequest.bind(transit);
    transit.removePendingRequest = (id) => {
      this.unheard.delete(id);
      remove(id);
    };
    this.opts.name = this.nodeID;
  }

  /** @throws when NATS does not answer. */
  async ping(): Promise<void> {
    if (!this.isUp) throw new Error("There is no connection to NATS.");
    await this.connection?.flush();
  }

  /** Streams that another node reads from this one. */
  get openStreams(): number {
    return this.pieces.openStreams;
  }

  override async onConnected(wasReconnect?: boolean): Promise<void> {
    this.isUp = true;
    if (wasReconnect !== true && this.connection !== null) {
      void this.watch(this.connection);
      this.connection.subscribe(`${this.inbox}.*`, {
        callback: (_error, { subject }) => this.unheard.get(subject.slice(this.inbox.length + 1))?.(),
      });
    }
    await super.onConnected(wasReconnect);
  }

  private async watch(client: NatsConnection): Promise<void> {
    for await (const { type } of client.status()) {
      if (type === Events.Disconnect) this.goDown();
      else if (type === Events.Reconnect) this.comeBack();
    }
    this.isUp = false;
  }

  private goDown(): void {
    this.isUp = false;
    if (!this.connected) return;
    this.blink ??= new Blink(BLINK_MS, () => {
      this.logger.warn("NATS is away: calls to other nodes fail until it is back.");
      this.connected = false;
      this.giveUp();
    });
  }

  private comeBack(): void {
    this.logger.warn("NATS is back.");
    this.onConnected(true).catch((error: unknown) => this.logger.error("The other nodes could not be told.", error));
    this.blink?.end(true);
    this.blink = undefined;
  }

  /** What is under way will not be answered. */
  private giveUp(): void {
    this.pieces.endAll();
    for (const [id, request] of [...this.transit.pendingRequests]) {
      this.transit.removePendingRequest(id);
      request.reject(disconnected());
    }
  }

  override async disconnect(): Promise<void> {
    this.blink?.end(false);
    this.sends.flush();
    const client = this.connection;
    this.client = null;
    if (client === null || client.isClosed()) return;
    await inTime(client.flush());
    await client.close();
  }

  override subscribe(command: string, nodeID?: string): Promise<void> {
    this.connection?.subscribe(this.getTopicName(command, nodeID), { callback: this.receiver(command) });
    return Promise.resolve();
  }

  override async makeBalancedSubscriptions(): Promise<void> {
    const { services } = this.broker.registry.getLocalNodeInfo();
    const wanted = wantedQueues(services as never, this.prefix);
    for (const [topic, { command, name }] of wanted) {
      if (this.queues.has(topic) || this.connection === null) continue;
      this.queues.set(topic, this.connection.subscribe(topic, { queue: name, callback: this.receiver(command) }));
    }
    const ended = [...this.queues].filter(([topic]) => !wanted.has(topic));
    for (const [topic] of ended) this.queues.delete(topic);
    await inTime(Promise.all(ended.map(([, subscription]) => subscription.drain())));
  }

  private receiver(command: string): (error: Error | null, message: Msg) => void {
    return (error, message) => {
      const stream = message?.headers?.get(STREAM);
      if (error) this.logger.error(`NATS refuses a subscription: ${error.message}`);
      else if (stream) void this.takePiece(command, stream, message);
      else void this.receive(command, bytesOf(message));
    };
  }

  private async takePiece(command: string, stream: string, message: Msg): Promise<void> {
    const hasRoom = await this.pieces.take(command, stream, () => {
      void this.receive(command, Buffer.from(message.data));
    });
    message.respond(hasRoom ? undefined : GONE);
  }

  override async prepublish(packet: StreamPacket): Promise<void> {
    const { type, payload } = packet;
    this.pieces.note(type, payload);
    if (!this.connected && isPiece(payload)) this.pieces.stopSending(payload.id);
    else await super.prepublish(packet);
  }

  override async send(topic: string, data: Buffer, meta?: Sent): Promise<void> {
    const payload = meta?.packet.payload;
    if (this.blink !== undefined && !(await this.blink.isOver)) {
      if (payload !== undefined) this.pieces.stopSending(payload.id);
      return;
    }
    if (this.connection === null) return;
    const sent = this.hand(this.connection, topic, data, meta);
    // Its pieces, which go at once, must not come before it.
    if (payload?.stream === true) this.sends.flush();
    await sent;
  }

  private hand(client: NatsConnection, topic: string, data: Buffer, meta?: Sent): Promise<void> {
    const { type, payload } = meta?.packet ?? {};
    if (payload !== undefined && isPiece(payload)) return this.sendPiece(client, topic, data, payload.id);
    if (payload !== undefined && type === "REQ" && meta?.balanced === true)
      return this.sendShared(topic, data, payload.id);
    return this.sends.add(topic, data);
  }

  /** NATS says at once where nobody is there to hear a call: somebody may be just coming back, and the call has not happened. */
  private sendShared(topic: string, data: Buffer, id: string): Promise<void> {
    const deadlineMs = performance.now() + BLINK_MS;
    const send = (): Promise<void> => this.sends.add(topic, data, `${this.inbox}.${id}`);
    this.unheard.set(id, () => {
      const request = this.transit.pendingRequests.get(id);
      if (request === undefined) return;
      if (performance.now() < deadlineMs) {
        setTimeout(() => {
          if (this.unheard.has(id)) send().catch((error: Error) => request.reject(error));
        }, UNHEARD_PAUSE_MS);
        return;
      }
      this.transit.removePendingRequest(id);
      request.reject(new Errors.ServiceNotAvailableError({ action: request.ctx.action?.name ?? "" }));
    });
    return send();
  }

  /** Resolves when the reader has room for more, or is gone. */
  private async sendPiece(client: NatsConnection, topic: string, data: Buffer, id: string): Promise<void> {
    const named = headers();
    named.set(STREAM, id);
    try {
      const answer = await client.request(topic, data, { timeout: READER_IDLE_MS, headers: named });
      if (answer.data.length > 0) this.pieces.stopSending(id);
    } catch {
      // The node itself is gone, and answers no call either.
      const request = this.transit.pendingRequests.get(id);
      this.pieces.stopSending(id);
      this.transit.removePendingRequest(id);
      request?.reject(disconnected());
    }
  }
}

/** Not copied: they are read at once. */
function bytesOf({ data }: Msg): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function disconnected(): Error {
  // Its message is its own, whatever its type says.
  return new Errors.BrokerDisconnectedError("");
}

async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LONGEST_WAIT_MS)));
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
