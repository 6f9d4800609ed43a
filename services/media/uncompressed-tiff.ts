export interface Pixels {
  width: number;
  height: number;
  channels: number;
  bits: 8 | 16;
  data: Buffer;
}

const SHORT = 3;
const LONG = 4;
const BYTES = 7;

/** Pixels and their ICC profile in the plainest file that carries both: sharp takes no profile beside raw pixels. TIFF 6.0. */
export function uncompressedTiff({ width, height, channels, bits, data }: Pixels, profile: Buffer): Buffer {
  const hasAlpha = channels === 2 || channels === 4;
  const colours = channels - (hasAlpha ? 1 : 0);
  const fields: [tag: number, type: number, count: number, value: number | Buffer][] = [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, channels, shorts(Array<number>(channels).fill(bits))],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, colours === 3 ? 2 : 1],
    [273, LONG, 1, 0],
    [277, SHORT, 1, channels],
    [278, LONG, 1, height],
    [279, LONG, 1, data.length],
    [284, SHORT, 1, 1],
    ...(hasAlpha ? [[338, SHORT, 1, 2] as [number, number, number, number]] : []),
    [34675, BYTES, profile.length, profile],
  ];
  const directory = Buffer.alloc(2 + fields.length * 12 + 4);
  directory.writeUInt16LE(fields.length, 0);
  const parts: Buffer[] = [];
  let offset = 8 + directory.length;
  const append = (bytes: Buffer): number => {
    const at = offset;
    const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
    parts.push(padded);
    offset += padded.length;
    return at;
  };
  fields.forEach(([tag, type, count, value], i) => {
    const at = 2 + i * 12;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(count, at + 4);
    if (tag === 273) return;
    if (typeof value === "number") directory.writeUInt32LE(value, at + 8);
    else if (value.length <= 4) value.copy(directory, at + 8);
    else directory.writeUInt32LE(append(value), at + 8);
  });
  const strip = fields.findIndex(([tag]) => tag === 273);
  directory.writeUInt32LE(offset, 2 + strip * 12 + 8);
  const header = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  return Buffer.concat([header, directory, ...parts, data]);
}

function shorts(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => bytes.writeUInt16LE(value, i * 2));
  return bytes;
}
