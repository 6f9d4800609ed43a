import type { Frames } from "./raw-frames";

export interface SmallFrame {
  width: number;
  height: number;
  rgba: Uint8Array;
}

/** A still picture in RGBA with no side longer than this: each pixel the mean of those that it stands for. Small ones stay as they are. */
export function shrinkFrame({ width, height, channels, data }: Frames, longest: number): SmallFrame {
  const scale = Math.min(1, longest / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const rgba = new Uint8Array(size.width * size.height * 4);
  const hasAlpha = channels === 2 || channels === 4;
  const [green, blue] = channels > 2 ? [1, 2] : [0, 0];
  for (let y = 0, to = 0; y < size.height; y++) {
    const [top, bottom] = span(y, height, size.height);
    for (let x = 0; x < size.width; x++, to += 4) {
      const [left, right] = span(x, width, size.width);
      let [r, g, b, sum] = [0, 0, 0, 0];
      for (let row = top; row < bottom; row++) {
        for (
          let at = (row * width + left) * channels, end = (row * width + right) * channels;
          at < end;
          at += channels
        ) {
          // What cannot be seen has no say in the colour.
          const alpha = hasAlpha ? data[at + channels - 1]! : 255;
          r += data[at]! * alpha;
          g += data[at + green]! * alpha;
          b += data[at + blue]! * alpha;
          sum += alpha;
        }
      }
      if (sum === 0) continue;
      rgba[to] = Math.round(r / sum);
      rgba[to + 1] = Math.round(g / sum);
      rgba[to + 2] = Math.round(b / sum);
      rgba[to + 3] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  }
  return { ...size, rgba };
}

function span(index: number, from: number, to: number): [number, number] {
  const start = Math.floor((index * from) / to);
  return [start, Math.max(start + 1, Math.floor(((index + 1) * from) / to))];
}
