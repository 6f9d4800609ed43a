export interface Address {
  /** `host:port` of each server. */
  hosts: string[];
  /** Path below which everything lies; empty for the root. */
  chroot: string;
  credentials?: { user: string; password: string };
}

/** Reads `zookeeper://[user:password@]host:port[,host:port][/chroot]`; user and password may be percent-encoded. */
export function parseAddress(url: string): Address {
  const match = /^zookeeper:\/\/(?:([^@/:]+):([^@/]+)@)?([^@/]+)((?:\/[^/]+)*)\/?$/.exec(url);
  // The URL may hold a password: it is not repeated.
  if (match === null) throw new Error("must be zookeeper://[user:password@]host:port[,host:port][/chroot]");
  const [, user, password, hosts, chroot] = match;
  const address: Address = { hosts: hosts!.split(","), chroot: chroot! };
  if (user !== undefined && password !== undefined)
    address.credentials = { user: decodeURIComponent(user), password: decodeURIComponent(password) };
  return address;
}
