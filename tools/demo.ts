import { parseArgs } from "node:util";
import { ApiClient, type Photo, RefusedError } from "./demo/api-client";
import { findPhotos } from "./demo/find-photos";
import { makePhotos } from "./demo/make-photos";
import { feedLines } from "./demo/show-feed";
import { tellStory } from "./demo/tell-story";
import { runTool, ToolError } from "./run-tool";

const DEFAULT_URL = "http://localhost:3000";

const usage = `Usage: npm run demo [-- --photos DIR] [--url ${DEFAULT_URL}]

  --photos DIR  upload every image file below this folder (otherwise pictures are made up)
  --url URL     of a running server (${DEFAULT_URL})`;

async function main(args: string[]): Promise<void> {
  const options = { photos: { type: "string" }, url: { type: "string", default: DEFAULT_URL } } as const;
  const { values } = parseArgs({ args, options });
  if (!URL.canParse(values.url)) throw new ToolError(`--url must be a URL, not "${values.url}".`);
  const api = new ApiClient(values.url);
  const photos = await photosOf(values.photos);

  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const { reader, feed, isComplete } = await tellStory(api, photos, say).catch(explainRefusal);
  say(`\nThe feed of @${reader.username}`);
  for (const line of await feedLines(reader.api, feed, process.stdout.isTTY === true)) say(line);
  say(`\n${feed.length} posts. Sign in as ${reader.username} with "password of alice".`);
  if (!isComplete)
    throw new ToolError("Some posts have not reached this feed yet: the server is still delivering them.");
}

function photosOf(folder: string | undefined): Promise<Photo[]> {
  return folder === undefined ? makePhotos(Date.now() % 100_000) : findPhotos(folder);
}

function explainRefusal(error: unknown): never {
  if (!(error instanceof RefusedError)) throw error;
  throw new ToolError(`The server refused: ${error.message} (${error.type})`);
}

if (require.main === module) runTool(usage, main);
