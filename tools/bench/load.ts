import type { HttpConnection } from "./http-connection";

/** Answers a second while every connection asks again as soon as it was answered. */
export function throughput(connections: readonly HttpConnection[], durationMs: number): Promise<number> {
  const began = performance.now();
  let answers = 0;
  let busy = connections.length;
  return new Promise((resolve, reject) => {
    for (const connection of connections) {
      const again = (): void => {
        answers += 1;
        if (performance.now() - began < durationMs) connection.ask(again, reject);
        else if (--busy === 0) resolve((answers / (performance.now() - began)) * 1000);
      };
      connection.ask(again, reject);
    }
  });
}

/**
 * Waiting times in ms, sorted, of requests that are due at a fixed rate whether or not earlier ones are answered. Counted from
 * when each was due, so that a pause of the server is felt by everybody whom it would have kept waiting.
 */
export function latencies(connections: readonly HttpConnection[], perSecond: number, count: number): Promise<number[]> {
  const idle = [...connections];
  const began = performance.now();
  const times: number[] = [];
  let next = 0;
  return new Promise((resolve, reject) => {
    const dueAt = (number: number): number => began + (number * 1000) / perSecond;
    const finish = (): void => {
      clearInterval(timer);
      resolve(times.sort((a, b) => a - b));
    };
    const sendDue = (): void => {
      while (next < count && dueAt(next) <= performance.now()) {
        const connection = idle.pop();
        // All are busy: it goes on waiting, and its time runs.
        if (connection === undefined) return;
        const due = dueAt(next++);
        connection.ask(() => {
          times.push(performance.now() - due);
          idle.push(connection);
          if (times.length === count) finish();
          else sendDue();
        }, reject);
      }
    };
    const timer = setInterval(sendDue, 1);
  });
}
