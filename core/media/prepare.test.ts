import sharp from 'sharp';
import type { PictureRule } from '../../channels/channel.js';
import { fitPicture as fitAll } from './prepare.js';

/** What is one file. */
async function fitPicture(original: Buffer, to: PictureRule): Promise<[Buffer]> {
  const [only, ...more] = await fitAll(original, to);
  if (!only || more.length > 0) throw new Error('it is in pieces');
  return [only];
}

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
  expect((await fitPicture(bytes, rule))[0]).toBe(bytes);
});

it('brings a large photograph within edge and bytes', async () => {
  const bytes = await noise(3_000, 2_000).jpeg({ quality: 100 }).toBuffer();
  const [made] = await fitPicture(bytes, { ...rule, maxBytes: 100_000 });
  expect(made.length).toBeLessThanOrEqual(100_000);
  const { width, height, format } = await sharp(made).metadata();
  expect(format).toBe('jpeg');
  expect(Math.max(width, height)).toBeLessThanOrEqual(1_080);
  expect(width / height).toBeCloseTo(1.5, 1);
});

it.each([[2.35], [1]])('cuts to the ratio %s and never enlarges', async (ratio) => {
  const { width, height } = await sharp(
    (await fitPicture(await noise(400, 500).jpeg().toBuffer(), { ...rule, ratio }))[0],
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
  const made = sharp((await fitPicture(bytes, { ...rule, formats: ['jpeg'] }))[0]);
  expect((await made.metadata()).format).toBe('jpeg');
  expect((await made.stats()).channels[0]?.mean).toBeGreaterThan(250);
});

it('keeps a drawing a PNG where that fits', async () => {
  const drawing = await sharp({ create: { width: 3_000, height: 100, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  expect((await sharp((await fitPicture(drawing, rule))[0]).metadata()).format).toBe('png');
});

it('makes a JPEG of an opaque PNG before it loses size', async () => {
  const bytes = await noise(200, 160).png().toBuffer();
  const { format, width } = await sharp((await fitPicture(bytes, { ...rule, maxBytes: 30_000 }))[0]).metadata();
  expect({ format, width }).toEqual({ format: 'jpeg', width: 200 });
});

describe('animations', () => {
  async function frames(edge: number): Promise<Buffer> {
    const noise = { type: 'gaussian', sigma: 30 } as const;
    const pages = [0, 60, 120, 180].map((mean) =>
      sharp({ create: { width: edge, height: edge, channels: 3, background: '#000', noise: { ...noise, mean } } })
        .png()
        .toBuffer(),
    );
    return sharp(await Promise.all(pages), { join: { animated: true } })
      .gif()
      .toBuffer();
  }

  it('stay as they are where the channel shows them', async () => {
    const bytes = await frames(50);
    expect((await fitPicture(bytes, { ...rule, formats: ['jpeg', 'gif'] }))[0]).toBe(bytes);
  });

  it.each([
    [{ maxEdge: 100 }, 'gif'],
    [{ maxBytes: 30_000 }, 'gif'],
    [{ maxEdge: 100, formats: ['jpeg', 'webp'] as PictureRule['formats'] }, 'webp'],
  ])('move on within %j', async (bounds, format) => {
    const to: PictureRule = { ...rule, formats: ['jpeg', 'gif', 'webp'], ...bounds };
    const [made] = await fitPicture(await frames(120), to);
    expect(made.length).toBeLessThanOrEqual(to.maxBytes);
    const found = await sharp(made).metadata();
    expect(found).toMatchObject({ format, pages: 4 });
    expect(found.width).toBeLessThanOrEqual(to.maxEdge);
  });

  it('are told where they cannot', async () => {
    await expect(fitPicture(await frames(120), { ...rule, formats: ['gif'], maxBytes: 500 })).rejects.toThrow(
      'while it moves',
    );
  });

  it('show their first frame to a channel without', async () => {
    expect(await sharp((await fitPicture(await frames(50), rule))[0]).metadata()).toMatchObject({
      format: 'png',
      height: 50,
    });
  });
});

it('cuts a strip of words between its lines', async () => {
  // Bars of 40 rows with 20 blank rows between them.
  const bars = Array.from({ length: 60 }, (_, n) => `<rect x="10" y="${n * 60 + 10}" width="180" height="40"/>`).join(
    '',
  );
  const strip = await sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="3600"><rect width="200" height="3600" fill="#fff"/>${bars}</svg>`,
    ),
  )
    .png()
    .toBuffer();
  const pieces = await fitAll(strip, { ...rule, pieceHeight: 1_000 });
  expect(pieces).toHaveLength(4);
  for (const piece of pieces) {
    const { data, info } = await sharp(piece).greyscale().raw().toBuffer({ resolveWithObject: true });
    const rows = [data.subarray(0, info.width * info.channels), data.subarray(-info.width * info.channels)];
    for (const row of rows) expect(Math.min(...row)).toBeGreaterThan(250);
  }
});
