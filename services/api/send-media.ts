import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RangeNotSatisfiableError, RouteNotFoundError } from "./api.errors";
import type { Exchange } from "./exchange";

const readTimeoutMs = 10 * 60_000;

/** Bytes of a rendition, to whoever has a URL that is good now. */
export async function sendMedia({ request, response, path, query, call }: Exchange): Promise<void> {
  const expires = Number(query.get("expires") ?? NaN);
  const signature = query.get("signature");
  const { media_id = "", name = "", secret } = path;
  if (!/^[0-9a-f]{24}$/.test(media_id)) throw new RouteNotFoundError();
  const object = await call("media.locate", {
    media_id,
    name,
    ...(secret === undefined ? {} : { secret }),
    ...(Number.isSafeInteger(expires) && expires >= 0 ? { expires } : {}),
    ...(signature === null ? {} : { signature }),
  });

  const etag = `"${object.etag}"`;
  response.setHeader("etag", etag);
  response.setHeader("accept-ranges", "bytes");
  response.setHeader("content-type", object.content_type);
  response.setHeader(
    "cache-control",
    object.is_public
      ? `public, max-age=${object.max_age_seconds}, immutable`
      : `private, max-age=${object.max_age_seconds}`,
  );
  // Pictures may stand in any page; a document that claims to be one may not run there.
  response.setHeader("cross-origin-resource-policy", "cross-origin");
  response.setHeader("content-security-policy", "default-src 'none'; sandbox");
  if (matches(request.headers["if-none-match"], etag)) {
    response.writeHead(304).end();
    return;
  }

  const ifRange = request.headers["if-range"];
  const range = rangeOf(
    request.headers.range,
    ifRange === undefined ? undefined : String(ifRange),
    etag,
    object.size_bytes,
  );
  if (range === "unsatisfiable") {
    response.setHeader("content-range", `bytes */${object.size_bytes}`);
    response.removeHeader("etag");
    throw new RangeNotSatisfiableError();
  }
  const length = range === undefined ? object.size_bytes : range.end - range.start + 1;
  response.setHeader("content-length", length);
  if (range !== undefined)
    response.setHeader("content-range", `bytes ${range.start}-${range.end}/${object.size_bytes}`);
  response.statusCode = range === undefined ? 200 : 206;
  if (request.method === "HEAD" || length === 0) {
    response.end();
    return;
  }
  const bytes = (await call(
    "media.read",
    { object_key: object.object_key, ...range },
    { timeout: readTimeoutMs },
  )) as Readable;
  // A reader who leaves early is no error.
  await pipeline(bytes, response).catch(() => bytes.destroy());
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header === "*" || header.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag);
}

/** One range of RFC 9110, section 14. Several at once, or what is no range, get the whole. */
function rangeOf(
  header: string | undefined,
  ifRange: string | undefined,
  etag: string,
  size: number,
): { start: number; end: number } | undefined | "unsatisfiable" {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  if (found === null || (ifRange !== undefined && ifRange !== etag)) return undefined;
  const [, first = "", last = ""] = found;
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || (first === "" && Number(last) === 0)) return "unsatisfiable";
  return start > end ? undefined : { start, end };
}
