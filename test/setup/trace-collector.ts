import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface CollectedSpan {
  traceId: string;
  id: string;
  parentId?: string;
  name: string;
  timestamp: number;
  duration: number;
  localEndpoint: { serviceName: string };
  tags: Record<string, string>;
}

/** A server that takes spans as Zipkin does, and keeps them. */
export class TraceCollector {
  readonly spans: CollectedSpan[] = [];
  /** Spans that came at once. */
  largestBatch = 0;
  private server!: Server;

  /** Its address for `TRACE_URL`. One that hangs takes what comes and never answers. */
  async start({ hangs = false } = {}): Promise<string> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const isSpans = request.method === "POST" && request.url === "/api/v2/spans";
        const spans = isSpans ? (JSON.parse(Buffer.concat(chunks).toString()) as CollectedSpan[]) : [];
        this.largestBatch = Math.max(this.largestBatch, spans.length);
        if (hangs) return;
        this.spans.push(...spans);
        response.writeHead(isSpans ? 202 : 404).end();
      });
    });
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v2/spans`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The spans of a request, once they are as they are to be. */
  async traceOf(requestId: string, isComplete: (spans: CollectedSpan[]) => boolean): Promise<CollectedSpan[]> {
    for (const deadline = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const spans = this.spans.filter(({ tags }) => tags["request_id"] === requestId);
      if (isComplete(spans)) return spans;
      if (Date.now() > deadline) throw new Error(`Of ${requestId} there came only ${JSON.stringify(spans)}`);
    }
  }
}
