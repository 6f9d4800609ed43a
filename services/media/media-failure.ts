/** Why an upload cannot be shown. The message is for people, stable, and holds nothing of the machine; trying again changes nothing. */
export class MediaFailure extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = "MediaFailure";
  }
}

export const DAMAGED = "The file is cut short or damaged.";
export const TOO_SLOW = "The file took too long to process.";

export function tooManyPixels(limit: number): MediaFailure {
  return new MediaFailure(`The picture has more than ${Math.floor(limit / 1_000_000)} million pixels.`);
}

/** Something that reads this kind of file is not installed here. The message says what. */
export class DecoderMissingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DecoderMissingError";
  }
}
