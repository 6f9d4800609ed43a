import type { Visibility } from "../graph/graph.contract";
import type { Asking } from "./posts-store";

/** How much of each of these accounts the viewer may see. Who is unknown is "none". */
export async function visibilityOf(
  asking: Asking,
  user_ids: readonly number[],
): Promise<(user_id: number) => Visibility> {
  const others = [...new Set(user_ids)].filter((user_id) => user_id !== asking.meta.viewer.id);
  const { users } = others.length > 0 ? await asking.call("graph.visible", { user_ids: others }) : { users: [] };
  const byId = new Map(users.map(({ user_id, visibility }) => [user_id, visibility]));
  return (user_id) => (user_id === asking.meta.viewer.id ? "full" : (byId.get(user_id) ?? "none"));
}
