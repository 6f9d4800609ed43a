import { connect, type Socket } from "node:net";

const PATIENCE_MS = 60_000;

export type Framing = "stream" | "socket";

const paths: Record<Framing, string> = { stream: "/api/v1/feed/stream", socket: "/api/v1/feed/socket" };
const upgrade = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** A connection that was greeted and then stays silent. Costs the client less than any library would. */
export function openLine(url: URL, framing: Framing, token: string): Promise<Socket> {
  const lines = [
    `GET ${paths[framing]} HTTP/1.1`,
    `Host: ${url.host}`,
    `Authorization: Bearer ${token}`,
    ...(framing === "socket" ? upgrade : ["Accept: text/event-stream"]),
  ];
  return new Promise((resolve, reject) => {
    const line = connect(Number(url.port), url.hostname, () => line.write(`${lines.join("\r\n")}\r\n\r\n`));
    const timer = setTimeout(() => fail(new Error("Nobody greeted.")), PATIENCE_MS);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      line.destroy();
      reject(error);
    };
    let heard = "";
    const hear = (bytes: Buffer): void => {
      heard += bytes.toString("latin1");
      if (!/event(: |":")ready/.test(heard)) return;
      clearTimeout(timer);
      line.off("data", hear).off("close", gone).resume();
      resolve(line);
    };
    const gone = (): void => fail(new Error(`The connection was closed: ${heard.slice(0, 300)}`));
    line.on("data", hear).on("close", gone).on("error", fail);
  });
}

/** Runs this for each of so many numbers, some at once. */
export async function eachOf(count: number, atOnce: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) await work(i);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
