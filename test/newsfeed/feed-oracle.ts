import type { DocumentStore } from "../../mixins/documents";
import type { Database } from "../../mixins/postgres";
import type { App } from "../setup/use-app";

interface PostRow {
  _id: string;
  user_id: number;
  is_hidden: boolean;
  created_at: Date;
}

/**
 * What a feed is, by brute force from the stores themselves: the newest posts of the accounts that the viewer now follows, less
 * what is muted, blocked, suspended, archived, deleted and hidden.
 */
export async function feedOracle(app: App, viewerId: number): Promise<string[]> {
  const { sql } = app.service<{ sql: Database }>("graph");
  const { documents } = app.service<{ documents: DocumentStore }>("posts");
  const ids = async (text: string, params: unknown[] = [viewerId]): Promise<Set<number>> => {
    const answers = await Promise.all(sql.shards.map((shard) => shard.query<{ id: number }>(text, params)));
    return new Set(answers.flatMap(({ rows }) => rows.map(({ id }) => id)));
  };
  const followed = await ids("select following_id as id from follows where follower_id = $1 and status = 'accepted'");
  const muted = await ids("select muted_id as id from mutes where user_id = $1");
  const blocked = await ids("select other_id as id from blocks where owner_id = $1");
  const standing = await ids("select id from users where not is_suspended", []);
  const hides = await Promise.all(
    sql.shards.map((shard) =>
      shard.query<{ post_id: string }>("select post_id from feed_hides where user_id = $1", [viewerId]),
    ),
  );
  const hidden = new Set(hides.flatMap(({ rows }) => rows.map(({ post_id }) => post_id)));

  const posts = await documents.find<PostRow>("posts", { query: {} });
  return posts
    .filter(({ user_id }) => followed.has(user_id) && !muted.has(user_id) && !blocked.has(user_id))
    .filter(({ _id, user_id, is_hidden }) => standing.has(user_id) && !is_hidden && !hidden.has(_id))
    .sort((a, b) => b.created_at.getTime() - a.created_at.getTime() || (a._id < b._id ? 1 : -1))
    .slice(0, app.config.feedMaxItems)
    .map(({ _id }) => _id);
}
