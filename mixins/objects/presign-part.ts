import { sign } from "aws4";
import type { MinioAddress } from "./minio-address";
import type { Part, PartUpload } from "./part-uploads";

/**
 * A URL at which S3 takes one part, for so many seconds. Its size is signed with it, which the client of MinIO does not do: the URL of
 * a small part would be one for gigabytes.
 */
export function presignPart(
  { accessKey, secretKey, bucket, region }: MinioAddress,
  publicOrigin: URL,
  { key, name }: PartUpload,
  { number, sizeBytes }: Part,
  seconds: number,
): string {
  const query = new URLSearchParams({ partNumber: String(number), uploadId: name, "X-Amz-Expires": String(seconds) });
  const { path } = sign(
    {
      service: "s3",
      region,
      method: "PUT",
      host: publicOrigin.host,
      path: `/${bucket}/${key}?${query.toString()}`,
      headers: { "Content-Length": sizeBytes },
      signQuery: true,
    },
    { accessKeyId: accessKey, secretAccessKey: secretKey },
  );
  return `${publicOrigin.origin}${path}`;
}
