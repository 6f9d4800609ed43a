import { Readable, type Writable } from "node:stream";
import type { Transit } from "moleculer";

/** Whoever takes nothing of a stream for so long has gone. */
export const READER_IDLE_MS = 60_000;
/** A sender that is silent for so long has gone: longer, for it waits for the reader. */
const SENDER_IDLE_MS = 2 * READER_IDLE_MS;

export interface StreamPayload {
  id: string;
  sender: string;
  stream?: boolean;
  seq?: number;
}

/** A packet with bytes of a stream in it, neither its beginning nor its end. */
export function isPiece({ stream, seq }: StreamPayload): boolean {
  return stream === true && seq !== undefined && seq > 0;
}

/** The streams of one node that other nodes send to it or read from it. Moleculer's own bookkeeping ends none that breaks off. */
export class StreamPieces {
  private readonly outgoing = new Map<string, Readable>();
  /** Those that pieces have come of. */
  private readonly incoming = new Map<string, { stream: Writable; timer: NodeJS.Timeout }>();

  constructor(private readonly transit: Transit) {
    const send = transit.sendResponse.bind(transit);
    transit.sendResponse = (nodeID, id, meta, headers, data, error) => {
      if (data instanceof Readable) this.keep(id, data);
      // Who has answered reads no more of the question. Moleculer has forgotten its stream by then, where the answer is an error.
      else this.incoming.get(id)?.stream.destroy();
      return send(nodeID, id, meta, headers, data, error);
    };
  }

  /** Those that this node still sends. */
  get openStreams(): number {
    return this.outgoing.size;
  }

  /** Sees every packet that comes in. False: it belongs to a stream that has ended. */
  admit(command: string, { id, sender, stream, seq }: StreamPayload): boolean {
    // What other packets call seq is no place in a stream.
    if (command !== "REQ" && command !== "RES") return true;
    const request = this.transit.pendingRequests.get(id);
    // NATS chose who answers: their death ends the stream only if they are known.
    if (command === "RES" && stream === true && request !== undefined) request.nodeID = sender;
    return seq === undefined || seq === 0 || this.incomingOf(command, id) !== undefined;
  }

  /** Sees every packet that goes out. */
  note(command: string, { id, stream, seq }: StreamPayload): void {
    if (command !== "REQ" || stream !== true || seq !== 0) return;
    const source = this.transit.pendingRequests.get(id)?.ctx.options.stream;
    if (!(source instanceof Readable)) return;
    this.keep(id, source);
    tellEarlyFailureAgain(source);
  }

  /** Hands a piece on. True when there is room for the next, false when nobody reads them any more. */
  async take(command: string, id: string, handOn: () => void): Promise<boolean> {
    const stream = this.incomingOf(command, id);
    if (stream === undefined) return false;
    if (!stream.destroyed) {
      this.watch(id, stream);
      handOn();
      if (stream.writableNeedDrain) await roomIn(stream);
    }
    if (!stream.destroyed) return true;
    if (command === "REQ") this.transit.pendingReqStreams.delete(id);
    else this.transit.removePendingRequest(id);
    return false;
  }

  /** Nobody reads what this node sends under this id. */
  stopSending(id: string): void {
    this.outgoing.get(id)?.destroy();
  }

  /** Nothing reaches another node any more. */
  endAll(): void {
    for (const source of [...this.outgoing.values()]) source.destroy();
    for (const { stream } of [...this.transit.pendingReqStreams.values()] as { stream: Writable }[]) breakOff(stream);
    for (const stream of [...this.transit.pendingResStreams.values()] as Writable[]) breakOff(stream);
    this.transit.pendingReqStreams.clear();
    this.transit.pendingResStreams.clear();
  }

  private incomingOf(command: string, id: string): Writable | undefined {
    if (command === "REQ") return (this.transit.pendingReqStreams.get(id) as { stream: Writable } | undefined)?.stream;
    return this.transit.pendingResStreams.get(id) as Writable | undefined;
  }

  private keep(id: string, source: Readable): void {
    this.outgoing.set(id, source);
    source.once("close", () => this.outgoing.delete(id));
  }

  private watch(id: string, stream: Writable): void {
    const known = this.incoming.get(id);
    if (known !== undefined) {
      known.timer.refresh();
      return;
    }
    const timer = setTimeout(() => breakOff(stream), SENDER_IDLE_MS).unref();
    this.incoming.set(id, { stream, timer });
    stream.once("close", () => {
      clearTimeout(timer);
      this.incoming.delete(id);
    });
  }
}

/** Moleculer listens to a stream only once its call was sent. What fails before that the other node would never hear of. */
function tellEarlyFailureAgain(source: Readable): void {
  let failure = source.errored ?? undefined;
  const note = (error: Error): void => void (failure ??= error);
  source.on("error", note);
  source.on("newListener", function listened(event) {
    if (event !== "error") return;
    source.off("newListener", listened).off("error", note);
    const early = failure;
    if (early !== undefined) setImmediate(() => source.emit("error", early));
  });
}

function roomIn(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}

function breakOff(stream: Writable): void {
  // Where nobody listens yet, an error would end the process.
  stream.on("error", () => undefined);
  stream.destroy(new Error("The stream from another node broke off."));
}
