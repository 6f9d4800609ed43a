interface LocalService {
  name: string;
  actions?: Record<string, unknown>;
  events?: Record<string, { group?: string }>;
}

export interface Queue {
  command: string;
  /** Of the members whom NATS shares calls or events out among. */
  name: string;
}

/** What a node with these services listens to beside the others that have them, by topic, as Moleculer names it. */
export function wantedQueues(services: readonly LocalService[], prefix: string): Map<string, Queue> {
  const wanted = new Map<string, Queue>();
  for (const { name: service, actions, events } of services) {
    for (const action of Object.keys(actions ?? {}))
      wanted.set(`${prefix}.REQB.${action}`, { command: "REQ", name: action });
    for (const [event, { group = service }] of Object.entries(events ?? {})) {
      const topic = `${prefix}.EVENTB.${group}.${event}`.replace(/\*\*.*$/g, ">");
      wanted.set(topic, { command: "EVENT", name: group });
    }
  }
  return wanted;
}
