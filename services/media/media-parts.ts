import type { Logger, ServiceBroker } from "moleculer";
import type { Config } from "../../lib/config";
import type { Channels } from "../../mixins/channels/channels";
import type { ObjectStore, PartUploads } from "../../mixins/objects";
import type { Database } from "../../mixins/postgres/sql";
import type { MediaUrls, Stamps } from "../../mixins/redis";
import type { TypedContext } from "../define-service";
import type { Ffmpeg } from "./find-ffmpeg";
import type { JobQueue } from "./job-queue";
import type { Lease } from "./jobs.repository";
import type { MediaRow } from "./media.repository";
import type { UrlSigner } from "./sign-url";

/** What the pieces of this service use of it. */
export interface MediaParts {
  broker: ServiceBroker;
  logger: Logger;
  config: Config;
  sql: Database;
  objects: ObjectStore;
  urls: MediaUrls<MediaRow>;
  stamps: Stamps;
  partUploads: PartUploads;
  publish: Channels["publish"];
  signer: UrlSigner;
  /** Undefined where videos cannot be taken. */
  ffmpeg: Ffmpeg | undefined;
  queue: JobQueue;
  /** Of the work going on in this process. */
  leases: Set<Lease>;
}

/** Who asks, and the way to ask other services for them. */
export type Asking = Pick<TypedContext, "call" | "meta">;

/** All objects of one upload begin so. */
export function prefixOf(mediaId: string): string {
  return `media/${mediaId}/`;
}

export function originalKey(mediaId: string): string {
  return `${prefixOf(mediaId)}original`;
}
