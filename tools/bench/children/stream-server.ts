import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/** The least that Node, and the library of WebSockets, can do for a connection that stays open: one greeting, and nothing more. */
process.once("message", () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("event: ready\ndata: {}\n\n");
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });
  server.on("upgrade", (request, line, head) =>
    sockets.handleUpgrade(request, line, head, (socket) => socket.send('{"event":"ready"}')),
  );
  server.listen(0, "127.0.0.1", () => {
    process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
});
process.once("disconnect", () => process.exit());
