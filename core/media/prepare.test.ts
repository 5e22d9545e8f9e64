import sharp from 'sharp';
import type { PictureRule } from '../../channels/channel.js';
import { fitPicture } from './prepare.js';

const noise = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({
    create: {
      width,
      height,
      channels,
      background: channels === 4 ? { r: 9, g: 9, b: 9, alpha: 0 } : '#336699',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });
const rule: PictureRule = { maxBytes: 1024 * 1024, maxEdge: 1_080, formats: ['jpeg', 'png'] };

it('leaves a picture that fits as it is, byte for byte', async () => {
  const bytes = await noise(300, 200).jpeg().toBuffer();
  expect(await fitPicture(bytes, rule)).toBe(bytes);
});

it('brings a large photograph within edge and bytes', async () => {
  const bytes = await noise(3_000, 2_000).jpeg({ quality: 100 }).toBuffer();
  const made = await fitPicture(bytes, { ...rule, maxBytes: 100_000 });
  expect(made.length).toBeLessThanOrEqual(100_000);
  const { width, height, format } = await sharp(made).metadata();
  expect(format).toBe('jpeg');
  expect(Math.max(width, height)).toBeLessThanOrEqual(1_080);
  expect(width / height).toBeCloseTo(1.5, 1);
});

it.each([[2.35], [1]])('cuts to the ratio %s and never enlarges', async (ratio) => {
  const { width, height } = await sharp(
    await fitPicture(await noise(400, 500).jpeg().toBuffer(), { ...rule, ratio }),
  ).metadata();
  expect(width / height).toBeCloseTo(ratio, 1);
  expect(width).toBeLessThanOrEqual(400);
});

it('writes a WebP for a channel that knows only JPEG, transparent parts on white', async () => {
  const bytes = await sharp({
    create: { width: 40, height: 40, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  })
    .webp()
    .toBuffer();
  const made = sharp(await fitPicture(bytes, { ...rule, formats: ['jpeg'] }));
  expect((await made.metadata()).format).toBe('jpeg');
  expect((await made.stats()).channels[0]?.mean).toBeGreaterThan(250);
});

it('keeps a drawing a PNG where that fits', async () => {
  const drawing = await sharp({ create: { width: 3_000, height: 100, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  expect((await sharp(await fitPicture(drawing, rule)).metadata()).format).toBe('png');
});

it('shows the first frame of an animation to a channel without GIF', async () => {
  const frames = await sharp({ create: { width: 10, height: 20, channels: 3, background: '#f00' } })
    .gif()
    .toBuffer();
  expect((await sharp(await fitPicture(frames, rule)).metadata()).format).toBe('png');
  expect(await fitPicture(frames, { ...rule, formats: ['gif'] })).toBe(frames);
});
