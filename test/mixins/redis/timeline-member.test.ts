import { newId, newUserId } from "../../../lib/ids";
import { entriesOf, memberIdOf, memberOf } from "../../../mixins/redis/timeline-member";

describe("a member of a timeline", () => {
  const ids = [
    "0".repeat(24),
    "f".repeat(24),
    "09af".repeat(6),
    ...Array.from({ length: 2_000 }, (_, i) => newId(i * 1e9)),
  ];

  it("is of 25 bytes at most, and tells the post and its author again", () => {
    for (const post_id of ids)
      for (const user_id of [1, 63, 64, newUserId(), 2 ** 52 - 1, Number.MAX_SAFE_INTEGER]) {
        const entry = { post_id, user_id, created_at_ms: 1_700_000_000_000 };
        const member = memberOf(entry);
        expect(member.length).toBeLessThanOrEqual(25);
        expect(member.startsWith(memberIdOf(post_id))).toBe(true);
        expect(entriesOf([member, String(entry.created_at_ms)])).toEqual([entry]);
      }
  });

  it("stands among others, by its bytes, where its post's id does", () => {
    const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    const members = ids.map((post_id) => memberOf({ post_id, user_id: newUserId(), created_at_ms: 1 }));
    const ordered = members.sort(byBytes).map((member) => entriesOf([member, "1"])[0]!.post_id);
    expect(ordered).toEqual([...ids].sort(byBytes));
  });
});
