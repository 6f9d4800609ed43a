import { setTimeout as sleep } from "node:timers/promises";

/**
 * Sends at a fixed rate, whether or not what was sent before is answered, and tells each when it was due: waiting that is counted from
 * then leaves out nobody whom a pause of the server would have kept waiting. Resolves when all are answered.
 */
export async function openLoop(
  perSecond: number,
  count: number,
  send: (number: number, dueAt: number) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  const sent: Promise<void>[] = [];
  let failure: unknown;
  for (let i = 0; i < count && failure === undefined; i++) {
    const dueAt = began + (i * 1000) / perSecond;
    // A timer may be early by less than its millisecond.
    for (let wait = dueAt - performance.now(); wait > 0; wait = dueAt - performance.now()) await sleep(Math.ceil(wait));
    sent.push(send(i, dueAt).catch((error: unknown) => void (failure ??= error)));
  }
  await Promise.all(sent);
  if (failure !== undefined) throw failure as Error;
}
