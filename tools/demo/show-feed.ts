import { styleText } from "node:util";
import type { ApiClient, Media } from "./api-client";

export interface Post {
  id: string;
  caption: string;
  location: string;
  like_count: number;
  comment_count: number;
  created_at: string;
  media: Media[];
  author: { username: string; display_name: string };
  viewer: { has_liked: boolean };
}

interface Comment {
  text: string;
  author: { username: string };
}

const TOP_COMMENTS = 2;

/** A feed as a person would see it, in lines for a terminal. */
export async function feedLines(api: ApiClient, posts: readonly Post[], isColoured: boolean): Promise<string[]> {
  const pages = await Promise.all(posts.map((post) => postLines(api, post, isColoured)));
  return pages.flat();
}

async function postLines(api: ApiClient, post: Post, isColoured: boolean): Promise<string[]> {
  const bold = (text: string): string => (isColoured ? styleText("bold", text) : text);
  const dim = (text: string): string => (isColoured ? styleText("dim", text) : text);
  const { items } = await api.get<{ items: Comment[] }>(`posts/${post.id}/comments?limit=${TOP_COMMENTS}`);
  const place = post.location === "" ? "" : ` · ${post.location}`;
  const more = post.comment_count - items.length;
  return [
    "",
    `  ${dim("─".repeat(72))}`,
    `  ${bold(post.author.display_name || post.author.username)} ${dim(`@${post.author.username} · ${ago(post.created_at)}${place}`)}`,
    ...post.media.map((media) => `  ${pictureLine(api, media)}`),
    `  ${post.viewer.has_liked ? "♥" : "♡"} ${post.like_count}   💬 ${post.comment_count}`,
    `  ${bold(post.author.username)} ${post.caption}`,
    ...items.map(({ author, text }) => `    ${bold(author.username)} ${text}`),
    ...(more > 0 ? [`    ${dim(`… ${more} more`)}`] : []),
  ];
}

function pictureLine({ baseUrl }: ApiClient, media: Media): string {
  const largest = [...media.renditions].sort((a, b) => b.width - a.width)[0];
  if (largest === undefined) return `[picture: ${media.status}]`;
  return `[${largest.width}×${largest.height} ${largest.format}] ${new URL(largest.url, baseUrl).href}`;
}

function ago(time: string): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
  if (seconds < 60) return "just now";
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
}
