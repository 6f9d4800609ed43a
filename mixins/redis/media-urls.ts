import type { ServiceBroker } from "moleculer";
import { UnavailableError } from "../../lib/errors";
import type { ObjectFacts } from "../objects/object-store";
import { backendOf } from "./backend";
import type { VersionedCache } from "./versioned-cache";

/**
 * What URLs of media are made of and checked against, kept so that neither the table nor the store is asked each time. Whether
 * somebody may look is no part of it. Only uploads that can do nothing but be described anew, archived or deleted may be kept here.
 */
export interface MediaUrls<Upload extends object> {
  /** In the order asked; undefined for what is not known. */
  uploads(ids: readonly string[]): Promise<(Upload | undefined)[]>;
  keepUpload(id: string, upload: Upload): Promise<void>;
  /** After it was changed or deleted, before anybody is answered. For a while it is not kept again. */
  forgetUpload(id: string): Promise<void>;
  /** It is never written again under its key. */
  object(key: string): Promise<ObjectFacts | undefined>;
  keepObject(key: string, object: ObjectFacts): Promise<void>;
}

/** What is read of a row, and what says that such a reading may be out of date. */
const READ = 0;
const CHANGED = 1;

export function mediaUrlsOf<Upload extends object>(broker: ServiceBroker): MediaUrls<Upload> {
  const backend = backendOf(broker);
  return mediaUrls(
    backend.cache<Upload>("upload", { max: 10_000 }),
    backend.cache<ObjectFacts>("object", { max: 20_000 }),
  );
}

export function mediaUrls<Upload extends object>(
  uploads: VersionedCache<Upload>,
  objects: VersionedCache<ObjectFacts>,
): MediaUrls<Upload> {
  return {
    uploads: (ids) => uploads.getMany(ids),
    keepUpload: (id, upload) => uploads.fill(id, READ, upload),
    async forgetUpload(id) {
      try {
        await uploads.raise(id, CHANGED);
      } catch (error) {
        // The change stands: what is kept of before ends within 30 s.
        if (!(error instanceof UnavailableError)) throw error;
      }
    },
    object: async (key) => (await objects.getMany([key]))[0],
    keepObject: (key, object) => objects.fill(key, READ, object),
  };
}
