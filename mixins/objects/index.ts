import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { join } from "node:path";
import { configOf } from "../../lib/config";
import { addReadinessCheck } from "../readiness";
import { openFileStore } from "./file-store";
import { makeBucket } from "./make-bucket";
import { parseMinioUrl } from "./minio-address";
import { MinioBucket } from "./minio-bucket";
import { MinioPartUploads } from "./minio-part-uploads";
import { MinioStore } from "./minio-store";
import type { ObjectStore } from "./object-store";
import { PartFiles } from "./part-files";
import type { PartUploads } from "./part-uploads";

export type { ByteRange, ObjectFacts, ObjectStore } from "./object-store";
export { LEAST_PART_BYTES, type Part, type PartUpload, type PartUploads } from "./part-uploads";
export { ObjectMissingError, PartSizeError, PartsMissingError, TooLargeError } from "./object-errors";

interface Stores {
  objects: ObjectStore;
  partUploads: PartUploads;
}

/** What the typed `defineService` reads off a mixin: the members of `this` that it brings. */
type ObjectsMixin = Partial<ServiceSchema> & { readonly __provides?: Stores };

/** Gives a service `this.objects` and `this.partUploads`, open before its own `started` runs. */
export function objects(): ObjectsMixin {
  const schema: Partial<ServiceSchema> = {
    async started(this: Service & Partial<Stores>) {
      Object.assign(this, await openStores(this.broker));
    },
  };
  return schema;
}

/** The choice of backend. */
async function openStores(broker: ServiceBroker): Promise<Stores> {
  const { dataDir, minioUrl, minioPublicUrl } = configOf(broker);
  if (minioUrl === undefined) {
    const files = await openFileStore(join(dataDir, "media"));
    return { objects: files, partUploads: new PartFiles(files) };
  }
  const address = parseMinioUrl(minioUrl);
  const bucket = new MinioBucket(address);
  await makeBucket(bucket, broker.getLogger("minio"));
  addReadinessCheck(broker, "minio", async () => {
    if (!(await bucket.ask((client, name) => client.bucketExists(name)))) throw new Error("The bucket is gone.");
  });
  const publicOrigin = minioPublicUrl === undefined ? address.origin : new URL(minioPublicUrl);
  return { objects: new MinioStore(bucket), partUploads: new MinioPartUploads(bucket, publicOrigin) };
}
