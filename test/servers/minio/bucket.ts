import { Client } from "minio";
import { randomBytes } from "node:crypto";
import { type MinioAddress, parseMinioUrl } from "../../../mixins/objects/minio-address";
import { serverUrl } from "../../setup/servers";

/** The address of a bucket that no other test uses. */
export function freshAddress(): MinioAddress & { url: string } {
  const url = new URL(serverUrl("MINIO_URL"));
  url.pathname = `/test-${randomBytes(6).toString("hex")}`;
  return { ...parseMinioUrl(url.href), url: url.href };
}

/** MinIO's own client, to see what is in the bucket besides ours. */
export function plainClient({ origin, accessKey, secretKey }: MinioAddress): Client {
  const { hostname: endPoint, port } = origin;
  return new Client({ endPoint, port: Number(port), useSSL: false, accessKey, secretKey });
}

export async function namesIn(client: Client, bucket: string): Promise<string[]> {
  const found = (await client.listObjectsV2(bucket, "", true).toArray()) as { name: string }[];
  return found.map(({ name }) => name);
}

export async function unfinishedOf(client: Client, bucket: string, key: string): Promise<number> {
  return (await client.listIncompleteUploads(bucket, key, true).toArray()).length;
}
