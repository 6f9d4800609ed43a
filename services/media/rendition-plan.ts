/** Sides of the square, and widths of the others. */
const SQUARE = 150;
const WIDTHS = [320, 640, 1080] as const;

/** Strips (a long screenshot) are bounded in height too: WebP ends at 16,383 pixels, and a phone's memory before. */
const MAX_HEIGHT_PER_WIDTH = 8;

/** All frames of one moving rendition together: about a second of encoding. */
const MAX_MOVING_PIXELS = 20_000_000;

export interface Size {
  width: number;
  height: number;
}

/** Names that the same picture bears: all of them are always there, and nothing is enlarged. */
export interface PlannedSize extends Size {
  names: string[];
  /** Cut to a square out of the middle. */
  is_square: boolean;
}

/**
 * What is made of a picture of this upright size, the largest first: w1080, w640, w320 wide and w150 square. Of a smaller one
 * several names are one file in its own size; the smallest name gives the file's.
 */
export function planRenditions(original: Size, frames = 1): PlannedSize[] {
  const planned: PlannedSize[] = [];
  const side = Math.min(SQUARE, original.width, original.height);
  add(planned, { width: side, height: side, names: [`w${SQUARE}`], is_square: true });
  for (const width of WIDTHS) add(planned, { ...fit(original, width, frames), names: [`w${width}`], is_square: false });
  return planned.reverse();
}

function add(planned: PlannedSize[], size: PlannedSize): void {
  const same = planned.find(({ width, height }) => width === size.width && height === size.height);
  if (same !== undefined) same.names.push(...size.names);
  else planned.push(size);
}

function fit({ width, height }: Size, target: number, frames: number): Size {
  const scale = Math.min(
    1,
    target / width,
    (target * MAX_HEIGHT_PER_WIDTH) / height,
    frames === 1 ? 1 : Math.sqrt(MAX_MOVING_PIXELS / (width * height * frames)),
  );
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
