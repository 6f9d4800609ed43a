import { z } from "zod";
import { InvalidInputError } from "../../../lib/errors";
import { objectId, page, paging, userId } from "../../../lib/fields";
import { post } from "../../posts/posts.contract";
import { composed, type Route, toAction } from "../route";

const listPosts = composed("posts", "GET /posts", {
  summary:
    "Posts of one account (user_id), with one hashtag (hashtag), or by id (ids, comma-separated). Exactly one of the three.",
  params: z.object({
    user_id: userId.optional(),
    hashtag: z.string().min(1).max(200).optional(),
    ids: z.array(objectId).min(1).max(100).optional(),
    ...paging,
  }),
  result: page(post),
  async run(call, { user_id, hashtag, ids, ...paging }) {
    if ([user_id, hashtag, ids].filter((given) => given !== undefined).length !== 1) {
      throw new InvalidInputError([{ field: "user_id", message: "give exactly one of user_id, hashtag and ids" }]);
    }
    if (user_id !== undefined) return call("posts.listByUser", { user_id, ...paging });
    if (hashtag !== undefined) return call("posts.listByHashtag", { hashtag, ...paging });
    const { posts } = await call("posts.getMany", { post_ids: ids ?? [] });
    return { items: posts, next_cursor: null };
  },
});

export const postsRoutes: Route[] = [
  toAction("posts", "POST /posts", "posts.create", { status: 201, fill: ["idempotency_key"] }),
  listPosts,
  toAction("posts", "GET /posts/{post_id}", "posts.get"),
  toAction("posts", "PATCH /posts/{post_id}", "posts.update"),
  toAction("posts", "DELETE /posts/{post_id}", "posts.delete"),
  toAction("posts", "GET /posts/{post_id}/stats", "posts.stats"),
  toAction("posts", "POST /posts/{post_id}/like", "posts.like"),
  toAction("posts", "DELETE /posts/{post_id}/like", "posts.unlike", { status: 200 }),
  toAction("posts", "GET /posts/{post_id}/likes", "posts.listLikes"),
  toAction("posts", "POST /posts/{post_id}/view", "posts.view"),
  toAction("posts", "POST /posts/{post_id}/archive", "posts.archive"),
  toAction("posts", "DELETE /posts/{post_id}/archive", "posts.unarchive"),
  toAction("posts", "POST /posts/{post_id}/save", "posts.save", { status: 204 }),
  toAction("posts", "DELETE /posts/{post_id}/save", "posts.unsave"),
  toAction("posts", "GET /saved", "posts.listSaved"),
  toAction("newsfeed", "POST /posts/{post_id}/hide", "newsfeed.hide", { status: 204 }),
  toAction("newsfeed", "DELETE /posts/{post_id}/hide", "newsfeed.unhide"),
  toAction("comments", "POST /posts/{post_id}/comments", "posts.addComment", {
    status: 201,
    fill: ["idempotency_key"],
  }),
  toAction("comments", "GET /posts/{post_id}/comments", "posts.listComments"),
  toAction("comments", "DELETE /posts/{post_id}/comments/{comment_id}", "posts.deleteComment"),
  toAction("comments", "POST /comments/{comment_id}/like", "posts.likeComment"),
  toAction("comments", "DELETE /comments/{comment_id}/like", "posts.unlikeComment", { status: 200 }),
];
