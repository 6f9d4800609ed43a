import { MetricReporters, type Middleware, type ServiceBroker } from "moleculer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { configOf } from "../lib/config";
import { readinessOf } from "../mixins/readiness";

/** Ports of the spec for a node of one service; any other node takes 8005. */
const ports: Record<string, number> = { media: 8000, auth: 8001, posts: 8002, graph: 8003, newsfeed: 8004 };

/** `/healthz`, `/readyz` and `/metrics` of every node, on a port that no client reaches. */
export function opsServer(): Middleware {
  let server: Server | undefined;
  return {
    name: "OpsServer",
    // Before the services, for a node that waits for a store is alive too.
    async starting(broker: ServiceBroker) {
      const config = configOf(broker);
      server = createServer((request, response) => void answer(broker, request, response));
      const names = broker.services.map(({ name }) => name).filter((name) => !name.startsWith("$"));
      const usual = (names.length === 1 ? ports[names[0]!] : undefined) ?? 8005;
      const port = await listen(server, config.opsHost, config.opsPort ?? usual, config.opsPort === undefined);
      broker.getLogger("ops").info(`Ops port: http://${config.opsHost}:${port}`);
    },
    async stopped() {
      server?.closeAllConnections();
      await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
    },
  };
}

/** A port that somebody chose and that is taken is an error; the usual one gives way to a free one. */
async function listen(server: Server, host: string, port: number, mayMove: boolean): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (error) {
    if (!mayMove || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return listen(server, host, 0, false);
  }
  return (server.address() as { port: number }).port;
}

async function answer(broker: ServiceBroker, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "/").split("?")[0];
  if (path === "/healthz") return json(response, 200, { is_alive: true });
  if (path === "/readyz") {
    const readiness = await readinessOf(broker);
    return json(response, readiness.is_ready ? 200 : 503, readiness);
  }
  if (path === "/metrics") {
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(metricsText(broker));
    return;
  }
  json(response, 404, { error: { type: "NOT_FOUND", message: "Here are /healthz, /readyz and /metrics." } });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

/** Moleculer's own Prometheus text, without the server that its reporter opens on every interface. */
function metricsText(broker: ServiceBroker): string {
  const reporter = new MetricReporters.Prometheus({}) as unknown as {
    registry: unknown;
    broker: ServiceBroker;
    defaultLabels: object;
    generatePrometheusResponse(): string;
  };
  reporter.registry = broker.metrics;
  reporter.broker = broker;
  reporter.defaultLabels = { namespace: broker.namespace, nodeID: broker.nodeID };
  return reporter.generatePrometheusResponse();
}
