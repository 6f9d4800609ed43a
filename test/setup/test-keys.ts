const key = (byte: number) => `test:${Buffer.alloc(32, byte).toString("base64url")}`;

/** What a node that signs needs from its environment as soon as a store of its has a URL. */
export const testKeys = { JWT_KEYS: key(1), MEDIA_KEYS: key(2) };
