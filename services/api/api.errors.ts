import { DomainError } from "../../lib/errors";

export class MalformedRequestError extends DomainError {
  static override readonly code = 400;
  static override readonly type = "MALFORMED_REQUEST";
  constructor(message: string) {
    super(message);
  }
}

export class RouteNotFoundError extends DomainError {
  static override readonly code = 404;
  static override readonly type = "NOT_FOUND";
  constructor() {
    super("There is nothing at this address. /docs lists what there is.");
  }
}

export class MethodNotAllowedError extends DomainError {
  static override readonly code = 405;
  static override readonly type = "METHOD_NOT_ALLOWED";
  constructor(allowed: readonly string[]) {
    super(`This address takes ${allowed.join(", ")}.`, { allowed });
  }
}

export class NotAcceptableError extends DomainError {
  static override readonly code = 406;
  static override readonly type = "NOT_ACCEPTABLE";
  constructor(given: string) {
    super(`What comes from here is ${given}, which Accept leaves out.`, { content_type: given });
  }
}

export class UpgradeRequiredError extends DomainError {
  static override readonly code = 426;
  static override readonly type = "UPGRADE_REQUIRED";
  constructor() {
    super("This address speaks WebSocket alone.", { upgrade: "websocket" });
  }
}

/** Another than for too many requests: waiting does not help, closing one does. */
export class TooManyStreamsError extends DomainError {
  static override readonly code = 429;
  static override readonly type = "TOO_MANY_STREAMS";
  constructor(most: number) {
    super(`One person may have ${most} streams and sockets open here. Close one first.`, { max_streams: most });
  }
}

export class PayloadTooLargeError extends DomainError {
  static override readonly code = 413;
  static override readonly type = "PAYLOAD_TOO_LARGE";
  constructor(maxBytes: number) {
    super(`This is larger than the ${maxBytes} bytes that are taken here.`, { max_bytes: maxBytes });
  }
}

export class UnsupportedContentTypeError extends DomainError {
  static override readonly code = 415;
  static override readonly type = "UNSUPPORTED_CONTENT_TYPE";
  constructor(expected: string) {
    super(`The body must be ${expected}.`);
  }
}

export class RangeNotSatisfiableError extends DomainError {
  static override readonly code = 416;
  static override readonly type = "RANGE_NOT_SATISFIABLE";
  constructor() {
    super("The range lies outside of the file.");
  }
}

export class TooManyRequestsError extends DomainError {
  static override readonly code = 429;
  static override readonly type = "TOO_MANY_REQUESTS";
  constructor(retryAfterSeconds: number) {
    super(`Too many requests. Try again in ${retryAfterSeconds} seconds.`, { retry_after_seconds: retryAfterSeconds });
  }
}

/** Of an unknown error nothing is told but the request id, by which the log has the rest. */
export class InternalError extends DomainError {
  static override readonly code = 500;
  static override readonly type = "INTERNAL";
  constructor() {
    super("Something went wrong on our side. The request id helps to find it.");
  }
}
