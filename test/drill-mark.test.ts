/** 演练 on every picture that a channel makes of one: any shape, any ground, moving or not, the smallest variant too. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { fitPicture } from '../core/media/prepare.js';
import { bearsMark, ground } from './support/drill-pixels.js';
import type { Channel } from '../channels/channel.js';
import { drillLayer, withDrillMark } from '../channels/drill-mark.js';
import { loadChannels } from '../channels/registry.js';

const shapes = {
  'on a light ground': () => ground('light', 900, 600),
  'on a dark ground': () => ground('dark', 600, 800),
  'on a grey ground': () => ground('grey', 500, 500),
  tall: () => ground('light', 300, 1_800),
  'a strip': () => ground('grey', 1_600, 60),
  tiny: () => ground('dark', 24, 24),
  large: () => ground('grey', 5_000, 3_000),
  async moving() {
    const frames = await Promise.all((['light', 'dark', 'grey'] as const).map((kind) => ground(kind, 320, 260)));
    return sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
  },
};
const folder = join(__dirname, '..', 'channels');
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

let channels: ReadonlyMap<string, Channel>;
const marked = new Map<string, Buffer>();
beforeAll(async () => {
  channels = await loadChannels([folder]);
  for (const [shape, make] of Object.entries(shapes)) marked.set(shape, await withDrillMark(await make()));
});

describe.each(Object.keys(shapes))('a picture %s', (shape) => {
  it.each(names)('says 演练 in every variant of channel %s', async (name) => {
    const rules = Object.values(channels.get(name)?.limits.pictures ?? {});
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules)
      for (const piece of await fitPicture(marked.get(shape) ?? Buffer.alloc(0), rule)) {
        expect(await bearsMark(piece)).toBe(true);
        const { width, height } = await sharp(piece).metadata();
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(90);
      }
  });
});

it('does not find it where it is not', async () => {
  for (const make of Object.values(shapes)) expect(await bearsMark(await make())).toBe(false);
});

it('keeps format, frames and size, but for what is too small for anybody to read', async () => {
  const formats = async (picture: Buffer) => {
    const { format, width, height, pages } = await sharp(picture).metadata();
    return { format, width, height, pages };
  };
  for (const [shape, make] of Object.entries(shapes)) {
    const before = await formats(await make());
    const after = await formats(marked.get(shape) ?? Buffer.alloc(0));
    if (['tiny', 'a strip'].includes(shape)) expect(after.width).toBeGreaterThanOrEqual(240);
    else expect(after).toEqual(before);
  }
  for (const format of ['jpeg', 'webp'] as const) {
    const picture = await sharp(await ground('grey', 400, 300))
      .toFormat(format)
      .toBuffer();
    expect((await formats(await withDrillMark(picture))).format).toBe(format);
  }
});

it('is drawn in strokes, not in letters of a font that a machine may lack', () => {
  const source = readFileSync(join(folder, 'drill-mark.ts'), 'utf8');
  expect(source).not.toMatch(/<text|font-family/);
  expect(drillLayer({ width: 750, height: 3_000 })).toMatch(/<polyline/);
});
