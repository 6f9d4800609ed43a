import { inspect } from "node:util";
import type { Change, Document } from "./document-store";

/**
 * A copy that shares nothing with the caller's, of what both stores keep alike: plain objects, arrays, text, finite
 * numbers, booleans, null and Dates. What is undefined is left out.
 * @throws {TypeError} for anything else: after a commit began it would be too late to refuse.
 */
export function copyDocument<Doc extends Document>(doc: Doc): Doc {
  if (typeof doc._id !== "string" || doc._id === "" || doc._id === "__proto__")
    throw new TypeError("A document's _id must be a text that is not empty.");
  return copyValue(doc, doc._id) as Doc;
}

/** The document after the change; the one given stays as it was. */
export function changeDocument<Doc extends Document>(doc: Doc, change: Change<Doc>): Doc {
  const { set, increment } = checkedChange(doc._id, change);
  const after = { ...doc, ...set } as Record<string, unknown>;
  for (const [field, by] of Object.entries(increment)) {
    const before = after[field] ?? 0;
    if (typeof before !== "number")
      throw new TypeError(`The field ${field} of ${doc._id} is no number that could be incremented.`);
    after[field] = before + by;
  }
  return copyDocument(after as unknown as Doc);
}

/** The change without what is undefined, sharing nothing with the caller's. @throws {TypeError} for what cannot be stored. */
export function checkedChange<Doc extends Document>(id: string, change: Change<Doc>) {
  const { _id, ...set } = copyDocument({ _id: id, ...change.set }) as Document & Record<string, unknown>;
  if (_id !== id) throw new TypeError(`The _id of ${id} cannot be changed.`);
  const increment: Record<string, number> = {};
  for (const [field, by] of Object.entries<unknown>(change.increment ?? {})) {
    if (by === undefined) continue;
    if (typeof by !== "number" || !Number.isFinite(by))
      throw new TypeError(`The field ${field} of ${id} cannot be incremented by ${inspect(by)}.`);
    increment[field] = by;
  }
  return { set, increment };
}

function copyValue(value: unknown, path: string): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return new Date(value);
  if (Array.isArray(value)) return value.map((item, i) => copyValue(item, `${path}.${i}`));
  if (typeof value === "object" && isPlain(value)) return copyFields(value, path);
  throw new TypeError(`${path} holds what cannot be stored: ${inspect(value)}`);
}

function copyFields(value: object, path: string): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(value)) {
    if (field.startsWith("$") || field.includes(".") || field === "__proto__")
      throw new TypeError(`${path} has a field named ${field}: no "$" before it and no "." in it can be stored.`);
    if (inner !== undefined) copy[field] = copyValue(inner, `${path}.${field}`);
  }
  return copy;
}

/** By shape and not by identity, so that objects made in another realm (Jest's) count. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
