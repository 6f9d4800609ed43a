import { Serializers } from "moleculer";

/** Bytes in place of a value. No value of ours is an object of this one name. */
const MARK = "$base64";

interface Payload {
  /** Set on a packet that carries a piece of a stream. */
  stream?: boolean;
  /** The piece, in a request. */
  params?: unknown;
  /** The piece, in an answer. */
  data?: unknown;
}

/** Moleculer's JSON, with pieces of streams in base64: as JSON writes a Buffer, they take three times the room and forty times the work. */
export class JsonWithBytes extends Serializers.JSON {
  override serialize(payload: Payload): Buffer {
    if (payload.stream !== true) return super.serialize(payload);
    const { params, data } = payload;
    return super.serialize({
      ...payload,
      ...(Buffer.isBuffer(params) ? { params: { [MARK]: params.toString("base64") } } : {}),
      ...(Buffer.isBuffer(data) ? { data: { [MARK]: data.toString("base64") } } : {}),
    });
  }

  override deserialize(bytes: Buffer | string): Payload {
    const payload = super.deserialize(bytes) as Payload;
    if (payload.stream === true) {
      payload.params = restored(payload.params);
      payload.data = restored(payload.data);
    }
    return payload;
  }
}

function restored(value: unknown): unknown {
  const text = (value as Record<string, unknown> | null | undefined)?.[MARK];
  return typeof text === "string" ? Buffer.from(text, "base64") : value;
}
