/** What `MINIO_URL` says: `http(s)://key:secret@host:port/bucket[?region=…]`. */
export interface MinioAddress {
  origin: URL;
  accessKey: string;
  secretKey: string;
  bucket: string;
  region: string;
}

/** Where a server knows of none, as MinIO does not, this is the name of its only region. */
const DEFAULT_REGION = "us-east-1";

export function parseMinioUrl(text: string): MinioAddress {
  const url = new URL(text);
  return {
    origin: new URL("/", url.origin),
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
    bucket: url.pathname.slice(1),
    region: url.searchParams.get("region") ?? DEFAULT_REGION,
  };
}
