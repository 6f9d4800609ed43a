import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { makeRenditions, type PictureFormat } from "../../services/media/make-renditions";
import { planRenditions, type Size } from "../../services/media/rendition-plan";
import { colourField } from "../seed/colour-field";
import { alternate, type Sample } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import type { Lab } from "./lab";

const WIDTH = 4000;
const HEIGHT = 3000;
const IMAGES = 8;
/** As a node does by default. */
const AT_ONCE = 2;
const formats: readonly PictureFormat[] = ["webp", "jpeg"];

interface Raw {
  data: Buffer;
  width: number;
  height: number;
  channels: 3 | 4;
}

export const renditions: Benchmark = {
  names: ["renditions_vs_codec", "renditions_vs_each_from_original"],
  about: `Pictures a second of processor time, 12 megapixels, made into all their renditions: to sharp decoding them once and encoding files of the same sizes, formats and qualities with nothing in between, and to sharp making each file from the original.`,
  async run(lab) {
    const path = await photograph(lab);
    const sizes = planRenditions({ width: WIDTH, height: HEIGHT });
    const raws = await Promise.all(sizes.map((size) => rawOf(path, size.width, size.height)));
    const ours = async (): Promise<Sample> => ({
      rate: await rateOf(
        async () => void (await makeRenditions(path, { formats, maxPixels: 50_000_000 }, async () => undefined)),
      ),
    });
    const vsCodec = await alternate("renditions_vs_codec", {
      ours,
      reference: async () => ({ rate: await rateOf(() => codecAlone(path, raws)) }),
    });
    const vsEach = await alternate("renditions_vs_each_from_original", {
      ours,
      reference: async () => ({ rate: await rateOf(() => eachFromOriginal(path, sizes)) }),
    });
    return {
      rows: [
        rowOf("renditions_vs_codec", "pictures/core s", vsCodec["rate"]!, "ratio >= 0.95"),
        rowOf("renditions_vs_each_from_original", "pictures/core s", vsEach["rate"]!, "ratio >= 2"),
      ],
    };
  },
};

/** As large as a phone's, with the grain that makes encoders work. */
async function photograph(lab: Lab): Promise<string> {
  const path = join(await lab.folder(), "photograph.jpg");
  const noise = { type: "gaussian" as const, mean: 128, sigma: 12 };
  const grain = await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: "#808080", noise } })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const grained = colourField(1, WIDTH, HEIGHT, 24).composite([{ input: grain, blend: "soft-light" }]);
  await writeFile(path, await grained.jpeg({ quality: 90 }).toBuffer());
  return path;
}

async function rawOf(path: string, width: number, height: number): Promise<Raw> {
  const { data, info } = await sharp(path).resize(width, height).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels as 3 | 4 };
}

/** Decodes as small as the codec can, which is what making renditions needs, and encodes pixels that lie ready. */
async function codecAlone(path: string, raws: readonly Raw[]): Promise<void> {
  const [largest] = raws;
  await sharp(path).resize(largest!.width).raw().toBuffer();
  for (const { data, ...raw } of raws) {
    await sharp(data, { raw }).webp({ quality: 80, effort: 2 }).toBuffer();
    await sharp(data, { raw }).jpeg({ quality: 80 }).toBuffer();
  }
}

async function eachFromOriginal(path: string, sizes: readonly Size[]): Promise<void> {
  for (const { width, height } of sizes) {
    await sharp(path).autoOrient().resize(width, height).webp({ quality: 80, effort: 2 }).toBuffer();
    await sharp(path).autoOrient().resize(width, height).jpeg({ quality: 80 }).toBuffer();
  }
}

/** To the second of processor time: the rate of one core that does nothing else. */
async function rateOf(work: () => Promise<void>): Promise<number> {
  const began = process.cpuUsage();
  let left = IMAGES;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const { user, system } = process.cpuUsage(began);
  return (IMAGES * 1e6) / (user + system);
}
