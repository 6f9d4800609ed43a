import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { type FieldFault, InvalidInputError } from "../../lib/errors";
import { faultsOf } from "../../plugins/zod-validator";
import { MalformedRequestError, PayloadTooLargeError, UnsupportedContentTypeError } from "./api.errors";

const maxJsonBytes = 256 * 1024;

/** Path, query and body as one object that the schema accepts. Unknown fields, and fields given twice, are faults. */
export async function readParams(
  request: IncomingMessage,
  schema: z.ZodObject,
  path: Record<string, string>,
  query: URLSearchParams,
): Promise<Record<string, unknown>> {
  const body = hasBody(request) ? await readJson(request) : {};
  const faults: FieldFault[] = [];
  const given: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const take = (field: string, value: unknown) => {
    if (field in given) faults.push({ field, message: "was given twice" });
    given[field] = value;
  };
  for (const [field, value] of Object.entries(path)) take(field, fromText(schema, field, value));
  for (const [field, value] of query) take(field, fromText(schema, field, value));
  for (const [field, value] of Object.entries(body)) take(field, value);
  for (const field of Object.keys(given)) {
    if (!Object.hasOwn(schema.shape, field)) faults.push({ field, message: "is not known here" });
  }
  const parsed = schema.safeParse({ ...given });
  if (!parsed.success) faults.push(...faultsOf(parsed.error));
  if (faults.length > 0) throw new InvalidInputError(faults);
  return parsed.data as Record<string, unknown>;
}

/** Paths and queries are text: what the schema wants as something else is read as that, and left alone where it cannot be. */
function fromText(schema: z.ZodObject, field: string, text: string): unknown {
  if (!Object.hasOwn(schema.shape, field)) return text;
  let type: unknown = schema.shape[field];
  while (type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodNullable)
    type = type.unwrap();
  if (type instanceof z.ZodNumber) return /^-?\d{1,16}$/.test(text) ? Number(text) : text;
  if (type instanceof z.ZodBoolean) return text === "true" ? true : text === "false" ? false : text;
  if (type instanceof z.ZodArray) return text.split(",");
  return text;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const type = (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  if (type !== "application/json" && !type.endsWith("+json")) throw new UnsupportedContentTypeError("application/json");
  const text = await readText(request);
  let value: unknown;
  try {
    // A "__proto__" in a body must never become one.
    value = JSON.parse(text, (key, field: unknown) => (key === "__proto__" ? undefined : field));
  } catch {
    throw new MalformedRequestError("The body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedRequestError("The body must be a JSON object.");
  }
  return value as Record<string, unknown>;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxJsonBytes) throw new PayloadTooLargeError(maxJsonBytes);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new MalformedRequestError("The body is not UTF-8.");
  }
}
