/** Where a process dies between two steps (mixins/failpoint.ts), by the service of which a node must have one. */
const points: Record<string, readonly string[]> = {
  "outbox.before-commit": ["graph", "posts", "newsfeed"],
  "outbox.committed": ["graph", "posts", "newsfeed"],
  "outbox.read": ["graph", "posts", "newsfeed"],
  "outbox.delivered": ["graph", "posts", "newsfeed"],
  "channels.before-effect": ["graph", "newsfeed"],
  "channels.effect-done": ["graph", "newsfeed"],
  "kafka.before-commit": ["graph", "newsfeed"],
  "timelines.building": ["newsfeed"],
};

export const failpoints: readonly string[] = Object.keys(points);

/** Those that a node with these services comes to. */
export function failpointsOf(services: readonly string[]): string[] {
  return failpoints.filter((point) => points[point]!.some((service) => services.includes(service)));
}
