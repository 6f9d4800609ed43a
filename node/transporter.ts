import type { BrokerOptions, Middleware, ServiceBroker } from "moleculer";
import type { ConnectionOptions, TlsOptions } from "nats";
import { checkServerIdentity, type ConnectionOptions as TlsConnectionOptions } from "node:tls";
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
    ...(isTls ? { tls: tlsOptions(parsed, caFile) } : {}),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    // Credentials that change are refused for a while, which is no reason to give up for good.
    ignoreAuthErrorAbort: true,
    pingInterval: PING_MS,
    maxPingOut: 2,
  };
}

/** The client checks a certificate against a name alone, and takes none for an address: here against each server of the URL. */
function tlsOptions(servers: readonly URL[], caFile: string | undefined): TlsOptions {
  const options: TlsOptions & Pick<TlsConnectionOptions, "checkServerIdentity"> = {
    ...(caFile === undefined ? {} : { caFile }),
    checkServerIdentity: (_name, certificate) => {
      const faults = servers.map(({ hostname }) => checkServerIdentity(hostname.replace(/^\[|\]$/g, ""), certificate));
      return faults.includes(undefined) ? undefined : faults[0];
    },
  };
  return options;
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
