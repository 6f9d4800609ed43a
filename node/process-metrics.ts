import type { Middleware, ServiceBroker } from "moleculer";
import { type IntervalHistogram, monitorEventLoopDelay, performance } from "node:perf_hooks";

const INTERVAL_MS = 15_000;
const NS_PER_MS = 1e6;

interface Gauge {
  name: string;
  unit: string;
  description: string;
  read: () => number;
}

/**
 * How the process is, in `/metrics`. Moleculer's own collector asks Node for its active resources, which ends the process
 * (`std::length_error`) where Node's count of timers has fallen below zero.
 */
export function processMetrics(): Middleware {
  let timer: NodeJS.Timeout | undefined;
  let delay: IntervalHistogram | undefined;
  return {
    name: "ProcessMetrics",
    async started({ metrics }: ServiceBroker) {
      if (!metrics.isEnabled()) return;
      delay = monitorEventLoopDelay();
      delay.enable();
      const gauges = gaugesOf(delay);
      for (const { name, unit, description } of gauges) metrics.register({ name, type: "gauge", unit, description });
      const collect = (): void => gauges.forEach(({ name, read }) => void metrics.set(name, read()));
      collect();
      timer = setInterval(collect, INTERVAL_MS).unref();
    },
    async stopped() {
      clearInterval(timer);
      delay?.disable();
    },
  };
}

function gaugesOf(delay: IntervalHistogram): Gauge[] {
  let seen = performance.eventLoopUtilization();
  const bytes = (name: string, description: string, read: () => number): Gauge => ({
    name: `process.memory.${name}`,
    unit: "byte",
    description,
    read,
  });
  return [
    bytes("rss", "Resident memory.", () => process.memoryUsage.rss()),
    bytes("heap.total", "JavaScript heap that is reserved.", () => process.memoryUsage().heapTotal),
    bytes("heap.used", "JavaScript heap in use.", () => process.memoryUsage().heapUsed),
    bytes("external", "Memory of buffers and native objects.", () => process.memoryUsage().external),
    {
      name: "process.cpu.seconds",
      unit: "second",
      description: "Processor time since the start, user and system.",
      read: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      },
    },
    {
      name: "process.eventloop.utilization",
      unit: "ratio",
      description: "Part of the time since the last collection that the event loop was busy, 0 to 1.",
      read: () => {
        const now = performance.eventLoopUtilization();
        const { utilization } = performance.eventLoopUtilization(now, seen);
        seen = now;
        return utilization;
      },
    },
    {
      name: "process.eventloop.delay.p99",
      unit: "millisecond",
      description: "99th percentile of the event loop's delay since the last collection.",
      read: () => {
        const p99Ms = delay.percentile(99) / NS_PER_MS;
        delay.reset();
        return p99Ms;
      },
    },
    { name: "process.uptime", unit: "second", description: "Since the start.", read: () => process.uptime() },
  ];
}
