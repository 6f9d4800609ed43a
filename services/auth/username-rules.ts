/** The form in which usernames are compared, claimed and searched. Lower-casing can undo NFKC ("İ"), so it is done again. */
export function usernameKey(username: string): string {
  return username.normalize("NFKC").toLowerCase().normalize("NFKC");
}

export function emailKey(email: string): string {
  return email.normalize("NFKC").toLowerCase();
}

/** Alphabets that share shapes: "раypal" with Cyrillic letters looks like "paypal". */
const lookalikes = ["Latin", "Cyrillic", "Greek", "Armenian", "Cherokee", "Coptic"].map(
  (script) => new RegExp(`\\p{Script=${script}}`, "u"),
);

/** What is wrong with this name, beyond its characters and length; undefined for a good one. */
export function usernameFault(username: string): string | undefined {
  const key = usernameKey(username);
  if (key.length > 50 || !/^[\p{L}\p{M}\p{N}_.]+$/u.test(key)) return "holds a character that stands for others";
  // Letters that show as nothing (the Hangul fillers, variation selectors) would make two names look the same.
  if (/\p{Default_Ignorable_Code_Point}/u.test(key)) return "may not hold invisible characters";
  if (key.startsWith(".") || key.endsWith(".") || key.includes("..")) {
    return "may not begin or end with a dot, nor hold two in a row";
  }
  if (/^\p{M}|\p{M}{4}/u.test(key)) return "may not begin with a mark, nor heap them up";
  if (!/[\p{L}\p{N}]/u.test(key)) return "must hold a letter or a digit";
  if (lookalikes.filter((script) => script.test(key)).length > 1) return "may not mix scripts that look alike";
  return undefined;
}
