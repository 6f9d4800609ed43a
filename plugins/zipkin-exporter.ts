import { type Span, type Tracer, TracerExporters } from "moleculer";

const EVERY_MS = 1_000;
/** More are lost: a collector that is slow or away costs no more memory than these. */
const MOST_WAITING = 2_000;
/** A node that stops waits for two of them. */
const TIMEOUT_MS = 2_000;
const SPANS = "tracing.spans";

/**
 * Sends finished spans to a collector that takes Zipkin's format, version 2. Moleculer's own exporter cuts every id to 16 digits
 * whatever letters it has, tells what errors say, and waits for a collector without end. Of an error only its type is told here.
 */
export class ZipkinExporter extends TracerExporters.Base {
  private waiting: object[] = [];
  private sending: Promise<void> | undefined;
  private isAway = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly url: string) {
    super({});
  }

  override init(tracer: Tracer): void {
    super.init(tracer);
    const description = "Spans of traces, by whether the collector took them: outcome sent or lost.";
    this.broker.metrics.register({ name: SPANS, type: "counter", labelNames: ["outcome"], description });
    const round = (): void => void (this.sending ??= this.send().finally(() => (this.sending = undefined)));
    this.timer = setInterval(round, EVERY_MS).unref();
  }

  override spanFinished(span: Span): void {
    if (this.waiting.length < MOST_WAITING) this.waiting.push(this.payloadOf(span));
    else this.count("lost", 1);
  }

  // Its type says that nobody waits; the tracer does.
  // eslint-disable-next-line @typescript-eslint/no-misused-promises
  override async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sending;
    await this.send();
  }

  private async send(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length === 0) return;
    const fault = await this.post(JSON.stringify(batch));
    this.count(fault === undefined ? "sent" : "lost", batch.length);
    if (fault !== undefined && !this.isAway) this.logger.warn(`The collector takes no spans, which are lost: ${fault}`);
    this.isAway = fault !== undefined;
  }

  /** What was wrong, if anything. */
  private async post(body: string): Promise<string | undefined> {
    const headers = { "content-type": "application/json" };
    try {
      const answer = await fetch(this.url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
      await answer.arrayBuffer();
      return answer.ok ? undefined : `it answers ${answer.status}`;
    } catch (error) {
      const { message, cause } = error as Error;
      return cause instanceof Error ? `${message}: ${cause.message}` : message;
    }
  }

  private payloadOf(span: Span): object {
    const error = typeOf(span.error);
    const tags = { node: this.broker.nodeID, ...span.tags, ...(error === undefined ? {} : { error }) };
    return {
      traceId: span.traceID,
      id: spanId(span.id),
      ...(span.parentID ? { parentId: spanId(span.parentID) } : {}),
      kind: "SERVER",
      name: span.name,
      timestamp: Math.round(span.startTime! * 1_000),
      duration: Math.max(1, Math.round(span.duration! * 1_000)),
      localEndpoint: { serviceName: span.service?.fullName ?? "moleculer" },
      tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, String(value)])),
    };
  }

  private count(outcome: "sent" | "lost", spans: number): void {
    this.broker.metrics.increment(SPANS, { outcome }, spans);
  }
}

/** Of Moleculer's ids as much as Zipkin takes. */
function spanId(id: string): string {
  return id.replaceAll("-", "").slice(0, 16);
}

function typeOf(error: Error | boolean | null): string | undefined {
  if (!error) return undefined;
  if (error === true) return "true";
  return (error as { type?: unknown }).type === undefined ? error.name : String((error as { type?: unknown }).type);
}
