import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Lab } from "./lab";

export interface SpanCollector {
  url: string;
  /** That came so far. */
  spans(): number;
}

/** Takes spans as Zipkin does, and counts them. */
export async function startSpanCollector(lab: Lab): Promise<SpanCollector> {
  let spans = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      spans += (JSON.parse(Buffer.concat(chunks).toString()) as unknown[]).length;
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  lab.onEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/spans`, spans: () => spans };
}
