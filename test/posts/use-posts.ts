import type { ParamsOf } from "../../services/contracts";
import type { DocumentStore } from "../../mixins/documents";
import type { Comment, Post } from "../../services/posts/posts.contract";
import { uploadImage } from "../setup/upload-image";
import { type App, type AppOptions, type Person, useApp } from "../setup/use-app";

interface PostsApp extends App {
  /** Uploads a picture and posts it. */
  post(author: Person, draft?: Partial<ParamsOf<"posts.create">>): Promise<Post>;
  comment(writer: Person, post: Post, draft?: Partial<ParamsOf<"posts.addComment">>): Promise<Comment>;
  /** What the service keeps, to hold counters against edges. */
  documents(): DocumentStore;
}

/** The posts service with all that it asks. */
export function usePosts(options: AppOptions = {}): PostsApp {
  const app = useApp(["auth", "graph", "media", "posts"], options);
  return Object.assign(app, {
    async post(author: Person, draft: Partial<ParamsOf<"posts.create">> = {}) {
      const media_ids = draft.media_ids ?? [(await uploadImage(app, author, { isAwaited: false })).id];
      return app.as(author).call("posts.create", { ...draft, media_ids });
    },
    comment(writer: Person, post: Post, draft: Partial<ParamsOf<"posts.addComment">> = {}) {
      return app.as(writer).call("posts.addComment", { post_id: post.id, text: "nice", ...draft });
    },
    documents: () => app.service<{ documents: DocumentStore }>("posts").documents,
  });
}
