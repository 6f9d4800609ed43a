import { createReadStream } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { RouteNotFoundError } from "./api.errors";
import type { Endpoint, Exchange } from "./exchange";
import { prefix } from "./routes";

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Emulsion API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const start = `SwaggerUIBundle({ url: "${prefix}/openapi.json", dom_id: "#swagger-ui", deepLinking: true, persistAuthorization: false });\n`;

/** Files of the npm package that the page needs, and nothing else of it. */
const folder = dirname(require.resolve("swagger-ui-dist/package.json"));
const assets: Record<string, string> = { "swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript" };

/** A readable page of the API at /docs, from an npm package: no CDN is asked. */
export const docsEndpoints: Endpoint[] = [
  { method: "GET", path: "/docs", serve: (exchange) => sendText(exchange, "text/html; charset=utf-8", page) },
  { method: "GET", path: "/docs/{file}", serve: sendAsset },
];

async function sendAsset(exchange: Exchange): Promise<void> {
  const file = exchange.path["file"] ?? "";
  if (file === "start.js") return sendText(exchange, "text/javascript", start);
  const type = Object.hasOwn(assets, file) ? assets[file] : undefined;
  if (type === undefined) throw new RouteNotFoundError();
  exchange.response.writeHead(200, { "content-type": type, "cache-control": "public, max-age=86400" });
  await pipeline(createReadStream(join(folder, file)), exchange.response);
}

async function sendText({ response }: Exchange, type: string, text: string): Promise<void> {
  response.setHeader(
    "content-security-policy",
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
  );
  response.writeHead(200, { "content-type": type, "content-length": Buffer.byteLength(text) }).end(text);
}
