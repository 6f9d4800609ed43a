import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The least that Node can do for an answer: the same bytes to everybody. */
process.once("message", ({ body }: { body: string }) => {
  const bytes = Buffer.from(body);
  const headers = { "content-type": "application/json; charset=utf-8", "content-length": bytes.length };
  const server = createServer((_, response) => void response.writeHead(200, headers).end(bytes));
  // Its connections rest while the other side is measured.
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1", () => {
    process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
});
process.once("disconnect", () => process.exit());
