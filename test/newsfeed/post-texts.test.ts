import type { Asking } from "../../services/newsfeed/newsfeed-store";
import { PostTexts } from "../../services/newsfeed/post-texts";

describe("the texts of posts", () => {
  /** Somebody whose question is answered when told to. */
  function reader(visible = true) {
    let answer: () => void = () => undefined;
    const asked: string[][] = [];
    const call = async (_: string, { post_ids }: { post_ids: string[] }) => {
      asked.push(post_ids);
      await new Promise<void>((resolve) => (answer = resolve));
      return { posts: visible ? post_ids.map((id) => ({ id, viewer: { has_liked: true, has_saved: false } })) : [] };
    };
    return { asking: { call } as unknown as Asking, asked, answer: () => answer() };
  }
  const turn = () => new Promise(setImmediate);

  it("come to two who hold different stamps of one post, whoever is answered first", async () => {
    const texts = new PostTexts();
    const [early, late] = [reader(), reader()];
    const first = texts.load(early.asking, [{ post_id: "p", stamp: "before" }]);
    const second = texts.load(late.asking, [{ post_id: "p", stamp: "after" }]);
    early.answer();
    late.answer();
    expect((await first).get("p")?.bytes.toString()).toContain('"id":"p"');
    expect((await second).get("p")?.bytes.toString()).toContain('"id":"p"');
  });

  it("are read once for all who hold the same stamps, and again for whom another's answer does not do", async () => {
    const texts = new PostTexts();
    const [one, other, blocked] = [reader(), reader(), reader(false)];
    const wanted = [{ post_id: "p", stamp: "now" }];
    const first = texts.load(one.asking, wanted);
    const second = texts.load(other.asking, wanted);
    one.answer();
    expect((await first).get("p")?.marks).toEqual({ has_liked: true, has_saved: false });
    expect((await second).get("p")).toMatchObject({ marks: undefined });
    expect(other.asked).toEqual([]);

    const [hers, his] = [[{ post_id: "q", stamp: "now" }], [{ post_id: "q", stamp: "now" }]];
    const refused = texts.load(blocked.asking, hers);
    const waiting = texts.load(one.asking, his);
    blocked.answer();
    expect((await refused).size).toBe(0);
    await turn();
    one.answer();
    expect((await waiting).has("q")).toBe(true);
  });
});
