import { parseArgs } from "node:util";
import { runTool, wholeNumber } from "./run-tool";
import { openDisplay } from "./scale-demo/display";
import { Gauges } from "./scale-demo/gauges";
import { Load } from "./scale-demo/load";
import { openStage } from "./scale-demo/stage";

const usage = `Usage: npm run scale-demo -- [--followers N] [--posts N] [--nodes N] [--seconds N]

Starts a fleet on this machine, a process for each service, on servers of its own that are ended with it. While people read their
feeds and somebody with many followers posts, it adds newsfeed nodes, and draws what each of them does and how far fan-out is behind.

  --followers N  of the author (20000): more than one page of a fan-out, so that nodes share a post
  --posts N      that the author publishes (80)
  --nodes N      of newsfeed, in the end (3)
  --seconds N    between one node and the next (5)`;

const MOST_SECONDS = 300;

async function main(args: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { followers: text, posts: text, nodes: text, seconds: text } });
  const followers = wholeNumber("followers", values.followers, 20_000);
  const posts = wholeNumber("posts", values.posts, 80);
  const nodes = wholeNumber("nodes", values.nodes, 3);
  const secondsEach = wholeNumber("seconds", values.seconds, 5);

  const stage = await openStage({ followers, posts });
  try {
    const load = new Load(stage);
    const gauges = new Gauges(stage.fleet, () => load.published * followers);
    const display = openDisplay(process.stdout);
    load.start();
    const adding = addNodes(stage, nodes, secondsEach);
    for (let second = 1; second <= MOST_SECONDS; second += 1) {
      const reading = await gauges.nextSecond();
      display.show(second, reading);
      if (load.hasPublishedAll && reading.lag === 0 && reading.nodes.length === nodes) break;
    }
    await adding;
    await load.stop();
    display.end(load.summary());
  } finally {
    await stage.close();
  }
}

async function addNodes(
  stage: Awaited<ReturnType<typeof openStage>>,
  nodes: number,
  secondsEach: number,
): Promise<void> {
  for (let count = 1; count < nodes; count += 1) {
    await new Promise((resolve) => setTimeout(resolve, secondsEach * 1000));
    await stage.fleet.start([["newsfeed"]]);
  }
}

if (require.main === module) runTool(usage, main);
