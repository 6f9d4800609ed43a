import { DomainError } from "../../lib/errors";

export { PrivateAccountError, UserNotFoundError } from "../../lib/errors";

export class RequestNotFoundError extends DomainError {
  static override readonly code = 404;
  static override readonly type = "REQUEST_NOT_FOUND";
  constructor() {
    super("This account does not ask to follow you.");
  }
}

export class SelfFollowError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "SELF_FOLLOW";
  constructor() {
    super("Nobody can follow themselves.");
  }
}

export class SelfBlockError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "SELF_BLOCK";
  constructor() {
    super("Nobody can block themselves.");
  }
}

export class SelfMuteError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "SELF_MUTE";
  constructor() {
    super("Nobody can mute themselves.");
  }
}
