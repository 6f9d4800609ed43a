import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import sharp from "sharp";
import { type FleetApp, useFleet } from "./use-fleet";
import { type App, useApp } from "./use-app";

/** Set by Jest's project: the services are processes of their own, on real servers. */
declare const FLEET: boolean | undefined;

/** Every service of the house behind its gateway. */
export const everyService = ["auth", "graph", "media", "posts", "newsfeed", "discovery", "api"];

// Answers are read as a stranger would, without our types.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export interface Answer {
  status: number;
  body: Json;
  headers: Headers;
}

export interface Sent {
  body?: unknown;
  headers?: Record<string, string>;
}

/** Somebody with a token and an HTTP client. */
export class Client {
  user: Json;
  accessToken: string | undefined;
  refreshToken: string | undefined;
  password = "";

  constructor(readonly baseUrl: () => string) {}

  /** Path below /api/v1, or a whole path beginning with "//". */
  async send(method: string, path: string, { body, headers }: Sent = {}): Promise<Answer> {
    const url = this.baseUrl() + (path.startsWith("//") ? path.slice(1) : `/api/v1${path}`);
    const response = await fetch(url, {
      method,
      headers: {
        ...(this.accessToken === undefined ? {} : { authorization: `Bearer ${this.accessToken}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get("content-type") ?? "").includes("json");
    return {
      status: response.status,
      body: isJson && text !== "" ? JSON.parse(text) : text,
      headers: response.headers,
    };
  }

  get = (path: string, sent?: Sent) => this.send("GET", path, sent);
  post = (path: string, body?: unknown, sent: Sent = {}) => this.send("POST", path, { ...sent, body });
  patch = (path: string, body: unknown) => this.send("PATCH", path, { body });
  delete = (path: string) => this.send("DELETE", path);

  /** Uploads bytes as the part `file` of a form. */
  async upload(bytes: Buffer, fields: { name?: string; alt_text?: string } = {}): Promise<Answer> {
    const form = new FormData();
    if (fields.alt_text !== undefined) form.append("alt_text", fields.alt_text);
    form.append("file", new Blob([new Uint8Array(bytes)]), fields.name ?? "upload.bin");
    const response = await fetch(`${this.baseUrl()}/api/v1/media`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.accessToken}` },
      body: form,
    });
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  /** Uploads and waits until the renditions are made or have failed. */
  async uploaded(bytes: Buffer, timeoutMs = 60_000): Promise<Json> {
    const { status, body } = await this.upload(bytes);
    if (status !== 201) throw new Error(`The upload was refused: ${JSON.stringify(body)}`);
    return this.processed(body.id, timeoutMs);
  }

  /** An upload once its renditions are made or have failed. */
  async processed(mediaId: string, timeoutMs = 60_000): Promise<Json> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const { body: media } = await this.get(`/media/${mediaId}`);
      if (media.status !== "processing") return media;
      if (Date.now() > until) throw new Error(`Media ${mediaId} is still being processed.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Sends one part of an upload to the URL that presign gave, which needs no token. */
  async putPart({ url }: { url: string }, bytes: Buffer): Promise<number> {
    const target = url.startsWith("http") ? url : this.baseUrl() + url;
    return (await fetch(target, { method: "PUT", body: new Uint8Array(bytes) })).status;
  }

  /** A post with a small picture of its own. */
  async posted(caption: string, more: object = {}): Promise<Json> {
    const { body: media } = await this.upload(await picture());
    const { status, body } = await this.post("/posts", { caption, media_ids: [media.id], ...more });
    if (status !== 201) throw new Error(`The post was refused: ${JSON.stringify(body)}`);
    return body;
  }
}

/** A small picture that no other equals. */
export async function picture(width = 64, height = 48): Promise<Buffer> {
  const [r, g, b] = randomBytes(3);
  return sharp({ create: { width, height, channels: 3, background: { r: r!, g: g!, b: b! } } })
    .png()
    .toBuffer();
}

/** A picture of noise, which nothing makes smaller: some three bytes a pixel. */
export async function noise(width: number, height: number): Promise<Buffer> {
  const background = { r: 0, g: 0, b: 0 };
  return sharp({
    create: { width, height, channels: 3, background, noise: { type: "gaussian", mean: 128, sigma: 60 } },
  })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** What a journey may do beside asking over HTTP. */
type Asked = Pick<App, "broker" | "call" | "settled">;

export class Gateway<Tested extends Asked = Asked> {
  private people = 0;

  constructor(
    readonly app: Tested,
    readonly url: () => string,
  ) {}

  stranger(): Client {
    return new Client(this.url);
  }

  /** Registers somebody over HTTP. Names are unique within a run. */
  async person(name: string, profile?: object): Promise<Client> {
    const client = this.stranger();
    const username = `${name}_${randomBytes(3).toString("hex")}${(this.people += 1)}`;
    client.password = `password of ${username}`;
    const { status, body } = await client.post("/auth/register", {
      username,
      email: `${username}@example.com`,
      password: client.password,
    });
    if (status !== 201) throw new Error(`Registration failed: ${JSON.stringify(body)}`);
    client.user = body.user;
    client.accessToken = body.access_token;
    client.refreshToken = body.refresh_token;
    if (profile !== undefined) await client.patch("/users/me", profile);
    return client;
  }

  async people3(): Promise<[Client, Client, Client]> {
    return [await this.person("alice"), await this.person("bob"), await this.person("carol")];
  }

  settled(): Promise<void> {
    return this.app.settled();
  }
}

/** The whole house behind its gateway, for one test file. */
export function useGateway(env: Record<string, string> = {}): Gateway {
  if (typeof FLEET === "boolean" && FLEET) {
    const fleet: FleetApp = useFleet({ env });
    return new Gateway(fleet, () => fleet.nextGateway());
  }
  return gatewayOf(useApp(everyService, { env }));
}

/** Of an app that somebody else starts. */
export function gatewayOf(app: App): Gateway<App> {
  return new Gateway(app, () => {
    const { port } = app.service<{ server: Server }>("api").server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  });
}
