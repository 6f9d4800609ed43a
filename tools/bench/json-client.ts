import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const MOST_CONNECTIONS = 256;
const PATIENCE_MS = 60_000;
const PAUSE_MS = 100;

type Method = "GET" | "POST" | "DELETE";

/** Speaks to one gateway over connections that are kept, as many at once as there are requests. */
export class JsonClient {
  /** Answers 503, which every client must bear: what was asked is asked again. */
  refused = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });

  constructor(private readonly url: URL) {}

  /** The answer's text, of a request that may be repeated. @throws where it is not one of success. */
  async ask(method: Method, path: string, token: string, body?: object): Promise<string> {
    const key = randomUUID();
    for (const deadline = performance.now() + PATIENCE_MS; ; ) {
      const { status, text } = await this.askOnce(method, path, { token, key, body });
      if (status < 300) return text;
      if (status !== 503 || performance.now() > deadline) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 200)}`);
      this.refused += 1;
      await sleep(PAUSE_MS);
    }
  }

  private askOnce(method: Method, path: string, { token, key, body }: { token: string; key: string; body?: object | undefined }) {
    const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${token}`,
      ...(method === "POST" ? { "idempotency-key": key } : {}),
      ...(sent === undefined ? {} : { "content-type": "application/json", "content-length": sent.length }),
    };
    return new Promise<{ status: number; text: string }>((resolve, reject) => {
      const url = new URL(`/api/v1/${path}`, this.url);
      const asked = request(url, { method, headers, agent: this.agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.once("error", reject);
        answer.once("end", () => {
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
      });
      asked.once("error", reject);
      asked.end(sent);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
