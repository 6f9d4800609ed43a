import sharp from "sharp";
import { seededRandom } from "../seed/random";
import type { Photo } from "./api-client";

type Random = () => number;

const WIDTH = 1600;

/** Pictures that look like something, each of another kind and shape. */
export async function makePhotos(seed: number): Promise<Photo[]> {
  const random = seededRandom(seed);
  const scenes: [string, (random: Random, height: number) => string, number][] = [
    ["evening-hills.jpg", hills, 1200],
    ["circles.jpg", circles, 1600],
    ["awning.jpg", stripes, 1200],
    ["misty-mountains.jpg", mountains, 1067],
    ["city-at-night.jpg", city, 1600],
    ["sea.jpg", sea, 1067],
    ["morning-hills.jpg", hills, 1600],
    ["petals.jpg", petals, 1600],
    ["tiles.jpg", tiles, 1200],
  ];
  return Promise.all(
    scenes.map(async ([name, draw, height]) => ({ name, bytes: await paint(draw(random, height), height) })),
  );
}

/** Film grain over the drawing, for no sky is of one colour. */
async function paint(shapes: string, height: number): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}">${shapes}</svg>`;
  const noise = { type: "gaussian" as const, mean: 128, sigma: 14 };
  const grain = await sharp({ create: { width: WIDTH, height, channels: 3, background: "#808080", noise } })
    .png()
    .toBuffer();
  return sharp(Buffer.from(svg))
    .composite([{ input: grain, blend: "soft-light" }])
    .flatten()
    .jpeg({ quality: 88 })
    .toBuffer();
}

const hsl = (hue: number, saturation: number, lightness: number): string =>
  `hsl(${Math.round((hue + 360) % 360)},${Math.round(saturation)}%,${Math.round(lightness)}%)`;

function sky(top: string, bottom: string): string {
  return `<linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/></linearGradient><rect width="100%" height="100%" fill="url(#sky)"/>`;
}

/** A ridge as a sum of waves, filled down to the lower border. */
function ridge(random: Random, height: number, base: number, rise: number, fill: string): string {
  const waves = [1, 2.3, 4.9, 9.7, 21].map((pitch) => ({ pitch, phase: random() * 6.3, swell: rise / pitch ** 0.9 }));
  const points = Array.from({ length: 101 }, (_, i) => {
    const y = waves.reduce(
      (sum, { pitch, phase, swell }) => sum + Math.sin((i / 100) * pitch * 5 + phase) * swell,
      base,
    );
    return `${(i * WIDTH) / 100},${y.toFixed(1)}`;
  });
  return `<polygon points="0,${height} ${points.join(" ")} ${WIDTH},${height}" fill="${fill}"/>`;
}

function hills(random: Random, height: number): string {
  const hue = 10 + random() * 40;
  const sun = `<circle cx="${WIDTH * (0.3 + random() * 0.4)}" cy="${height * 0.45}" r="${90 + random() * 60}" fill="${hsl(hue + 30, 95, 82)}"/>`;
  const ridges = [0, 1, 2, 3].map((i) =>
    ridge(random, height, height * (0.55 + i * 0.12), 70, hsl(hue + 90 + i * 12, 35, 42 - i * 10)),
  );
  return sky(hsl(hue + 190, 60, 45), hsl(hue, 90, 72)) + sun + ridges.join("");
}

function mountains(random: Random, height: number): string {
  const hue = 200 + random() * 40;
  const ridges = [0, 1, 2, 3, 4].map((i) =>
    ridge(random, height, height * (0.4 + i * 0.13), 120 - i * 12, hsl(hue, 22 + i * 5, 74 - i * 14)),
  );
  return sky(hsl(hue, 45, 80), hsl(hue - 160, 40, 90)) + ridges.join("");
}

function sea(random: Random, height: number): string {
  const hue = 185 + random() * 25;
  const waves = Array.from({ length: 14 }, (_, i) =>
    ridge(random, height, height * (0.5 + i * 0.04), 5 + i * 1.5, hsl(hue + i, 60, 62 - i * 3)),
  );
  return sky(hsl(hue + 15, 70, 62), hsl(hue - 10, 60, 90)) + waves.join("");
}

function circles(random: Random, height: number): string {
  const hue = random() * 360;
  const discs = Array.from({ length: 60 }, () => {
    const fill = hsl(hue + random() * 90, 65, 40 + random() * 35);
    return `<circle cx="${(random() * WIDTH).toFixed()}" cy="${(random() * height).toFixed()}" r="${(20 + random() ** 2 * 260).toFixed()}" fill="${fill}" fill-opacity="0.55"/>`;
  });
  return sky(hsl(hue + 180, 30, 18), hsl(hue + 200, 35, 30)) + discs.join("");
}

function stripes(random: Random, height: number): string {
  const hue = random() * 360;
  const bands = Array.from({ length: 16 }, (_, i) => {
    const x = i * 130 - 220;
    return `<polygon points="${x},${height} ${x + 65},${height} ${x + 285},0 ${x + 220},0" fill="${hsl(hue, 75, 48 + (i % 3) * 4)}"/>`;
  });
  return sky("hsl(40,40%,96%)", "hsl(40,30%,84%)") + bands.join("");
}

function city(random: Random, height: number): string {
  const houses: string[] = [];
  for (let x = 0; x < WIDTH; x += 100) {
    const top = height * (0.35 + random() * 0.4);
    houses.push(
      `<rect x="${x}" y="${top}" width="96" height="${height - top}" fill="${hsl(230, 30, 7 + random() * 7)}"/>`,
    );
    for (let y = top + 25; y < height - 40; y += 48) {
      for (let column = 0; column < 3; column++) {
        if (random() < 0.45) continue;
        houses.push(
          `<rect x="${x + 14 + column * 26}" y="${y}" width="14" height="22" fill="${hsl(40 + random() * 15, 85, 55 + random() * 25)}"/>`,
        );
      }
    }
  }
  return sky(hsl(240, 55, 14), hsl(320, 45, 38)) + houses.join("");
}

function petals(random: Random, height: number): string {
  const hue = 300 + random() * 80;
  const rings = [420, 320, 220, 130].flatMap((length, ring) =>
    Array.from({ length: 14 }, (_, i) => {
      const angle = i * (360 / 14) + ring * 12;
      return `<ellipse cx="${WIDTH / 2}" cy="${height / 2 - length}" rx="${length * 0.32}" ry="${length}" fill="${hsl(hue + ring * 12, 75, 45 + ring * 10)}" fill-opacity="0.7" transform="rotate(${angle} ${WIDTH / 2} ${height / 2})"/>`;
    }),
  );
  const heart = `<circle cx="${WIDTH / 2}" cy="${height / 2}" r="80" fill="${hsl(48, 90, 55)}"/>`;
  return sky(hsl(130, 30, 22), hsl(150, 35, 12)) + rings.join("") + heart;
}

function tiles(random: Random, height: number): string {
  const hue = random() * 360;
  const all: string[] = [];
  for (let y = 0; y < height; y += 100) {
    for (let x = 0; x < WIDTH; x += 100) {
      const fill = hsl(hue + (random() < 0.2 ? 180 : random() * 40), 55, 35 + random() * 40);
      const arc =
        random() < 0.5
          ? `M${x},${y} h100 a100,100 0 0 1 -100,100 z`
          : `M${x + 100},${y + 100} h-100 a100,100 0 0 1 100,-100 z`;
      all.push(`<path d="${arc}" fill="${fill}"/>`);
    }
  }
  return sky("hsl(45,35%,92%)", "hsl(45,30%,86%)") + all.join("");
}
