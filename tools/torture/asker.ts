import type { Args, Deed, Result } from "./deeds";
import type { Recorder } from "./recorder";
import { type Request, spoken } from "./requests";

/** Less than a stopped process stays stopped: its clients give up before it wakes. */
const PATIENCE_MS = 8_000;

export interface Person {
  id: number;
  username: string;
  token: string;
}

interface Heard {
  status: number;
  body: Record<string, unknown>;
}

/** Asks any of the gateways, as a load balancer would: one that refuses connections is passed over, for it heard nothing. */
export class Gateways {
  private asked = 0;

  constructor(private readonly urls: () => readonly string[]) {}

  /** @throws when no answer came: whether it happened nobody knows. Status 0: nobody heard it. */
  async send(request: Request, token?: string): Promise<Heard> {
    const urls = this.urls();
    for (let i = 0; i < urls.length; i += 1) {
      try {
        return await send(urls[(this.asked += 1) % urls.length]!, request, token);
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    }
    return { status: 0, body: {} };
  }
}

async function send(url: string, { method, path, body, idempotencyKey }: Request, token?: string): Promise<Heard> {
  const response = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    },
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

function isRefused(error: unknown): boolean {
  return ((error as { cause?: { code?: string } }).cause?.code ?? "") === "ECONNREFUSED";
}

/** "refused" with status 0: no gateway was there to hear it. */
export type Told<D extends Deed> = { outcome: "ok"; result: Result<D> } | { outcome: "refused" | "unknown" };

/** Does as somebody asks, and writes it into the history. */
export class Asker {
  constructor(
    private readonly gateways: Gateways,
    private readonly recorder: Recorder,
  ) {}

  async ask<D extends Deed>(person: Person, deed: D, args: Args<D>): Promise<Told<D>> {
    const { request, read } = spoken[deed];
    const op = this.recorder.invoke(person.id, deed, args);
    try {
      const { status, body } = await this.gateways.send(request(args), person.token);
      if (status >= 200 && status < 300) {
        const result = read(body);
        this.recorder.ok(op, status, result);
        return { outcome: "ok", result };
      }
      const outcome = status < 500 ? "refused" : "unknown";
      this.recorder.end(op, outcome, status);
      return { outcome };
    } catch {
      this.recorder.end(op, "unknown", 0);
      return { outcome: "unknown" };
    }
  }
}
