import { z } from "zod";

/** One name of the environment. The table of the README is made from these. */
export interface Setting<Schema extends z.ZodType> {
  env: string;
  schema: Schema;
  fallback: string | undefined;
  about: string;
}

export function setting<Schema extends z.ZodType>(
  env: string,
  schema: Schema,
  fallback: string | undefined,
  about: string,
): Setting<Schema> {
  return { env, schema, fallback, about };
}

export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z.string().regex(/^\d+$/, "must be a whole number").transform(Number).pipe(z.number().min(min).max(max));
export const share = z
  .string()
  .regex(/^(0(\.\d+)?|1(\.0+)?)$/, "must be a number from 0 to 1")
  .transform(Number);
export const onOff = z.enum(["on", "off"]).transform((value) => value === "on");
/** Commas alone would pass for something that was set, and name nothing. */
export const list = z
  .string()
  .trim()
  .regex(/^$|[^\s,]/, "must name something")
  .transform((value) => value.split(/\s*,\s*/).filter((part) => part !== ""));
export const text = z.string().min(1);
export const url = z.url();
export const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: "must be postgres://user:password@host:port/database",
});
export const addresses = list.pipe(
  z.array(z.string().regex(/^[\w.-]+:\d{1,5}$/, "must be host:port, comma-separated")),
);
export const natsServers = list.pipe(
  z.array(z.url({ protocol: /^(nats|tls)$/, error: "must be nats://host:port or tls://host:port" })).min(1),
);
export const zookeeperServers = z
  .string()
  .regex(
    /^zookeeper:\/\/([^@/,]+:[^@/,]+@)?[\w.-]+:\d{1,5}(,[\w.-]+:\d{1,5})*(\/[\w-][\w.-]*)*\/?$/,
    "must be zookeeper://[user:password@]host:port[,host:port][/chroot]",
  );
export const redisServers = list.pipe(
  z.array(z.url({ protocol: /^rediss?$/, error: "must be redis://host:port or rediss://host:port" })).min(1),
);
/** A path before the bucket would not be what is signed. */
export const origin = z.string().regex(/^https?:\/\/[\w.:[\]-]+\/?$/, "must be http(s)://host[:port], without a path");
/** `fetch` takes no user and password in an address. */
export const collectorUrl = z
  .string()
  .regex(/^https?:\/\/[\w.:[\]-]+(\/[^@\s]*)?$/, "must be http(s)://host:port/path, without user and password");
export const bucketUrl = z
  .url({ protocol: /^https?$/, error: "must be http(s)://key:secret@host:port/bucket", abort: true })
  .refine(isBucketUrl, "must be http(s)://key:secret@host:port/bucket");

function isBucketUrl(value: string): boolean {
  const { username, password, pathname } = new URL(value);
  return username !== "" && password.length >= 8 && /^\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(pathname);
}
