import type { ServiceBroker } from "moleculer";

const counters = {
  "posts.created.total": "Posts that were published.",
  "posts.likes.total": "Likes that were given to posts.",
  "posts.comments.total": "Comments that were written.",
} as const;

/** The spec's post, like and comment rates, as counters beside the broker's own metrics. */
export function registerPostMetrics({ metrics }: ServiceBroker): void {
  if (!metrics.isEnabled()) return;
  for (const [name, description] of Object.entries(counters)) metrics.register({ type: "counter", name, description });
}

export function countOne({ metrics }: ServiceBroker, name: keyof typeof counters): void {
  if (metrics.isEnabled()) metrics.increment(name);
}
