/** What Moleculer's `$node.list` tells of a node. */
export interface KnownNode {
  id: string;
  available: boolean;
  local: boolean;
  cpu: number | null;
  lastHeartbeatTime: number;
  client: { version: string };
  services?: { name: string }[];
}

/** What Moleculer's `$node.services` tells of a service. */
export interface KnownService {
  name: string;
  nodes?: string[];
  available?: boolean;
  actions?: Record<string, unknown>;
}

/** Addresses, host names and configuration stay inside. `beats`: whether nodes send each other heartbeats. */
export function presentNode(node: KnownNode, beats: boolean) {
  // Moleculer counts in seconds of uptime, and has no heartbeat of its own node.
  const sinceHeartbeat =
    node.local || !beats ? null : Math.max(0, Math.round(process.uptime() - node.lastHeartbeatTime));
  return {
    id: node.id,
    is_available: node.available,
    is_local: node.local,
    // Names with a $ are Moleculer's own.
    services: (node.services ?? []).flatMap(({ name }) => (name.startsWith("$") ? [] : [name])).sort(),
    moleculer_version: node.client.version,
    cpu_percent: node.cpu,
    seconds_since_heartbeat: sinceHeartbeat,
  };
}

/** One row a service, with every node that offers it. */
export function presentServices(services: readonly KnownService[]) {
  const rows = new Map<string, { name: string; node_ids: string[]; actions: string[]; is_available: boolean }>();
  for (const { name, nodes, available, actions } of services) {
    const row = rows.get(name) ?? { name, node_ids: [], actions: [], is_available: false };
    row.node_ids = [...new Set([...row.node_ids, ...(nodes ?? [])])].sort();
    row.actions = [...new Set([...row.actions, ...Object.keys(actions ?? {})])].sort();
    row.is_available ||= available !== false;
    rows.set(name, row);
  }
  return [...rows.values()].sort((a, b) => a.name.localeCompare(b.name));
}
