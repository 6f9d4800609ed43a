import { DomainError } from "../../lib/errors";

export { UserNotFoundError } from "../../lib/errors";

export class BadCredentialsError extends DomainError {
  static override readonly code = 401;
  static override readonly type = "BAD_CREDENTIALS";
  /** The same for a name that nobody bears and for a wrong password. */
  constructor(message = "The name or the password is not right.") {
    super(message);
  }
}

export class BadRefreshTokenError extends DomainError {
  static override readonly code = 401;
  static override readonly type = "BAD_REFRESH_TOKEN";
  constructor() {
    super("This refresh token is not valid any more. Log in again.");
  }
}

export class AccountSuspendedError extends DomainError {
  static override readonly code = 403;
  static override readonly type = "ACCOUNT_SUSPENDED";
  constructor() {
    super("This account is suspended.");
  }
}

export class UsernameTakenError extends DomainError {
  static override readonly code = 409;
  static override readonly type = "USERNAME_TAKEN";
  constructor() {
    super("This username is taken.");
  }
}

export class EmailTakenError extends DomainError {
  static override readonly code = 409;
  static override readonly type = "EMAIL_TAKEN";
  constructor() {
    super("An account with this e-mail address exists.");
  }
}

export class SessionNotFoundError extends DomainError {
  static override readonly code = 404;
  static override readonly type = "SESSION_NOT_FOUND";
  constructor() {
    super("There is no such session.");
  }
}

export class LastAdminError extends DomainError {
  static override readonly code = 409;
  static override readonly type = "LAST_ADMIN";
  constructor() {
    super("This is the last admin. Make somebody else an admin first.");
  }
}
