/** Longer ones are no tags: nobody could ask for them. */
const MAX_HASHTAG_LENGTH = 200;
const MAX_USERNAME_LENGTH = 50;

export interface Tags {
  /** Without "#", each once, in the order of the text. */
  hashtags: string[];
  /** For each "@" what may be meant by it, longest first: in "@alice님" the name may end before the particle. */
  mentions: string[][];
}

/** Hashtags and possible mentions of a text in any script: NFKC, lower case. */
export function extractTags(text: string): Tags {
  return scanTags(normalizeTag(text));
}

/** The form in which tags and names are compared. */
export function normalizeTag(text: string): string {
  // Sorting a run of marks costs its square, and no script stacks more than a few.
  return text
    .replace(/(\p{M}{30})\p{M}+/gu, "$1")
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFKC");
}

type Run = { kind: "#" | "@"; text: string };

/** One pass that looks at each character once and never back. */
export function scanTags(characters: Iterable<string>): Tags {
  const hashtags = new Set<string>();
  const mentions = new Map<string, string[]>();
  let run: Run | undefined;
  let before = "";
  let isUrl = false;

  const endRun = () => {
    if (run?.kind === "#" && isHashtag(run.text)) hashtags.add(run.text);
    if (run?.kind === "@" && run.text !== "" && !mentions.has(run.text)) mentions.set(run.text, namesIn(run.text));
    run = undefined;
  };

  for (const character of characters) {
    if (run && (isWord(character) || (run.kind === "@" && character === "."))) {
      run.text += character;
    } else {
      const endsTag = run !== undefined && run.text !== "";
      endRun();
      if (isSpace(character)) isUrl = false;
      // "://" is enough, for what stands before it may be any letters.
      else if (character === "/" && before === ":") isUrl = true;
      else if (character === "#" && !isUrl && (endsTag || mayBeginHashtag(before))) run = { kind: "#", text: "" };
      else if (character === "@" && !isUrl && mayBeginMention(before)) run = { kind: "@", text: "" };
    }
    before = character;
  }
  endRun();
  return { hashtags: [...hashtags], mentions: [...mentions.values()].filter((names) => names.length > 0) };
}

/** Letters, marks, digits and "_" of any script; the marks that make emoji (variation, keycap) are none. */
function isWord(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}_]$/u.test(character) && !/^[\uFE00-\uFE0F\u20E3]$/u.test(character);
}

function isSpace(character: string): boolean {
  return /^\s$/u.test(character);
}

/** Not inside a word, nor in a path or query such as "page/#part", nor in an entity such as "&#39;". */
function mayBeginHashtag(before: string): boolean {
  return !isWord(before) && !"/=&".includes(before || " ");
}

/** A letter of a script that knows upper case, a digit or a dash before it makes an e-mail address; Hangul or kana do not. */
function mayBeginMention(before: string): boolean {
  return !/^[\p{Lu}\p{Ll}\p{Lt}\p{Lm}\p{M}\p{N}_+%/=&-]$/u.test(before) || /^[\uFE00-\uFE0F\u20E3]$/u.test(before);
}

/** "#" alone is none, and marks alone are what an emoji left. */
function isHashtag(text: string): boolean {
  return text !== "" && text.length <= MAX_HASHTAG_LENGTH && !/^\p{M}/u.test(text);
}

function namesIn(run: string): string[] {
  const ascii = /^[a-z0-9_.]*/.exec(run)![0];
  const names = [run, withoutTail(run), ascii, withoutTail(ascii)];
  return [...new Set(names)].filter((name) => name !== "" && name.length <= MAX_USERNAME_LENGTH);
}

/** Dots that end a sentence. By hand, for a pattern with "$" tries again from each dot. */
function withoutTail(name: string): string {
  let end = name.length;
  while (end > 0 && name[end - 1] === ".") end -= 1;
  return name.slice(0, end);
}
