import { Errors } from "moleculer";
import * as shared from "../lib/errors";
import * as api from "./api/api.errors";
import * as auth from "./auth/auth.errors";
import * as media from "./media/media.errors";
import type { DomainError } from "../lib/errors";
import * as posts from "./posts/posts.errors";
import * as graph from "./graph/graph.errors";

type ErrorClass = { readonly code: number; readonly type: string; prototype: DomainError };

/** Every error that the API may answer with, by class name. A service adds its NAME.errors.ts here. */
export const errorModules: Record<string, Record<string, unknown>> = { shared, api, auth, media, graph, posts };

export function errorClasses(): Map<string, ErrorClass> {
  const classes = new Map<string, ErrorClass>();
  for (const module of Object.values(errorModules)) {
    for (const [name, value] of Object.entries(module)) {
      if (typeof value === "function" && typeof (value as unknown as ErrorClass).type === "string") {
        classes.set(name, value as unknown as ErrorClass);
      }
    }
  }
  return classes;
}

/** Gives the caller on another node an error of the class that was thrown. */
export class DomainErrorRegenerator extends Errors.Regenerator {
  private readonly classes = errorClasses();

  override restoreCustomError(plain: Errors.PlainMoleculerError): Errors.MoleculerError {
    const ErrorClass = this.classes.get(plain.name);
    // Undefined makes Moleculer rebuild its own classes, whatever its typing says.
    if (ErrorClass === undefined) return undefined as never;
    const { name, message, code, type } = plain;
    const data = plain.data as unknown;
    return Object.assign(Object.create(ErrorClass.prototype) as Errors.MoleculerError, {
      name,
      message,
      code,
      type,
      data,
      retryable: false,
    });
  }
}
