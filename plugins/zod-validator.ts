import { type ActionParams, type Context, type Middleware, Validators } from "moleculer";
import { z } from "zod";

/** Where the schema hangs: a symbol is not serialised, so that a node's INFO packet and the REPL stay readable. */
const schemaKey = Symbol("zod");

/** Plain field descriptions for the REPL, with the Zod schema that is enforced hidden beside them. */
export function describeParams(schema: z.ZodObject): ActionParams {
  const fields: Record<string | symbol, unknown> = {};
  for (const [field, type] of Object.entries<z.core.$ZodType>(schema.shape)) fields[field] = describe(type);
  // A function, because Moleculer clones schemas deeply and a cloned Zod object is broken.
  fields[schemaKey] = () => schema;
  return fields as ActionParams;
}

function describe(type: z.core.$ZodType): string {
  const json = z.toJSONSchema(type, { unrepresentable: "any", io: "input" });
  const kind = Array.isArray(json.type) ? json.type.join("|") : (json.type ?? "any");
  const optional = type instanceof z.ZodType && type.safeParse(undefined).success;
  return `${kind}${optional ? ", optional" : ""}`;
}

/**
 * Validates params with the Zod schema of `describeParams`, and hands the handler what the schema made of them: defaults
 * filled in, unknown fields dropped, so that old and new nodes live side by side.
 */
export class ZodValidator extends Validators.Base {
  /** @param invalid makes the error that callers get. */
  constructor(private readonly invalid: (faults: { field: string; message: string }[]) => Error) {
    super({});
  }

  /** The three that Moleculer's base asks for; the middleware below is what runs. */
  override compile(): never {
    throw new Error("Schemas are compiled by Zod.");
  }

  override validate(): boolean {
    return true;
  }

  override convertSchemaToMoleculer(schema: object): object {
    return schema;
  }

  override middleware(): Middleware {
    const { invalid } = this;
    return {
      name: "ZodValidator",
      localAction(handler: (ctx: Context) => unknown, action: { params?: { [schemaKey]?: () => z.ZodObject } }) {
        const schema = action.params?.[schemaKey]?.();
        if (schema === undefined) return handler;
        return (ctx: Context) => {
          const parsed = schema.safeParse(ctx.params ?? {});
          if (!parsed.success) return Promise.reject(invalid(faultsOf(parsed.error)));
          ctx.params = parsed.data;
          return handler(ctx);
        };
      },
    };
  }
}

export function faultsOf(error: z.ZodError): { field: string; message: string }[] {
  return error.issues.map((issue) => ({ field: issue.path.join("."), message: issue.message }));
}
