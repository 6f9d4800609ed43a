import { family, statOf } from "./process-family";

/** Of every Linux: what `getconf CLK_TCK` says. */
const TICK_MS = 10;
const canMeasureWork = process.platform === "linux";

/**
 * The ms of processor time that some work takes in this process and in these servers, whatever else the machine does meanwhile.
 * Where the system does not tell: the ms that pass.
 */
export async function serverWork(serverPids: readonly number[], work: () => Promise<void>): Promise<number> {
  const before = await spent(serverPids);
  const began = { own: process.cpuUsage(), clock: performance.now() };
  await work();
  if (!canMeasureWork) return performance.now() - began.clock;
  const { user, system } = process.cpuUsage(began.own);
  return (user + system) / 1000 + (await spent(serverPids)) - before;
}

/** The same in these servers alone. */
export async function workOf(serverPids: readonly number[], work: () => Promise<void>): Promise<number> {
  const before = await spent(serverPids);
  const began = performance.now();
  await work();
  return canMeasureWork ? (await spent(serverPids)) - before : performance.now() - began;
}

async function spent(pids: readonly number[]): Promise<number> {
  if (!canMeasureWork) return 0;
  const members = (await Promise.all(pids.map(family))).flat();
  const ticks = await Promise.all(
    members.map(async (pid) => {
      // Of itself, and of its children that have ended.
      const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = (await statOf(pid)).slice(11, 15).map(Number);
      return user + system + endedUser + endedSystem;
    }),
  );
  return ticks.reduce((sum, own) => sum + own, 0) * TICK_MS;
}
