import type { z } from "zod";
import type { Access, ActionContract } from "../../lib/contract";
import { type ActionName, contracts } from "../contracts";
import type { Call } from "../define-service";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** Which limit a request counts against. */
export type Rate = "auth" | "read" | "write";

/** What the gateway knows of a request beside what the client sent. */
export interface GatewayRequest {
  call: Call;
  /** Path, query and body in one, held against `params` of the route. */
  params: Record<string, unknown>;
  /** The session behind the access token. */
  sessionId: string | undefined;
  device: { user_agent: string; address: string };
  idempotencyKey: string | undefined;
}

export interface Route {
  method: Method;
  /** Below /api/v1, `{name}` for a part of the path that is a field of `params`. */
  path: string;
  tag: string;
  summary: string;
  access: Access;
  /** What a client may send: anything else is a 422. */
  params: z.ZodObject;
  result: z.ZodType;
  /** 204 answers without a body, whatever `run` gives. */
  status: 200 | 201 | 204;
  rate: Rate;
  takesIdempotencyKey: boolean;
  run(request: GatewayRequest): Promise<unknown>;
}

/** Fields that the gateway fills in, which a client therefore cannot send. */
const filled = {
  device: ({ device }: GatewayRequest) => device,
  session_id: ({ sessionId }: GatewayRequest) => sessionId,
  idempotency_key: ({ idempotencyKey }: GatewayRequest) => idempotencyKey,
} as const;

interface Options {
  status?: Route["status"];
  rate?: Rate;
  fill?: (keyof typeof filled)[];
}

const actions = new Map<string, ActionContract>(
  contracts.flatMap(({ name, actions }) =>
    Object.entries<ActionContract>(actions).map(([action, contract]) => [`${name}.${action}`, contract] as const),
  ),
);

/** A route that is one action: its contract says what may be sent and what is answered. */
export function toAction(
  tag: string,
  endpoint: `${Method} ${string}`,
  action: ActionName,
  options: Options = {},
): Route {
  const contract = actions.get(action)!;
  const [method, path] = endpoint.split(" ") as [Method, string];
  const fill = options.fill ?? [];
  const omitted = Object.fromEntries(fill.map((field) => [field, true])) as Record<string, true>;
  return {
    method,
    path,
    tag,
    summary: contract.summary,
    access: contract.access === "internal" ? "viewer" : contract.access,
    params: contract.params.omit(omitted as never),
    result: contract.result,
    status: options.status ?? (method === "DELETE" ? 204 : 200),
    rate: options.rate ?? (method === "GET" ? "read" : "write"),
    takesIdempotencyKey: fill.includes("idempotency_key"),
    run: (request) => {
      const given = Object.fromEntries(fill.map((field) => [field, filled[field](request)]));
      return request.call(action, { ...request.params, ...given });
    },
  };
}

interface Composed<P extends z.ZodObject, R extends z.ZodType> {
  summary: string;
  params: P;
  result: R;
  status?: Route["status"];
  run: (call: Call, params: z.output<P>) => Promise<z.input<R>>;
}

/** A route that several actions serve, or one of several. */
export function composed<P extends z.ZodObject, R extends z.ZodType>(
  tag: string,
  endpoint: `${Method} ${string}`,
  { summary, params, result, status, run }: Composed<P, R>,
): Route {
  const [method, path] = endpoint.split(" ") as [Method, string];
  return {
    method,
    path,
    tag,
    summary,
    access: "viewer",
    params,
    result,
    status: status ?? 200,
    rate: method === "GET" ? "read" : "write",
    takesIdempotencyKey: false,
    run: ({ call, params: given }) => run(call, given as z.output<P>),
  };
}
