import { z } from "zod";
import type { Route } from "./route";
import { errorAnswer, streamPaths } from "./stream-paths";

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of these routes: made from the same contracts that validate, so it cannot lag behind. */
export function openApiDocument(
  routes: readonly Route[],
  options: { prefix: string; version: string; errors: readonly ErrorRow[] },
): Json {
  const components: Json = { Error: errorSchema(options.errors) };
  const paths: Record<string, Json> = { ...streamPaths() };
  for (const route of routes) {
    const item = (paths[`${options.prefix}${route.path}`] ??= {});
    item[route.method.toLowerCase()] = operation(route, components);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Emulsion",
      version: options.version,
      description: "A photo-sharing social backend.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas: components,
    },
  };
}

export interface ErrorRow {
  type: string;
  code: number;
}

function operation(route: Route, components: Json): Json {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const params = inlined(route.params, "input", components) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  const fields = Object.entries(params.properties ?? {});
  const others = fields.filter(([name]) => !inPath.includes(name));
  const takesBody = route.method === "POST" || route.method === "PATCH";
  const required = new Set(params.required ?? []);
  const parameters: Json[] = fields
    .filter(([name]) => inPath.includes(name))
    .map(([name, schema]) => ({ name, in: "path", required: true, schema }));
  if (!takesBody) {
    for (const [name, schema] of others) {
      parameters.push({
        name,
        in: "query",
        required: required.has(name),
        schema,
        ...(schema["type"] === "array" ? { explode: false } : {}),
      });
    }
  }
  if (route.takesIdempotencyKey) {
    parameters.push({
      name: "Idempotency-Key",
      in: "header",
      required: false,
      schema: { type: "string", minLength: 1, maxLength: 255 },
    });
  }
  const body = Object.fromEntries(others);
  const bodyRequired = others.map(([name]) => name).filter((name) => required.has(name));
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.access === "anyone" ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(takesBody && others.length > 0
      ? {
          requestBody: {
            required: bodyRequired.length > 0,
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  properties: body,
                  ...(bodyRequired.length > 0 ? { required: bodyRequired } : {}),
                  additionalProperties: false,
                },
              },
            },
          },
        }
      : {}),
    responses: {
      [String(route.status)]:
        route.status === 204
          ? { description: "Done." }
          : {
              description: "Done.",
              content: { "application/json": { schema: inlined(route.result, "output", components) } },
            },
      default: errorAnswer,
    },
  };
}

function operationId({ method, path }: Route): string {
  return (
    method.toLowerCase() + path.replace(/[{}]/g, "").replace(/[/_-]+(\w)/g, (_, letter: string) => letter.toUpperCase())
  );
}

/** A schema as JSON Schema, with what carries an id moved to the components. */
function inlined(schema: z.ZodType, io: "input" | "output", components: Json): Json {
  const {
    $schema: _,
    $defs,
    ...json
  } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json & { $defs?: Json };
  for (const [name, definition] of Object.entries($defs ?? {})) components[name] = rewritten(definition);
  return rewritten(json) as Json;
}

function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "id" || typeof (value as Json)["id"] !== "string")
      .map(([key, field]) => [
        key,
        key === "$ref" ? String(field).replace("#/$defs/", "#/components/schemas/") : rewritten(field),
      ]),
  );
}

function errorSchema(errors: readonly ErrorRow[]): Json {
  return {
    type: "object",
    required: ["error"],
    properties: {
      error: {
        type: "object",
        required: ["type", "message", "request_id"],
        properties: {
          type: { type: "string", enum: [...new Set(errors.map(({ type }) => type))].sort() },
          message: { type: "string" },
          details: { type: "object" },
          request_id: { type: "string" },
        },
      },
    },
  };
}
