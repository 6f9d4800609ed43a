import type { ServiceBroker } from "moleculer";
import type { Viewer } from "../../lib/contract";
import type { Channels } from "../../mixins/channels/channels";
import type { DocumentStore } from "../../mixins/documents";
import type { Stamps } from "../../mixins/redis";
import type { Call } from "../define-service";
import type { ChangedPosts } from "./changed-posts";

/** What the pieces of this service use of it. */
export interface PostsStore {
  /** Whose transactions tell what they changed. */
  documents: DocumentStore;
  stamps: Stamps;
  publish: Channels["publish"];
  changed: ChangedPosts;
  broker: ServiceBroker;
}

/** Who asks, and the way to ask other services for them. */
export interface Asking {
  call: Call;
  meta: { viewer: Viewer };
}
