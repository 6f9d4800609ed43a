import { type ClientRequest, get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Json } from "./http-client";

const PATIENCE_MS = 20_000;

export interface LiveEvent {
  event: string;
  id?: string | undefined;
  data: Json;
}

/** What somebody hears of their feed, over either framing. */
export abstract class Listener {
  readonly events: LiveEvent[] = [];
  isClosed = false;

  abstract close(): void;

  /** As a browser keeps it. */
  get lastId(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id;
  }

  /** Ids of the posts that were told, in order. */
  get entries(): string[] {
    return this.events.filter(({ event }) => event === "entry").map(({ data }) => data.id as string);
  }

  of(event: string): Json[] {
    return this.events.filter((one) => one.event === event).map(({ data }) => data);
  }

  /** Waits until what was heard is so. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; !isSo(); await sleep(10))
      if (Date.now() > deadline)
        throw new Error(`Never came: ${what}. Heard: ${JSON.stringify(this.events).slice(0, 2_000)}`);
  }

  untilEntries(count: number): Promise<void> {
    return this.until(() => this.entries.length >= count, `${count} entries`);
  }

  untilClosed(): Promise<void> {
    return this.until(() => this.isClosed, "the end");
  }
}

/** A reader of server-sent events. */
export class StreamListener extends Listener {
  comments = 0;
  retryMs: number | undefined;
  private rest = "";

  private constructor(
    private readonly request: ClientRequest,
    readonly response: IncomingMessage,
  ) {
    super();
    response.setEncoding("utf8");
    response.on("data", (text: string) => this.take(text));
    response.on("close", () => (this.isClosed = true));
    response.on("error", () => undefined);
  }

  /** Resolves when the stream is open; rejects with the error answer. */
  static open(url: string, headers: Record<string, string> = {}): Promise<StreamListener> {
    return new Promise((resolve, reject) => {
      const request = get(url, { headers, agent: false }, (response) => {
        if (response.statusCode === 200) resolve(new StreamListener(request, response));
        else void refusal(response).then(reject);
      });
      request.on("error", reject);
    });
  }

  close(): void {
    this.request.destroy();
  }

  private take(text: string): void {
    const blocks = (this.rest + text).split("\n\n");
    this.rest = blocks.pop() ?? "";
    for (const block of blocks) this.hear(block);
  }

  private hear(block: string): void {
    const fields = new Map(
      block
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trimStart()]),
    );
    if (fields.has("")) this.comments += 1;
    if (fields.has("retry")) this.retryMs = Number(fields.get("retry"));
    const data = fields.get("data");
    if (data !== undefined)
      this.events.push({ event: fields.get("event") ?? "message", id: fields.get("id"), data: JSON.parse(data) });
  }
}

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly headers: IncomingMessage["headers"],
    readonly body: Json,
  ) {
    super(`Refused: ${status} ${JSON.stringify(body)}`);
  }
}

async function refusal(response: IncomingMessage): Promise<Refused> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return new Refused(response.statusCode ?? 0, response.headers, text === "" ? undefined : JSON.parse(text));
}

/** The same over a WebSocket. */
export class SocketListener extends Listener {
  code: number | undefined;
  reason: string | undefined;

  private constructor(readonly socket: WebSocket) {
    super();
    socket.on("message", (bytes: Buffer) => this.events.push(JSON.parse(bytes.toString()) as LiveEvent));
    socket.on("close", (code, reason) => {
      this.code = code;
      this.reason = reason.toString();
      this.isClosed = true;
    });
  }

  static open(url: string, headers: Record<string, string> = {}): Promise<SocketListener> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url.replace(/^http/, "ws"), { headers });
      const listener = new SocketListener(socket);
      socket.once("open", () => resolve(listener));
      socket.once("unexpected-response", (_, response) => void refusal(response).then(reject));
      socket.once("error", reject);
    });
  }

  close(): void {
    this.socket.terminate();
  }
}
