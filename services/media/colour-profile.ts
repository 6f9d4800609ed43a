/** Code points of ITU-T H.273 as a HEIF's `colr` box of kind nclx holds them. */
export interface ColourCode {
  primaries: number;
  transfer: number;
}

/** Columns of red, green and blue in XYZ, adapted to D50, as ICC profiles of these spaces hold them. */
const columns = {
  srgb: [0.43607, 0.22249, 0.01392, 0.38515, 0.71687, 0.09708, 0.14307, 0.06061, 0.7141],
  p3: [0.51512, 0.2412, -0.00105, 0.29198, 0.69225, 0.04189, 0.1571, 0.06657, 0.78407],
  bt2020: [0.67346, 0.27903, -0.00193, 0.16566, 0.67534, 0.02998, 0.1251, 0.04563, 0.79716],
} as const;

const PQ = 16;
const HLG = 18;
const LINEAR = 8;
/** ITU-R BT.2408: diffuse white of HDR is shown as the white of SDR. */
const WHITE_NITS = 203;
/** From here on highlights are pressed together instead of cut off. */
const KNEE = 0.8;
const ENTRIES = 4096;

/** An ICC profile that leads from these colours to what an sRGB screen can show. Undefined where they are as good as sRGB. */
export function profileOf({ primaries, transfer }: ColourCode): Buffer | undefined {
  const gamut = primaries === 9 ? "bt2020" : primaries === 11 || primaries === 12 ? "p3" : "srgb";
  if (gamut === "srgb" && ![PQ, HLG, LINEAR].includes(transfer)) return undefined;
  return matrixProfile(columns[gamut], lightOf(transfer));
}

/** Light by value, both from 0 to 1, where 1 is the white of SDR. */
function lightOf(transfer: number): (value: number) => number {
  if (transfer === PQ) return (value) => pressed(pqNits(value) / WHITE_NITS);
  // At a screen of 1000 nits, whose system gamma is 1.2 (BT.2100).
  if (transfer === HLG) return (value) => pressed((1000 * hlgScene(value) ** 1.2) / WHITE_NITS);
  if (transfer === LINEAR) return (value) => value;
  return (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
}

/** SMPTE ST 2084. */
function pqNits(value: number): number {
  const root = value ** (32 / 2523);
  return 10_000 * (Math.max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (8192 / 1305);
}

/** ITU-R BT.2100, the inverse OETF of hybrid log-gamma. */
function hlgScene(value: number): number {
  return value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12;
}

function pressed(light: number): number {
  return light <= KNEE ? light : KNEE + (1 - KNEE) * (1 - Math.exp((KNEE - light) / (1 - KNEE)));
}

/** ICC.1:2001, three columns and one curve. */
function matrixProfile(xyz: readonly number[], light: (value: number) => number): Buffer {
  const curve = Buffer.alloc(12 + ENTRIES * 2);
  curve.write("curv", 0, "latin1");
  curve.writeUInt32BE(ENTRIES, 8);
  for (let i = 0; i < ENTRIES; i++) curve.writeUInt16BE(Math.round(65_535 * light(i / (ENTRIES - 1))), 12 + i * 2);
  const tags: [string, Buffer][] = [
    ["wtpt", xyzTag(0.9642, 1, 0.82491)],
    ["rXYZ", xyzTag(xyz[0]!, xyz[1]!, xyz[2]!)],
    ["gXYZ", xyzTag(xyz[3]!, xyz[4]!, xyz[5]!)],
    ["bXYZ", xyzTag(xyz[6]!, xyz[7]!, xyz[8]!)],
    ["rTRC", curve],
  ];
  return assemble(tags, ["gTRC", "bTRC"]);
}

function xyzTag(...values: number[]): Buffer {
  const tag = Buffer.alloc(20);
  tag.write("XYZ ", 0, "latin1");
  values.forEach((value, i) => tag.writeInt32BE(Math.round(value * 65_536), 8 + i * 4));
  return tag;
}

/** @param likeLast names under which the last tag stands once more */
function assemble(tags: readonly [string, Buffer][], likeLast: readonly string[]): Buffer {
  const table = Buffer.alloc(4 + 12 * (tags.length + likeLast.length));
  table.writeUInt32BE(tags.length + likeLast.length, 0);
  let offset = 128 + table.length;
  const names = [
    ...tags.map(([name, body]) => ({ name, body })),
    ...likeLast.map((name) => ({ name, body: undefined })),
  ];
  let last = { offset, size: 0 };
  names.forEach(({ name, body }, i) => {
    if (body !== undefined) {
      last = { offset, size: body.length };
      offset += body.length;
    }
    table.write(name, 4 + i * 12, "latin1");
    table.writeUInt32BE(last.offset, 8 + i * 12);
    table.writeUInt32BE(last.size, 12 + i * 12);
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(offset, 0);
  header.writeUInt32BE(0x02400000, 8);
  header.write("mntrRGB XYZ ", 12, "latin1");
  header.write("acsp", 36, "latin1");
  xyzTag(0.9642, 1, 0.82491).copy(header, 68, 8);
  return Buffer.concat([header, table, ...tags.map(([, body]) => body)]);
}
