import { Errors } from "moleculer";

/** What a service refuses on purpose. `code` is the HTTP status, `type` is stable and listed in docs/errors.md. */
export abstract class DomainError extends Errors.MoleculerError {
  static readonly code: number;
  static readonly type: string;

  constructor(message: string, details?: Record<string, unknown>) {
    super(message, new.target.code, new.target.type, details);
    this.name = new.target.name;
  }
}

export interface FieldFault {
  field: string;
  message: string;
}

export class InvalidInputError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "INVALID_INPUT";
  constructor(faults: FieldFault[]) {
    super("Some fields are not valid.", { fields: faults });
  }
}

export class BadCursorError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "BAD_CURSOR";
  constructor() {
    super("This cursor is none that a list of this kind gave. Start again without one.");
  }
}

export class UnauthenticatedError extends DomainError {
  static override readonly code = 401;
  static override readonly type = "UNAUTHENTICATED";
  constructor(message = "This needs a valid access token.") {
    super(message);
  }
}

export class ForbiddenError extends DomainError {
  static override readonly code = 403;
  static override readonly type = "FORBIDDEN";
  constructor(message = "Your role does not allow this.") {
    super(message);
  }
}

/** The request may have been fine: a part that it needs is not reachable now. */
export class UnavailableError extends DomainError {
  static override readonly code = 503;
  static override readonly type = "UNAVAILABLE";
  constructor(message = "A part that this needs cannot be reached at the moment. Try again soon.") {
    super(message);
  }
}

export class IdempotencyKeyReusedError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "IDEMPOTENCY_KEY_REUSED";
  constructor() {
    super("This Idempotency-Key was used with another body in the last 24 hours. Take a new key.");
  }
}

/** Also for an account that the viewer may not know of: a block must look like a missing account. */
export class UserNotFoundError extends DomainError {
  static override readonly code = 404;
  static override readonly type = "USER_NOT_FOUND";
  constructor() {
    super("There is no such account.");
  }
}

export class PrivateAccountError extends DomainError {
  static override readonly code = 403;
  static override readonly type = "PRIVATE_ACCOUNT";
  constructor() {
    super("This account is private: only its accepted followers see this.");
  }
}
