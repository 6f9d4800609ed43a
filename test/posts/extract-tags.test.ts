import { extractTags, scanTags } from "../../services/posts/extract-tags";

const hashtags = (text: string) => extractTags(text).hashtags;
const mentions = (text: string) => extractTags(text).mentions;

describe("extractTags", () => {
  it.each([
    ["a day at the #Beach with #friends_2", ["beach", "friends_2"]],
    ["오늘 #서울맛집 #카페", ["서울맛집", "카페"]],
    ["مساء #الخير و#شكرا", ["الخير"]],
    ["#مَرْحَبًا", ["مَرْحَبًا"]],
    ["#नमस्ते #สวัสดี #東京", ["नमस्ते", "สวัสดี", "東京"]],
    ["😀#cat🐈 ❤️#love❤️ #dog👍🏽", ["cat", "love", "dog"]],
    ["＃全角 #Ｆｕｌｌ #ﬁne", ["全角", "full", "fine"]],
    ["#one#two, (#three) “#four”", ["one", "two", "three", "four"]],
    ["#Same #same #SAME", ["same"]],
    ["second #b first #a", ["b", "a"]],
    ["line\n#next\t#tab\u3000#wide", ["next", "tab", "wide"]],
    ["no. 1️⃣#first", ["first"]],
    ["안녕하세요.#태그", ["태그"]],
  ])("finds the hashtags of %j", (text, tags) => {
    expect(hashtags(text)).toEqual(tags);
  });

  it.each([
    ["a word#inside is none"],
    ["사진#태그"],
    ["https://example.com/page#part"],
    ["https://example.com/#part https://example.com/?q=#part"],
    ["보기https://example.com/a-#part"],
    ["example.com/#part"],
    ["it&#39;s"],
    ["# alone, #! and #"],
    ["#️⃣ is an emoji"],
    ["#❤️"],
    [`#${"x".repeat(201)}`],
    [""],
  ])("finds no hashtag in %j", (text) => {
    expect(hashtags(text)).toEqual([]);
  });

  it("reads a tag in the form in which it is compared", () => {
    // "é" as one character and as a letter with a mark.
    expect(hashtags("#caf\u00e9 #cafe\u0301")).toEqual(["caf\u00e9"]);
  });

  it.each([
    ["hello @Alice, hi", [["alice"]]],
    ["@alice님 안녕", [["alice님", "alice"]]],
    ["see @alice.", [["alice.", "alice"]]],
    ["@al.ice...", [["al.ice...", "al.ice"]]],
    ["@alice.님", [["alice.님", "alice.", "alice"]]],
    ["친구@alice", [["alice"]]],
    ["😀@alice ❤️@bob", [["alice"], ["bob"]]],
    ["@홍길동 @alice @ALICE", [["홍길동"], ["alice"]]],
    ["＠alice", [["alice"]]],
    ["(@alice)", [["alice"]]],
    ["@alice@social.example", [["alice"]]],
  ])("finds whom %j may mean", (text, names) => {
    expect(mentions(text)).toEqual(names);
  });

  it.each([
    ["bob@alice.com"],
    ["bob+tag@alice.com josé@alice.com b_@alice.com"],
    ["https://example.com/@alice"],
    ["example.com/@alice"],
    ["@ @! @"],
    [`@${"한".repeat(51)}`],
  ])("finds no mention in %j", (text) => {
    expect(mentions(text)).toEqual([]);
  });

  const MEGABYTE = 1_000_000;
  const nasty = ["#", "@", "#a", "@a", "#a#", "@a.", "@.", "a@", "://", "#\u0301\u0316", "한", "#😀", "&#", ". "];

  it.each(nasty)("takes each character of a megabyte of %j once", (piece) => {
    const text = piece.repeat(MEGABYTE / piece.length);
    let taken = 0;
    let ended = 0;
    const counted: Iterable<string> = {
      *[Symbol.iterator]() {
        for (const character of text) {
          taken += 1;
          yield character;
        }
        ended += 1;
      },
    };
    scanTags(counted);
    expect({ taken, ended }).toEqual({ taken: [...text].length, ended: 1 });
  });

  it("sorts no long run of marks, which costs the square of its length", () => {
    const sizes: number[] = [];
    const normalize = jest.spyOn(String.prototype, "normalize").mockImplementation(function (this: string) {
      sizes.push(this.length);
      return String(this);
    });
    try {
      extractTags(`#a${"\u0301\u0316".repeat(MEGABYTE / 2)}`);
    } finally {
      normalize.mockRestore();
    }
    expect(sizes.length).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThan(40);
  });
});
