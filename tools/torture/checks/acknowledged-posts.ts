import { deedsOf, type Operation } from "../history";
import { groupBy } from "./group-by";
import type { Check, Violation } from "./violation";

/** Promise 1: an acknowledged post is readable and in its author's profile; an unknown one exists 0 or 1 times. */
export const acknowledgedPosts: Check = ({ history, facts, state }) => {
  if (state === undefined) return [];
  const violations: Violation[] = [];
  const stored = groupBy(state.stores.posts, ({ key }) => key);
  for (const [key, attempts] of groupBy(deedsOf(history, "post"), ({ args }) => args.key)) {
    const found = stored.get(key) ?? [];
    const report = (what: string, more: number[] = []): void => {
      violations.push({ promise: 1, what: `${key}: ${what}`, operations: [...attempts.map(({ id }) => id), ...more] });
    };
    if (found.length > 1) report(`exists ${found.length} times`);
    const acknowledged = attempts.find(({ outcome }) => outcome === "ok");
    if (acknowledged?.result) {
      const { post_id } = acknowledged.result;
      const deletion = facts.deletions.of(post_id);
      const isKept = deletion.mustBe(false, Infinity, Infinity);
      const deletedBy = deletion.lastSure(Infinity);
      const profile = state.api.profiles[acknowledged.actor] ?? [];
      const times = profile.filter((post) => post.post_id === post_id).length;
      if (isKept && found.length === 0) report(`post ${post_id} was acknowledged and is lost`);
      else if (isKept && times !== 1) report(`post ${post_id} is ${times} times in its author's profile`);
      if (deletion.mustBe(true, Infinity, Infinity) && found.length + times > 0)
        report(`post ${post_id} was deleted and is there`, deletedBy ? [deletedBy.op] : []);
    } else if (found.length > 0 && attempts.every(isRefused)) report("was refused and exists");
  }
  return violations;
};

function isRefused({ outcome }: Operation<"post">): boolean {
  return outcome === "refused";
}
