import type { Context, Service, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type Config, configOf } from "../../lib/config";
import { DRAINING } from "../../lib/draining";
import type { Socket } from "node:net";
import { rateLimitsOf } from "../../mixins/redis";
import { Authenticator } from "./authenticate";
import { contracts, type EventData } from "../contracts";
import { endpoints } from "./endpoints";
import type { Endpoint } from "./exchange";
import { acceptUpgrade } from "./live/accept-socket";
import { KnownPages } from "./known-pages";
import { Live } from "./live/live";
import { passFeed } from "./pass-feed";
import { requestIdOf } from "./request-id";
import { type Gateway, serveRequest } from "./serve-request";

type Self = Service &
  Gateway & { server: Server; createRoute: (options: object) => unknown; addRoute: (options: object) => void };

const moleculerWeb = (ApiGateway as unknown as { methods: Record<"httpHandler", (...args: unknown[]) => unknown> })
  .methods;

/** The only door for HTTP. Knows addresses, tokens, limits and JSON, and no rule of the business. */
const apiService: ServiceSchema = {
  name: "api",
  mixins: [ApiGateway],
  dependencies: contracts.map(({ name }) => name),

  settings: {
    // Functions, and the same in every node: nothing to broadcast.
    $secureSettings: ["routes"],
    ...({ routes: [], logRouteRegistration: null, requestTimeout: 0, rootCallOptions } as object),
  },

  // Moleculer-web would let anybody on the bus read and change the routes. Requests wait for those whom they call, never for each other;
  // their span is made where they are served.
  actions: {
    ...{ listAliases: false, addRoute: false, removeRoute: false },
    rest: { bulkhead: { enabled: false }, tracing: false },
  } as never,

  events: {
    /** A hint from auth: what is remembered of these tokens may be out of date. */
    "auth.changed"(this: Self, ctx: Context<{ user_id: number }>) {
      this.authenticator.forget(ctx.params.user_id);
      this.live.authChanged(ctx.params.user_id);
    },
    async "feed.updated"(this: Self, ctx: Context<EventData<"feed.updated">>) {
      await this.live.feedUpdated(ctx.params);
    },
    "posts.changed"(this: Self, ctx: Context<{ post_ids: string[] }>) {
      this.live.postsChanged(ctx.params.post_ids);
    },
  },

  methods: {
    httpHandler(this: Self, request: IncomingMessage, response: ServerResponse, next: unknown) {
      if (!passFeed(this, request, response)) return moleculerWeb.httpHandler.call(this, request, response, next);
    },

    /** In place of moleculer-web's own, which makes a second context and log templates for each request. */
    async routeHandler(
      this: Self,
      ctx: Context,
      _: unknown,
      request: IncomingMessage,
      response: ServerResponse,
      found?: Alias,
    ) {
      await serveRequest(
        this,
        ctx,
        request,
        response,
        found && { endpoint: found.alias.handler(), path: found.params },
      );
      return true;
    },
  },

  created() {
    const self = this as unknown as Self;
    const config: Config = configOf(self.broker);
    self.config = config;
    self.authenticator = new Authenticator();
    self.pages = new KnownPages();
    self.rateLimits = rateLimitsOf(self.broker);
    self.origins = new Set(config.corsOrigins);
    self.live = new Live(self.broker, self.authenticator);
    (self.settings as Record<string, unknown>)["port"] = config.port;
    (self.settings as Record<string, unknown>)["ip"] = config.host;
    self.addRoute({
      path: "/",
      mappingPolicy: "restrict",
      bodyParsers: false,
      mergeParams: false,
      aliases: aliases(endpoints(self)),
    });
    // Longer than what load balancers keep, so that it is they who close.
    self.server.keepAliveTimeout = 65_000;
    self.server.on("upgrade", (request: IncomingMessage, line: Socket, head: Buffer) => {
      void acceptUpgrade(self, requestIdOf(request), request, line, head);
    });
    // The node stops: no new connections, and those that idle are closed. Requests under way are answered.
    self.broker.localBus.once(DRAINING, () => {
      self.server.close();
      self.live.drain();
    });
  },

  async stopped() {
    const { live, server } = this as unknown as Self;
    await live.stop();
    server.closeIdleConnections();
  },
};

interface Alias {
  alias: { handler: () => Endpoint };
  params: Record<string, string>;
}

/** Addresses in moleculer-web's form. Each leads to a function that tells the endpoint; `routeHandler` serves it. */
function aliases(all: readonly Endpoint[]): Record<string, () => Endpoint> {
  const table: Record<string, () => Endpoint> = {};
  for (const endpoint of all) {
    const path = endpoint.path.replace(/\{(\w+)\}/g, ":$1");
    table[`${endpoint.method} ${path}`] = () => endpoint;
    if (endpoint.method === "GET") table[`HEAD ${path}`] = () => endpoint;
  }
  return table;
}

/** Moleculer-web's hook before its one call: the request id is the context's. */
function rootCallOptions(options: { requestID?: string }, request: IncomingMessage): void {
  options.requestID = requestIdOf(request);
}

export default apiService;
