import type { Context, Middleware } from "moleculer";
import type { ActionContract } from "../../lib/contract";
import { contracts } from "../../services/contracts";

const actions = new Map<string, ActionContract>(
  contracts.flatMap(({ name, actions }) =>
    Object.entries<ActionContract>(actions).map(([action, contract]) => [`${name}.${action}`, contract] as const),
  ),
);

/** Results are held against their contract in tests only, where the cost does not matter. */
export function checkedResults(): Middleware {
  return {
    name: "CheckedResults",
    localAction(handler: (ctx: Context) => Promise<unknown>, action: { name: string }) {
      const contract = actions.get(action.name);
      if (contract === undefined) return handler;
      return async (ctx: Context) => {
        const result = await handler(ctx);
        const parsed = contract.result.safeParse(result);
        if (!parsed.success) throw new Error(`${action.name} answered against its contract: ${parsed.error.message}`);
        return result;
      };
    },
  } as unknown as Middleware;
}
