import { AsyncLocalStorage } from "node:async_hooks";

const requests = new AsyncLocalStorage<string>();

/** The id of the request that is being worked for, on every node that it touches. */
export function currentRequestId(): string | undefined {
  return requests.getStore();
}

/** Remembers the id while `work` runs, and what it awaits. */
export function withRequestId<T>(id: string, work: () => T): T {
  return requests.run(id, work);
}
