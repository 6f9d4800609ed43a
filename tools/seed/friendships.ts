import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { ToolError } from "../run-tool";
import { seededRandom } from "./random";

/** People by label, and pairs of them (positions in `people`) who follow each other. */
export interface Friendships {
  people: string[];
  pairs: [number, number][];
}

/** What may stand in a username. */
const LABEL = /^[A-Za-z0-9_]{1,30}$/;

/** Reads a file of edges: two labels a line, more columns are passed over, as are blank lines and what follows # or %. */
export async function readFriendships(file: string, mostPeople = Infinity): Promise<Friendships> {
  const positions = new Map<string, number>();
  const seen = new Set<string>();
  const pairs: [number, number][] = [];
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    const text = line
      .replace(/[#%].*$/, "")
      .trim()
      .toLowerCase();
    if (text === "") continue;
    const [a, b] = text.split(/[\s,;]+/);
    if (a === undefined || b === undefined || !LABEL.test(a) || !LABEL.test(b))
      throw new ToolError(`${file}, line ${number}: two people are needed, of letters, digits and _ each.`);
    const pair = [a, b].map((label) => positionOf(label, positions, mostPeople));
    const [first, second] = [Math.min(...pair), Math.max(...pair)];
    if (first < 0 || first === second || seen.has(`${first} ${second}`)) continue;
    seen.add(`${first} ${second}`);
    pairs.push([first, second]);
  }
  return { people: [...positions.keys()], pairs };
}

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity });
  } catch (error) {
    throw new ToolError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/** -1 for somebody who comes after the last one that there is room for. */
function positionOf(label: string, positions: Map<string, number>, mostPeople: number): number {
  const known = positions.get(label);
  if (known !== undefined) return known;
  if (positions.size >= mostPeople) return -1;
  positions.set(label, positions.size);
  return positions.size - 1;
}

/** Adds people without friends until there are so many. */
export function withMorePeople({ people, pairs }: Friendships, count: number): Friendships {
  const known = new Set(people);
  const all = [...people];
  for (let number = 0; all.length < count; number++) if (!known.has(String(number))) all.push(String(number));
  return { people: all, pairs };
}

/**
 * A graph as social networks have: each newcomer befriends `each` others, those who have many friends more likely
 * (Barabási and Albert 1999).
 */
export function grownFriendships(count: number, each: number, seed: number): Friendships {
  const random = seededRandom(seed);
  const pairs: [number, number][] = [];
  // Everybody stands in here once for each friend: a draw from it prefers the popular.
  const ends: number[] = [];
  for (let newcomer = 1; newcomer < count; newcomer++) {
    const friends = new Set<number>();
    while (friends.size < Math.min(each, newcomer)) {
      const friend = random() < 0.1 ? undefined : ends[Math.floor(random() * ends.length)];
      friends.add(friend ?? Math.floor(random() * newcomer));
    }
    for (const friend of friends) {
      pairs.push([friend, newcomer]);
      ends.push(friend, newcomer);
    }
  }
  return { people: Array.from({ length: count }, (_, i) => String(i)), pairs };
}
