import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { LianfaError } from '../errors.js';
import { cleanPicture } from './clean-picture.js';

const fixture = (name: string): Buffer => readFileSync(join(__dirname, 'fixtures', name));
const drawn = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#336699' } });

async function reasonFor(bytes: Buffer): Promise<string> {
  const error: unknown = await cleanPicture(bytes, '图.png').catch((thrown: unknown) => thrown);
  if (!(error instanceof LianfaError)) throw new Error('it was taken');
  return error.toJSON().message.zh;
}

it.each([
  ['16-photo.avif', 'image/png'],
  ['16-photo.tiff', 'image/jpeg'],
  ['16-photo.bmp', 'image/png'],
])('converts %s', async (name, mime) => {
  const bytes = fixture(name);
  const kept = await cleanPicture(bytes, name);
  expect(kept).toMatchObject({ mime, moving: false });
  const { width, height } = await sharp(kept?.bytes).metadata();
  expect([width, height]).toEqual([kept?.width, kept?.height]);
  if (name.endsWith('bmp')) {
    // 24 bits, rows from below, blue first: the corner is the same colour.
    const [r, g, b] = (await sharp(kept?.bytes).raw().toBuffer()).subarray(0, 3);
    const at = bytes.readUInt32LE(10) + Math.ceil((width * 3) / 4) * 4 * (height - 1);
    expect([b, g, r]).toEqual([...bytes.subarray(at, at + 3)]);
  }
});

it('keeps an animation moving', async () => {
  const kept = await cleanPicture(fixture('16-anim.gif'), 'a.gif');
  expect(kept).toMatchObject({ mime: 'image/gif', moving: true });
  expect((await sharp(kept?.bytes).metadata()).pages).toBe((await sharp(fixture('16-anim.gif')).metadata()).pages);
});

it.each([
  [750, 9_000, 750, 9_000],
  [6_000, 4_000, 5_000, 3_333],
])('keeps the width of a tall picture: %i×%i becomes %i×%i', async (width, height, keptWidth, keptHeight) => {
  const kept = await cleanPicture(await drawn(width, height).png().toBuffer(), 'a.png');
  expect(kept).toMatchObject({ width: keptWidth, height: keptHeight });
});

it('takes no text for a picture', async () => {
  expect(await cleanPicture(Buffer.from('%PDF-1.7'), 'a.pdf')).toBeUndefined();
  expect(await cleanPicture(Buffer.from('BM公司简介'), 'a.txt')).toBeUndefined();
});

const box = (brand: string) =>
  Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(`ftyp${brand}\0\0\0\0${brand}mif1`)]);
const bmp = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.from(fixture('16-photo.bmp'));
  change(bytes);
  return bytes;
};

it.each<[string, () => Buffer | Promise<Buffer>, string]>([
  ['an empty file', () => Buffer.alloc(0), '是空文件'],
  ['half a JPEG', async () => (await drawn(600, 600).jpeg().toBuffer()).subarray(0, 1_500), '已损坏或不完整'],
  ['half a PNG', () => fixture('infographic.png').subarray(0, 9_000), '已损坏或不完整'],
  ['half a GIF', () => fixture('16-anim.gif').subarray(0, 60), '已损坏或不完整'],
  ['half an AVIF', () => fixture('16-photo.avif').subarray(0, 300), '已损坏或不完整'],
  ['half a TIFF', () => fixture('16-photo.tiff').subarray(0, 8), '已损坏或不完整'],
  ['half a BMP', () => bmp(() => undefined).subarray(0, 400), '已损坏或不完整'],
  [
    'a BMP that claims to be huge',
    () => bmp((bytes) => bytes.writeUInt32LE(100_000, bytes.writeUInt32LE(100_000, 18))),
    '像素过大',
  ],
  ['a photo of a phone', () => box('heic'), 'HEIC'],
  ['an SVG', () => Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'), 'SVG 矢量图'],
  ['an EMF', () => Buffer.concat([Buffer.alloc(40), Buffer.from(' EMF')]), 'EMF 矢量图'],
  ['a WMF', () => Buffer.from([0xd7, 0xcd, 0xc6, 0x9a, 0, 0]), 'WMF 矢量图'],
  ['a Photoshop file', () => Buffer.from('8BPS\0\x01'), 'PSD'],
  ['an icon', () => Buffer.from([0, 0, 1, 0, 1, 0]), 'ICO'],
])('says why %s cannot be used', async (_, bytes, words) => {
  expect(await reasonFor(await bytes())).toContain(words);
});
