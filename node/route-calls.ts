import { type CallingOptions, Errors, type Middleware, ServiceBroker } from "moleculer";

/** What is used here of Moleculer's list of the nodes that offer an action. */
interface Endpoint {
  id: string;
  /** False while its circuit breaker is open. */
  state: boolean;
  isAvailable: boolean;
  action: { isSharedOut?: boolean };
}
interface Offers {
  endpoints: Endpoint[];
  localEndpoints: Endpoint[];
  next(): Endpoint | null;
}

type Call = (action: string, params?: unknown, options?: CallingOptions) => Promise<unknown>;

/**
 * Where the calls of a fleet's node go, for Moleculer sends every one through NATS once NATS shares them out:
 * - to this node where it offers the action itself (Moleculer's `preferLocal`), unless the action is one to be shared out;
 * - with a stream to one node by its name, for every piece must reach the same;
 * - nowhere while the circuit breaker is open, which Moleculer counts and then does not ask;
 * - else to NATS.
 */
export function routeCalls(): Middleware {
  return {
    name: "RouteCalls",
    created(broker: ServiceBroker) {
      if (broker.options.disableBalancer !== true) return;
      // Replaced and not wrapped by Moleculer's own hook, which would give a call that it did not make the context of another.
      const throughNats = broker.call.bind<Call>(broker);
      const locally = ServiceBroker.prototype.call.bind<Call>(broker);
      const here = { nodeID: broker.nodeID };

      const call: Call = (action, params, options = {}) => {
        const offers = broker.registry.getActionEndpoints(action) as unknown as Offers | undefined;
        if (options.nodeID !== undefined || offers === undefined || offers.endpoints.length === 0) {
          const isHere = options.nodeID === broker.nodeID;
          return isHere ? locally(action, params, options) : throughNats(action, params, options);
        }
        if (isForHere(offers)) return locally(action, params, { ...options, ...here });
        const chosen = options.stream === undefined ? offers.endpoints[0] : offers.next();
        if (chosen?.state !== true) return Promise.reject(new Errors.ServiceNotAvailableError({ action }));
        return throughNats(action, params, options.stream === undefined ? options : { ...options, nodeID: chosen.id });
      };
      (broker as { call: Call }).call = call;
    },
  };
}

function isForHere({ endpoints, localEndpoints }: Offers): boolean {
  const local = localEndpoints.find(({ isAvailable }) => isAvailable);
  return local !== undefined && (endpoints.length === 1 || local.action.isSharedOut !== true);
}
