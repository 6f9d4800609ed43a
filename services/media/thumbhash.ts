/** ThumbHash (evanw.github.io/thumbhash), whose package is an ES module only. Its format, coefficient by coefficient. */

interface Channel {
  dc: number;
  ac: number[];
  scale: number;
}

/** A picture of some 25 bytes, to be shown while the real one loads. Sides of at most 100 pixels, four bytes a pixel. */
export function thumbhashOf(width: number, height: number, rgba: Uint8Array): Buffer {
  const planes = planesOf(width * height, rgba);
  const long = Math.max(width, height);
  const most = planes.isTranslucent ? 5 : 7;
  const columns = Math.max(1, Math.round((most * width) / long));
  const rows = Math.max(1, Math.round((most * height) / long));
  const transform = (plane: Float64Array, nx: number, ny: number) => cosines(plane, width, height, nx, ny);

  const l = transform(planes.l, Math.max(3, columns), Math.max(3, rows));
  const p = transform(planes.p, 3, 3);
  const q = transform(planes.q, 3, 3);
  const a = planes.isTranslucent ? transform(planes.a, 5, 5) : undefined;

  const isLandscape = width > height;
  const first =
    Math.round(63 * l.dc) |
    (Math.round(31.5 + 31.5 * p.dc) << 6) |
    (Math.round(31.5 + 31.5 * q.dc) << 12) |
    (Math.round(31 * l.scale) << 18) |
    (a ? 1 << 23 : 0);
  const second =
    (isLandscape ? rows : columns) |
    (Math.round(63 * p.scale) << 3) |
    (Math.round(63 * q.scale) << 9) |
    (isLandscape ? 1 << 15 : 0);
  const head = [first & 255, (first >> 8) & 255, (first >> 16) & 255, second & 255, (second >> 8) & 255];
  if (a) head.push(Math.round(15 * a.dc) | (Math.round(15 * a.scale) << 4));
  return Buffer.concat([Buffer.from(head), nibbles([l, p, q, ...(a ? [a] : [])].flatMap(({ ac }) => ac))]);
}

/** Luminance, yellow-blue, red-green and alpha, what is translucent laid over the average colour. */
function planesOf(pixels: number, rgba: Uint8Array) {
  const sum = [0, 0, 0, 0];
  for (let at = 0; at < pixels * 4; at += 4) {
    const alpha = rgba[at + 3]! / 255;
    for (let c = 0; c < 3; c++) sum[c]! += (alpha / 255) * rgba[at + c]!;
    sum[3]! += alpha;
  }
  const [red, green, blue] = sum.slice(0, 3).map((value) => (sum[3]! > 0 ? value / sum[3]! : 0)) as [
    number,
    number,
    number,
  ];
  const [l, p, q, a] = [0, 0, 0, 0].map(() => new Float64Array(pixels)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < pixels; i++) {
    const alpha = rgba[i * 4 + 3]! / 255;
    const r = red * (1 - alpha) + (alpha / 255) * rgba[i * 4]!;
    const g = green * (1 - alpha) + (alpha / 255) * rgba[i * 4 + 1]!;
    const b = blue * (1 - alpha) + (alpha / 255) * rgba[i * 4 + 2]!;
    l[i] = (r + g + b) / 3;
    p[i] = (r + g) / 2 - b;
    q[i] = r - g;
    a[i] = alpha;
  }
  return { l, p, q, a, isTranslucent: sum[3]! < pixels };
}

/** The lowest coefficients of a discrete cosine transform, in the triangle that the format keeps, scaled to 0…1. */
function cosines(plane: Float64Array, width: number, height: number, nx: number, ny: number): Channel {
  let dc = 0;
  let scale = 0;
  const ac: number[] = [];
  for (let cy = 0; cy < ny; cy++) {
    const ofRow = Array.from({ length: height }, (_, y) => Math.cos((Math.PI / height) * cy * (y + 0.5)));
    // Rows first, for all columns at once: a seventh of the work.
    const sums = new Float64Array(width);
    for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++) sums[x]! += plane[at++]! * ofRow[y]!;
    for (let cx = 0; cx * ny < nx * (ny - cy); cx++) {
      let value = 0;
      for (let x = 0; x < width; x++) value += sums[x]! * Math.cos((Math.PI / width) * cx * (x + 0.5));
      value /= width * height;
      if (cx === 0 && cy === 0) dc = value;
      else ac.push(value);
      if (cx > 0 || cy > 0) scale = Math.max(scale, Math.abs(value));
    }
  }
  return { dc, ac: scale > 0 ? ac.map((value) => 0.5 + (0.5 / scale) * value) : ac, scale };
}

function nibbles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(values.length / 2));
  values.forEach((value, i) => (bytes[i >> 1]! |= Math.round(15 * value) << ((i & 1) << 2)));
  return bytes;
}
