import type { ServiceBroker } from "moleculer";

type Check = () => Promise<void>;

interface Row {
  check: Check;
  isNeeded: boolean;
}

const checksOf = new WeakMap<ServiceBroker, Map<string, Row>>();
const timeoutMs = 2000;

/** Something that this node cannot do without. The check throws while it cannot be reached. */
export function addReadinessCheck(broker: ServiceBroker, name: string, check: Check): void {
  add(broker, name, { check, isNeeded: true });
}

/** Something that this node is right without, only slower: told of, and no reason to be unready. */
export function addReadinessNote(broker: ServiceBroker, name: string, check: Check): void {
  add(broker, name, { check, isNeeded: false });
}

function add(broker: ServiceBroker, name: string, row: Row): void {
  const rows = checksOf.get(broker) ?? new Map<string, Row>();
  checksOf.set(broker, rows.set(name, row));
}

export interface Readiness {
  is_ready: boolean;
  checks: Record<string, boolean>;
}

/** Asks each of the node's dependencies now. A node that is still starting, or stops, is not ready whatever they say. */
export async function readinessOf(broker: ServiceBroker): Promise<Readiness> {
  const rows = await Promise.all(
    [...(checksOf.get(broker) ?? [])].map(async ([name, { check, isNeeded }]) => {
      return { name, isNeeded, isReached: await passes(check) };
    }),
  );
  const checks = Object.fromEntries(rows.map(({ name, isReached }) => [name, isReached]));
  const areThere = rows.every(({ isNeeded, isReached }) => isReached || !isNeeded);
  return { is_ready: broker.started && areThere, checks: { started: broker.started, ...checks } };
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
