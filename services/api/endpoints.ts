import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configOf } from "../../lib/config";
import { projectRoot } from "../../lib/project-root";
import { readinessOf } from "../../mixins/readiness";
import { contracts } from "../contracts";
import { errorClasses } from "../errors";
import { UpgradeRequiredError } from "./api.errors";
import { docsEndpoints } from "./docs-page";
import type { Endpoint } from "./exchange";
import { socketPath } from "./live/accept-socket";
import { serveStream } from "./live/serve-stream";
import { openApiDocument } from "./openapi";
import type { Route } from "./route";
import { prefix, routes } from "./routes";
import { sendJson } from "./send";
import { sendMedia } from "./send-media";
import { feedEndpoint } from "./serve-feed";
import { jsonEndpoint } from "./serve-json";
import type { Gateway } from "./serve-request";
import { takePart } from "./take-part";
import { takeUpload } from "./take-upload";

const isFeed = ({ method, path }: Route): boolean => method === "GET" && path === "/feed";

/** Every address that the gateway answers at. */
export function endpoints(gateway: Gateway): Endpoint[] {
  const broker = gateway.broker;
  const config = configOf(broker);
  const maxUploadBytes = Math.max(config.imageMaxBytes, config.videoMaxBytes);
  // Read, not imported: a compiled copy of package.json would pass for the project's root.
  const { version } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as { version: string };
  const document = openApiDocument(routes, { prefix, version, errors: [...errorClasses().values()] });
  const seen = new Set<string>();
  return [
    ...routes.map((route) => (isFeed(route) ? feedEndpoint(jsonEndpoint(route)) : jsonEndpoint(route))),
    { method: "POST", path: `${prefix}/media`, serve: (exchange) => takeUpload(exchange, maxUploadBytes) },
    { method: "GET", path: `${prefix}/feed/stream`, serve: (exchange) => serveStream(gateway, exchange) },
    {
      method: "GET",
      path: socketPath,
      serve: async () => {
        throw new UpgradeRequiredError();
      },
    },
    { method: "PUT", path: "/media/{media_id}/parts/{part_number}", serve: takePart },
    { method: "GET", path: "/media/{media_id}/{secret}/{name}", serve: sendMedia },
    { method: "GET", path: "/media/{media_id}/{name}", serve: sendMedia },
    { method: "GET", path: `${prefix}/openapi.json`, serve: async ({ response }) => sendJson(response, 200, document) },
    ...docsEndpoints,
    { method: "GET", path: "/healthz", serve: async ({ response }) => sendJson(response, 200, { is_alive: true }) },
    {
      method: "GET",
      path: "/readyz",
      serve: async ({ response }) => {
        const { is_ready, checks } = await readinessOf(broker);
        const list = broker.registry.getServiceList({ onlyAvailable: true, skipInternal: true }) as { name: string }[];
        const up = new Set(list.map(({ name }) => name));
        for (const name of up) seen.add(name);
        const services = Object.fromEntries(contracts.map(({ name }) => [name, up.has(name)]));
        // Ready once it has found every service. One that is away later costs its own answers, not those of all others.
        const isReady = is_ready && contracts.every(({ name }) => seen.has(name));
        sendJson(response, isReady ? 200 : 503, { is_ready: isReady, checks: { ...checks, ...services } });
      },
    },
  ];
}
