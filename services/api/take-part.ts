import { RouteNotFoundError } from "./api.errors";
import type { Exchange } from "./exchange";
import { bounded, letGoBy, uploadTimeoutMs } from "./pass-through";

/** More than the largest part: the service knows the part's own size. */
const maxPartBytes = 1024 ** 3;

/** `PUT /media/{media_id}/parts/{part_number}`: one part of an upload, to whoever has its URL. Answers as an object store does. */
export async function takePart({ request, response, path, query, call }: Exchange): Promise<void> {
  const { media_id = "", part_number = "" } = path;
  const [expires, signature] = [query.get("expires") ?? "", query.get("signature") ?? ""];
  if (!/^[0-9a-f]{24}$/.test(media_id) || !/^[1-9]\d{0,5}$/.test(part_number) || !/^\d{1,15}$/.test(expires))
    throw new RouteNotFoundError();
  const params = { media_id, part_number: Number(part_number), expires: Number(expires), signature };
  const stream = bounded(request, maxPartBytes);
  await call("media.putPart", params, { stream, timeout: uploadTimeoutMs }).catch(async (error: unknown) => {
    await letGoBy(request);
    throw error;
  });
  response.writeHead(200, { "content-length": 0 }).end();
}
