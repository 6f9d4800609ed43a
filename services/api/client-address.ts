import type { IncomingMessage } from "node:http";

/** The client's address. X-Forwarded-For is believed only from proxies that are named, from the right, up to the first stranger. */
export function clientAddress(request: IncomingMessage, trustedProxies: readonly string[]): string {
  let address = plain(request.socket.remoteAddress ?? "");
  const hops = String(request.headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((hop) => plain(hop.trim()))
    .filter((hop) => hop !== "");
  while (trustedProxies.includes(address) && hops.length > 0) address = hops.pop()!;
  return address.slice(0, 64);
}

/** An IPv4 address as such, also where the socket speaks IPv6. */
function plain(address: string): string {
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}
