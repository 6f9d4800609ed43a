import type { ServiceBroker } from "moleculer";

const SIZES = "media.upload.bytes";
const KIB = 1024;

/** The spec's media upload size. */
export function registerUploadMetrics({ metrics }: ServiceBroker): void {
  if (!metrics.isEnabled()) return;
  metrics.register({
    type: "histogram",
    name: SIZES,
    labelNames: ["kind"],
    unit: "bytes",
    description: "Sizes of uploads that were stored.",
    buckets: [64 * KIB, 256 * KIB, KIB ** 2, 4 * KIB ** 2, 16 * KIB ** 2, 64 * KIB ** 2, 256 * KIB ** 2],
  });
}

export function countUpload({ metrics }: ServiceBroker, kind: "image" | "video", bytes: number): void {
  if (metrics.isEnabled()) metrics.observe(SIZES, bytes, { kind });
}
