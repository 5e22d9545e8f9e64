/**
 * 演练 drawn over a picture, so that whoever meets it alone, cut or made small, knows that it is of an exercise. Its strokes
 * are drawn here, for a machine without Chinese fonts would draw boxes in their place.
 */
import sharp, { type Sharp } from 'sharp';

/** Each glyph in a square of 100: lines as `x,y x,y …`. */
const strokes = {
  演: [
    '10,10 20,20',
    '4,36 15,45',
    '6,94 22,62',
    '64,2 68,11',
    '34,30 34,18 96,18 96,30',
    '44,34 86,34',
    '65,34 65,80',
    '42,48 88,48 88,80 42,80 42,48',
    '42,64 88,64',
    '54,85 36,98',
    '76,85 95,98',
  ],
  练: [
    '26,4 8,28 24,30',
    '32,22 8,60 34,56',
    '4,92 36,78',
    '42,20 96,20',
    '62,4 46,46 94,46',
    '70,46 70,96 60,90',
    '54,62 42,84',
    '84,62 96,84',
  ],
  D: ['20,10 20,90 50,90 74,70 74,30 50,10 20,10'],
  R: ['20,90 20,10 60,10 76,24 76,38 60,50 20,50', '48,50 78,90'],
  I: ['50,10 50,90'],
  L: ['24,10 24,90 76,90'],
} as const;

/** Where each stands on the plate, and how large. */
const plate = { width: 212, height: 150 };
const placed: readonly { glyph: keyof typeof strokes; x: number; y: number; size: number }[] = [
  { glyph: '演', x: 0, y: 0, size: 1 },
  { glyph: '练', x: 112, y: 0, size: 1 },
  ...(['D', 'R', 'I', 'L', 'L'] as const).map((glyph, n) => ({ glyph, x: 22 + n * 34, y: 116, size: 0.34 })),
];

/** Of a cut that any channel makes, the widest and the narrowest, width to height. */
const cuts = { widest: 2.35, narrowest: 1 };
/** Part of the smallest cut that a plate fills. One and the way to the next fill it whole, so each cut holds one at least. */
const share = 0.38;
/** Pixels: a picture that is smaller is put on a larger ground, for nobody could read a mark on it. */
const leastEdge = 240;
/** How strong the mark is over words. */
const overWords = 0.3;
/** Nor on a strip that is so many times as wide as it is high. */
const flattest = 10;

/** `演练 DRILL` all over the picture, in every frame of a moving one, in the format that it has. Throws where it is none. */
export async function withDrillMark(picture: Buffer): Promise<Buffer> {
  const { width, height: whole, pageHeight, pages = 1, format } = await sharp(picture).metadata();
  const size = roomy({ width, height: pageHeight ?? whole });
  const ground = { r: 255, g: 255, b: 255, alpha: 1 };
  const overlay = await (pages > 1 ? onePage(size) : cell(size).png().toBuffer());
  const marked = sharp(picture, { animated: pages > 1 })
    .resize({ ...size, fit: 'contain', background: ground })
    .composite([{ input: overlay, tile: true, gravity: 'northwest' }]);
  return encoded(marked, format).toBuffer();
}

interface Size {
  width: number;
  height: number;
}

function roomy({ width, height }: Size): Size {
  return {
    width: Math.max(width, leastEdge),
    height: Math.max(height, leastEdge, Math.ceil(width / flattest)),
  };
}

/** One plate with the room to the next: what the picture is tiled with. `strength`: 1 over pictures, less over words. */
function tile({ width, height }: Size, strength: number) {
  const room = { width: Math.min(width, height / cuts.narrowest), height: Math.min(height, width / cuts.widest) };
  const scale = Math.min((room.width * share) / plate.width, (room.height * share) / plate.height);
  const period = (edge: number): number => Math.floor((edge * scale * (1 - share)) / share);
  const [across, down] = [period(plate.width), period(plate.height)];
  const lines = placed.flatMap(({ glyph, x, y, size }) =>
    strokes[glyph].map((points) => `<polyline transform="translate(${x} ${y}) scale(${size})" points="${points}"/>`),
  );
  const drawn = (colour: string, line: number, opacity: number): string =>
    `<g stroke="${colour}" stroke-width="${line}" opacity="${opacity * strength}">${lines.join('')}</g>`;
  const [left, top] = [(across - plate.width * scale) / 2, (down - plate.height * scale) / 2];
  // White on black is read on a light ground as on a dark one.
  const svg = `<g transform="translate(${left} ${top}) scale(${scale})" fill="none" stroke-linecap="round" stroke-linejoin="round">${drawn('#000', 20, 0.75)}${drawn('#fff', 9, 0.95)}</g>`;
  return { across, down, svg };
}

function cell(size: Size): Sharp {
  const { across, down, svg } = tile(size, 1);
  return sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${across}" height="${down}">${svg}</svg>`));
}

/** The same as the top layer of a drawing, through which its words can be read. SVG elements. */
export function drillLayer(size: Size): string {
  const { across, down, svg } = tile(size, overWords);
  const pattern = `<pattern id="drill" width="${across}" height="${down}" patternUnits="userSpaceOnUse">${svg}</pattern>`;
  return `<defs>${pattern}</defs><rect width="${size.width}" height="${size.height}" fill="url(#drill)"/>`;
}

/** The frames of a moving picture lie below each other: each begins anew, so that the mark stands still. */
async function onePage(size: Size): Promise<Buffer> {
  return sharp({ create: { ...size, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite([{ input: await cell(size).png().toBuffer(), tile: true, gravity: 'northwest' }])
    .png()
    .toBuffer();
}

function encoded(picture: Sharp, format: string): Sharp {
  switch (format) {
    case 'gif':
      return picture.gif({ effort: 4 });
    case 'webp':
      return picture.webp({ quality: 90 });
    case 'png':
      return picture.png({ compressionLevel: 9 });
    default:
      return picture.flatten({ background: '#ffffff' }).jpeg({ quality: 90 });
  }
}
