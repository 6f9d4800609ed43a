import { alternate } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { authorWith, deliver, fanOutScene, type FanOutScene, FOLLOWERS, openTimelines, postOf } from "./fan-out-scene";

const FEW = 10;
/** In one round. */
const POSTS = 200;
const AT_ONCE = 8;

export const influencerPost: Benchmark = {
  names: ["influencer_post_vs_small"],
  about: `Posts/s on a fleet, from newsfeed being told of them until all that follows is stored and acknowledged, of somebody with ${FOLLOWERS + 1} followers (an influencer), to those of somebody with ${FEW}, whose timelines are ready.`,
  async run(lab) {
    const scene = await fanOutScene(lab);
    const influencer = await authorWith(scene, FOLLOWERS + 1);
    const small = await authorWith(scene, FEW);
    await openTimelines(scene, small.followerIds);
    const measured = await alternate("influencer_post_vs_small", {
      ours: async () => ({ rate: await rateOf(scene, influencer.id) }),
      reference: async () => ({ rate: await rateOf(scene, small.id) }),
    });
    return { rows: [rowOf("influencer_post_vs_small", "posts/s", measured["rate"]!, "ratio >= 0.9")] };
  },
};

async function rateOf(scene: FanOutScene, author: number): Promise<number> {
  const began = performance.now();
  for (let told = 0; told < POSTS; told += AT_ONCE)
    await deliver(
      scene,
      Array.from({ length: AT_ONCE }, () => postOf(author, Date.now())),
    );
  return (POSTS * 1000) / (performance.now() - began);
}
