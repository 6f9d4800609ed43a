import busboy from "busboy";
import type { IncomingMessage } from "node:http";
import { UnauthenticatedError } from "../../lib/errors";
import type { Media } from "../media/media.contract";
import { MalformedRequestError, UnsupportedContentTypeError } from "./api.errors";
import type { Exchange } from "./exchange";
import { bounded, letGoBy, uploadTimeoutMs } from "./pass-through";
import { sendJson } from "./send";

/** `POST /media`: the part `file` of a form, or the whole body. The bytes pass through and are never held. */
export async function takeUpload(exchange: Exchange, maxBytes: number): Promise<void> {
  if (exchange.who === undefined) throw new UnauthenticatedError();
  const type = (exchange.request.headers["content-type"] ?? "").toLowerCase();
  if (type === "" || type.startsWith("application/json")) {
    throw new UnsupportedContentTypeError("multipart/form-data with a part `file`, or an image or video itself");
  }
  const take = type.startsWith("multipart/form-data") ? takeForm : takeBody;
  const media = await take(exchange, maxBytes).catch(async (error: unknown) => {
    await letGoBy(exchange.request);
    throw error;
  });
  sendJson(exchange.response, 201, media);
}

async function takeBody({ request, query, call }: Exchange, maxBytes: number): Promise<Media> {
  const altText = query.get("alt_text");
  const bytes = bounded(request, maxBytes);
  return call("media.upload", altText === null ? {} : { alt_text: altText }, {
    stream: bytes,
    timeout: uploadTimeoutMs,
  });
}

/** Fields may stand before or after the file: what comes after is set once the file is stored. */
async function takeForm({ request, call }: Exchange, maxBytes: number): Promise<Media> {
  const form = parserOf(request);
  let altText: string | undefined;
  let upload: Promise<Media> | undefined;
  let told: string | undefined;

  const parsed = new Promise<void>((resolve, reject) => {
    form.on("field", (name, value) => {
      if (name === "alt_text") altText = value;
    });
    form.on("file", (name, part) => {
      if (name !== "file" || upload !== undefined) {
        part.resume();
        return;
      }
      told = altText;
      const bytes = bounded(part, maxBytes);
      // A client that leaves in mid-file ends neither the part nor the form by itself.
      request.once("close", () => {
        if (!request.complete) bytes.destroy(new MalformedRequestError("The upload was broken off."));
      });
      upload = call("media.upload", told === undefined ? {} : { alt_text: told }, {
        stream: bytes,
        timeout: uploadTimeoutMs,
      });
      upload.catch(reject);
    });
    form.on("close", resolve);
    form.on("error", () => reject(new MalformedRequestError("The form is malformed or cut short.")));
    request.once("close", () => {
      if (!request.complete) reject(new MalformedRequestError("The upload was broken off."));
    });
  });
  request.pipe(form);
  try {
    await parsed;
    if (upload === undefined) throw new MalformedRequestError("The form has no part `file`.");
    const media = await upload;
    if (altText === undefined || altText === told) return media;
    return await call("media.update", { media_id: media.id, alt_text: altText });
  } finally {
    request.unpipe(form);
  }
}

function parserOf(request: IncomingMessage): busboy.Busboy {
  try {
    return busboy({ headers: request.headers, limits: { files: 2, fields: 8, fieldSize: 8192, parts: 12 } });
  } catch {
    throw new MalformedRequestError("The form has no boundary.");
  }
}
