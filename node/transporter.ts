import type { BrokerOptions, Middleware, ServiceBroker } from "moleculer";
import type { ConnectionOptions } from "nats";
import type { Config } from "../lib/config";
import { addReadinessCheck } from "../mixins/readiness";
import { NatsTransporter } from "../plugins/nats/nats-transporter";

const RECONNECT_MS = 250;
/** NATS is asked so often whether it is there; after two answers less the connection is given up for a new one. */
const PING_MS = 5_000;

/** How this node reaches the others: NATS, which also shares calls out among the nodes of a service. Alone: not at all. */
export function transporterOf({ natsUrl, natsCaFile, namespace }: Config): BrokerOptions {
  if (natsUrl === undefined) return { namespace };
  return {
    namespace,
    transporter: new NatsTransporter(connectionOptions(natsUrl, natsCaFile)) as never,
    disableBalancer: true,
  };
}

function connectionOptions(urls: readonly string[], caFile: string | undefined): ConnectionOptions {
  const parsed = urls.map((url) => new URL(url));
  const { username, password } = parsed.find(({ username }) => username !== "") ?? { username: "", password: "" };
  const isTls = caFile !== undefined || parsed.some(({ protocol }) => protocol === "tls:");
  return {
    servers: parsed.map(({ hostname, port }) => `${hostname}:${port === "" ? "4222" : port}`),
    ...credentials(decodeURIComponent(username), decodeURIComponent(password)),
    ...(isTls ? { tls: caFile === undefined ? {} : { caFile } } : {}),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    // Credentials that change are refused for a while, which is no reason to give up for good.
    ignoreAuthErrorAbort: true,
    pingInterval: PING_MS,
    maxPingOut: 2,
  };
}

function credentials(user: string, pass: string): ConnectionOptions {
  if (user === "") return {};
  return pass === "" ? { token: user } : { user, pass };
}

/** Moleculer takes itself for connected while NATS is away, so that the client is asked. */
export function transporterReadiness(): Middleware {
  return {
    name: "TransporterReadiness",
    created(broker: ServiceBroker) {
      const transporter = broker.transit?.tx;
      if (transporter instanceof NatsTransporter) addReadinessCheck(broker, "nats", () => transporter.ping());
    },
  };
}
