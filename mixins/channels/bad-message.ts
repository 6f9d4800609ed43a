import { Errors } from "moleculer";

const TYPE = "BAD_MESSAGE";

/** Thrown by a handler for an event that can never be handled, however often it is tried. */
export class BadMessageError extends Errors.MoleculerError {
  constructor(message: string, data?: unknown) {
    super(message, 422, TYPE, data);
    this.name = "BadMessageError";
  }
}

/** "down": a part that is needed cannot be reached. "bad": the message is at fault. "bug": nobody expected this. */
export type FailureKind = "down" | "bad" | "bug";

const GATEWAY_CODES = new Set<unknown>([502, 503, 504]);

/** By fields and not by class, for an error that crossed a wire has lost its class. */
export function kindOfFailure(error: unknown): FailureKind {
  const { type, code, retryable } = (error ?? {}) as { type?: unknown; code?: unknown; retryable?: unknown };
  if (type === TYPE) return "bad";
  return retryable === true || GATEWAY_CODES.has(code) ? "down" : "bug";
}
