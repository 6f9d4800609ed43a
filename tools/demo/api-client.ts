import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { ToolError } from "../run-tool";

const READY_TIMEOUT_MS = 120_000;
const LONGEST_PAUSE_S = 60;

export class RefusedError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

export interface Media {
  id: string;
  status: "processing" | "ready" | "failed";
  failure?: string;
  renditions: { name: string; url: string; width: number; height: number; format: string }[];
}

/** A photograph to upload: a file's path, or bytes made just now. */
export type Photo = { name: string } & ({ path: string } | { bytes: Buffer });

/** What a client app would know of the server: addresses, JSON and a token. */
export class ApiClient {
  constructor(
    readonly baseUrl: string,
    private readonly token?: string,
  ) {}

  as(token: string): ApiClient {
    return new ApiClient(this.baseUrl, token);
  }

  get<T>(path: string): Promise<T> {
    return this.ask<T>(path, () => ({ method: "GET" }));
  }

  post<T>(path: string, body?: object, headers: Record<string, string> = {}): Promise<T> {
    if (body === undefined) return this.ask<T>(path, () => ({ method: "POST", headers }));
    const typed = { ...headers, "content-type": "application/json" };
    return this.ask<T>(path, () => ({ method: "POST", headers: typed, body: JSON.stringify(body) }));
  }

  delete(path: string): Promise<void> {
    return this.ask<void>(path, () => ({ method: "DELETE" }));
  }

  /** Uploads and waits until all its sizes are made, or it turned out to be no picture. */
  async upload(photo: Photo, altText: string): Promise<Media> {
    let media = await this.ask<Media>(`media?alt_text=${encodeURIComponent(altText)}`, () => uploadOf(photo, altText));
    for (const deadline = Date.now() + READY_TIMEOUT_MS; media.status === "processing";) {
      if (Date.now() > deadline) throw new ToolError(`${photo.name} is still being worked on after two minutes.`);
      await sleep(100);
      media = await this.get<Media>(`media/${media.id}`);
    }
    return media;
  }

  /** `make` builds the request anew for each try: a body can be sent once only. */
  private async ask<T>(path: string, make: () => RequestInit): Promise<T> {
    const request = make();
    const isForm = request.body instanceof FormData;
    // A form carries its fields itself.
    const url = new URL(`/api/v1/${isForm ? path.split("?")[0] : path}`, this.baseUrl);
    const headers = new Headers(request.headers);
    if (this.token !== undefined) headers.set("authorization", `Bearer ${this.token}`);
    const response = await this.reach(url, { ...request, headers });
    const text = await response.text();
    if (response.status === 429) {
      const pause = Math.min(LONGEST_PAUSE_S, Number(response.headers.get("retry-after") ?? 1));
      await sleep(pause * 1000);
      return this.ask(path, make);
    }
    const body = parse(text);
    if (response.ok) return body as T;
    const error = (body as { error?: { type: string; message: string } } | undefined)?.error;
    if (error === undefined)
      throw new ToolError(`${this.baseUrl} is no Emulsion server: it answered ${response.status}.`);
    throw new RefusedError(response.status, error.type, error.message);
  }

  private async reach(url: URL, request: RequestInit): Promise<Response> {
    try {
      return await fetch(url, request);
    } catch (error) {
      const { cause } = error as { cause?: Error & { code?: string } };
      throw new ToolError(
        `No server answers at ${this.baseUrl} (${cause?.code ?? (error as Error).message}). Start one with: npm start`,
      );
    }
  }
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Bytes go as a form, as browsers send them; a file goes as a stream that is never held whole. */
function uploadOf(photo: Photo, altText: string): RequestInit {
  if ("bytes" in photo) {
    const form = new FormData();
    form.set("alt_text", altText);
    form.set("file", new Blob([new Uint8Array(photo.bytes)]), photo.name);
    return { method: "POST", body: form };
  }
  const body = Readable.toWeb(createReadStream(photo.path)) as ReadableStream;
  return {
    method: "POST",
    body,
    headers: { "content-type": "application/octet-stream" },
    duplex: "half",
  };
}
