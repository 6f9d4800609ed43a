const SEGMENT = "[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*";
const KEY = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`);
const PREFIX = new RegExp(`^(?:${SEGMENT}/)*(?:${SEGMENT}\\.?)?$`);
const MAX_LENGTH = 512;

/** Lower case, so that no file system takes two keys for one; no empty or dotted segment, so that none leads out of its folder. */
export function requireKey(key: string): void {
  if (key.length > MAX_LENGTH || !KEY.test(key)) throw new TypeError(`Not a key of an object: ${JSON.stringify(key)}`);
}

/** The beginning of a key. The empty one, which every key begins with, is refused. */
export function requirePrefix(prefix: string): void {
  if (prefix === "" || prefix.length > MAX_LENGTH || !PREFIX.test(prefix))
    throw new TypeError(`Not the beginning of an object's key: ${JSON.stringify(prefix)}`);
}
