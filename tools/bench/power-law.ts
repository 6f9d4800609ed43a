import { seededRandom } from "../seed/random";

/** Who follows whom, by position; one follower's edges stand together, from the oldest to the newest. */
export interface FollowGraph {
  people: number;
  edges: [follower: number, following: number][];
}

/** The fewest whom anybody follows; with the exponent below, the mean is twice as many. */
const LEAST = 10;
const MEAN = 2 * LEAST;
const MOST = 5_000;

/**
 * A directed graph as social networks have, the same one for the same seed: how many somebody follows falls off as a power law
 * (exponent 3), who is followed already is followed more (Barabási and Albert 1999), and friends of friends become friends
 * (Holme and Kim 2002).
 */
export function powerLawGraph(edgeCount: number, seed: number): FollowGraph {
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const people = Math.round(edgeCount / MEAN);
  const following: number[][] = Array.from({ length: people }, () => []);
  const ends: number[] = [];
  const draw = (own: readonly number[]): number => {
    const kind = random();
    const friends = following[own[below(own.length)] ?? -1] ?? [];
    if (kind < 0.4 && friends.length > 0) return friends[below(friends.length)]!;
    return kind < 0.85 && ends.length > 0 ? ends[below(ends.length)]! : below(people);
  };
  for (const [person, degree] of degrees(people, edgeCount, random).entries()) {
    const own = following[person]!;
    const taken = new Set([person]);
    while (own.length < degree) {
      const drawn = draw(own);
      const other = taken.has(drawn) ? below(people) : drawn;
      if (taken.has(other)) continue;
      taken.add(other);
      own.push(other);
      ends.push(other);
    }
  }
  return { people, edges: following.flatMap((own, person) => own.map((other): [number, number] => [person, other])) };
}

/** Pareto's distribution of exponent 3, brought to a sum. */
function degrees(people: number, sum: number, random: () => number): number[] {
  const drawn = Array.from({ length: people }, () => Math.min(MOST, Math.floor(LEAST / Math.sqrt(1 - random()))));
  let missing = sum - drawn.reduce((total, degree) => total + degree, 0);
  for (let i = 0; missing !== 0; i = (i + 1) % people) {
    const step = Math.sign(missing);
    if (drawn[i]! + step < 1 || drawn[i]! + step > MOST) continue;
    drawn[i]! += step;
    missing -= step;
  }
  return drawn;
}
