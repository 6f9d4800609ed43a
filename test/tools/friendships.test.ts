import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { grownFriendships, readFriendships, withMorePeople } from "../../tools/seed/friendships";
import { withFolder } from "./with-folder";

async function read(text: string, mostPeople?: number) {
  return withFolder(async (folder) => {
    const file = join(folder, "graph.edges");
    await writeFile(file, text);
    return readFriendships(file, mostPeople);
  });
}

describe("a file of friendships", () => {
  it("is two people a line, whatever separates them and whatever else stands there", async () => {
    const text = "# a comment\n\n% another\n7 3\r\n3\t9 0.5\n9,12 # a remark\n";
    await expect(read(text)).resolves.toEqual({
      people: ["7", "3", "9", "12"],
      pairs: [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
    });
  });

  it("counts a pair once, either way round, and nobody as their own friend", async () => {
    await expect(read("a b\nB a\na a\nb c\n")).resolves.toEqual({
      people: ["a", "b", "c"],
      pairs: [
        [0, 1],
        [1, 2],
      ],
    });
  });

  it("keeps to the first people when there is room for fewer", async () => {
    await expect(read("a b\nb c\na c\na b\n", 2)).resolves.toEqual({ people: ["a", "b"], pairs: [[0, 1]] });
  });

  it("is refused by the number of the line that is none", async () => {
    await expect(read("a b\nonly\n")).rejects.toThrow(/line 2: two people/);
    await expect(readFriendships("/nowhere/graph.edges")).rejects.toThrow(/cannot be read/);
  });

  it("takes in people without friends, under names of their own", () => {
    expect(withMorePeople({ people: ["0", "b"], pairs: [[0, 1]] }, 4).people).toEqual(["0", "b", "1", "2"]);
  });
});

describe("a grown graph", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(grownFriendships(200, 4, 1)).toEqual(grownFriendships(200, 4, 1));
    expect(grownFriendships(200, 4, 1)).not.toEqual(grownFriendships(200, 4, 2));
  });

  it("has some who are far more befriended than most", () => {
    const { people, pairs } = grownFriendships(2000, 4, 1);
    const friends = people.map(() => 0);
    for (const pair of pairs) for (const one of pair) friends[one]! += 1;
    friends.sort((a, b) => a - b);
    expect(friends[0]).toBeGreaterThanOrEqual(4);
    expect(friends.at(-1)!).toBeGreaterThan(8 * friends[1000]!);
    expect(new Set(pairs.map((pair) => pair.join())).size).toBe(pairs.length);
  });
});
