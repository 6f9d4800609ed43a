import type { ServiceBroker } from "moleculer";

type Check = () => Promise<void>;

const checksOf = new WeakMap<ServiceBroker, Map<string, Check>>();
const timeoutMs = 2000;

/** Something that this node cannot do without. The check throws while it cannot be reached. */
export function addReadinessCheck(broker: ServiceBroker, name: string, check: Check): void {
  const checks = checksOf.get(broker) ?? new Map<string, Check>();
  checksOf.set(broker, checks.set(name, check));
}

export interface Readiness {
  is_ready: boolean;
  checks: Record<string, boolean>;
}

/** Asks each of the node's dependencies now. */
export async function readinessOf(broker: ServiceBroker): Promise<Readiness> {
  const rows = await Promise.all(
    [...(checksOf.get(broker) ?? [])].map(async ([name, check]) => [name, await passes(check)] as const),
  );
  const checks = Object.fromEntries(rows);
  return { is_ready: rows.every(([, isReady]) => isReady), checks };
}

async function passes(check: Check): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("took too long")), timeoutMs);
  });
  try {
    await Promise.race([check(), late]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
