import type { IncomingMessage, ServerResponse } from "node:http";
import type { Call } from "../define-service";
import type { Authenticated } from "./authenticate";

/** One request on its way through the gateway. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  /** Parts of the path by name. */
  path: Record<string, string>;
  query: URLSearchParams;
  address: string;
  /** Who asks; undefined without a token. */
  who: Authenticated | undefined;
  /** Calls in the name of the viewer. */
  call: Call;
}

/** Something at an address. Answers the request itself; what it throws becomes the error answer. */
export interface Endpoint {
  method: string;
  /** With `{name}` for a named part. */
  path: string;
  serve(exchange: Exchange): Promise<void>;
}
