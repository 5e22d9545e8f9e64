import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { openTestServer, type TestServer } from '../test/support/http.js';
import type { Files } from '../channels/files.js';
import { mediaFile } from '../core/media/files.js';
import { prepareMedium } from '../core/media/prepare.js';
import { mediaReader } from '../core/media/reader.js';

let server: TestServer;
let library: Files;
beforeAll(async () => {
  server = await openTestServer();
  library = server.services.library;
});
afterAll(() => server.close());

const onDisk = (hash: string, variant?: string) =>
  stat(join(server.services.config.dataFolder, 'media', mediaFile(hash, variant)));
const upload = (bytes: Buffer, name = 'a.jpg') =>
  server.call('POST', '/api/v1/media', { bytes, headers: { 'x-file-name': encodeURIComponent(name) } });
const picture = (width = 400, height = 300) =>
  sharp({
    create: { width, height, channels: 3, background: '#246', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
  });

it('keeps a picture upright and without what the camera knew, by the hash of what is kept', async () => {
  const taken = await picture()
    .withExif({ IFD0: { Copyright: 'secret owner' }, IFD3: { GPSLatitude: '26/1 5/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const { status, body } = await upload(taken, '现场 图.jpg');
  expect(status).toBe(201);
  const { hash } = body as { hash: string };
  expect(body).toMatchObject({ name: '现场 图.jpg', mime: 'image/jpeg', width: 300, height: 400, state: 'preparing' });
  const kept = (await library.read(mediaFile(hash))) ?? Buffer.alloc(0);
  expect(createHash('sha256').update(kept).digest('hex')).toBe(hash);
  expect((await sharp(kept).metadata()).exif).toBeUndefined();
  expect(kept.includes('secret owner')).toBe(false);
  expect((await onDisk(hash)).mode & 0o077).toBe(0);
  expect(server.prepared).toContain(hash);
});

it('takes the same picture twice as one', async () => {
  const bytes = await picture(30, 30).png().toBuffer();
  const [one, two] = await Promise.all([upload(bytes), upload(bytes, 'b.png')]);
  expect((one?.body as { hash: string }).hash).toBe((two?.body as { hash: string }).hash);
});

it('shows a picture so that no browser takes it for anything else', async () => {
  const { hash } = (await upload(await picture().webp().toBuffer())).body as { hash: string };
  const { status, headers } = await server.call('GET', `/api/v1/media/${hash}`);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('image/webp');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain('sandbox');
  expect(headers.get('cache-control')).toContain('immutable');
  expect((await server.call('GET', `/api/v1/media/${'0'.repeat(64)}`)).status).toBe(404);
  expect((await server.call('GET', '/api/v1/media/..%2f..%2fsecret.key')).status).toBe(404);
});

it('keeps attachments as they are, by what they are, for download only', async () => {
  const { status, body } = await upload(Buffer.from('%PDF-1.4 x'), '附件1.pdf');
  expect({ status, body }).toMatchObject({
    status: 201,
    body: { mime: 'application/pdf', state: 'ready', name: '附件1.pdf', bytes: 10 },
  });
  const { headers } = await server.call('GET', `/api/v1/media/${(body as { hash: string }).hash}`);
  expect(headers.get('content-disposition')).toMatch(/^attachment; filename.*%E9%99%84/);
  expect((await upload(Buffer.from('名单'), '名单.txt')).body).toMatchObject({ mime: 'text/plain; charset=utf-8' });
});

it.each([
  ['附件.doc', 'application/msword', 'WordDocument'],
  ['附件.et', 'application/vnd.ms-excel', 'Workbook'],
  ['附件.dps', 'application/vnd.ms-powerpoint', 'PowerPoint Document'],
])('knows the binary form of an office document by its streams: %s', async (name, mime, stream) => {
  const bytes = Buffer.concat([
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.alloc(504),
    Buffer.from(stream, 'utf16le'),
    Buffer.alloc(64),
  ]);
  expect(await upload(bytes, name)).toMatchObject({ status: 201, body: { mime } });
});

it.each([
  ['a.exe', Buffer.from([0x4d, 0x5a, 0, 1])],
  ['a.doc', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)])],
  ['a.pdf', Buffer.from([0, 1, 2])],
])('refuses %s as an attachment by its content', async (name, bytes) => {
  expect(await upload(bytes, name)).toMatchObject({
    status: 422,
    body: { error: { code: 'attachment_refused', field: 'file', message: { zh: expect.stringContaining(name) } } },
  });
});

it.each([
  ['a program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]), 'a.png'],
  ['text that calls itself a picture', Buffer.from('<svg onload=alert(1)>'), 'a.png'],
  ['half a picture', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]), 'a.jpg'],
])('refuses %s and says why in both languages', async (_, bytes, name) => {
  const answer = await upload(bytes, name);
  expect(answer).toMatchObject({ status: 422, body: { error: { code: 'picture_refused', field: 'file' } } });
});

it('does not decode a picture of too many pixels', async () => {
  const header = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const bomb = Buffer.concat([
    header,
    Buffer.from('0000c3500000c350', 'hex'),
    Buffer.from('0802000000', 'hex'),
    Buffer.alloc(40),
  ]);
  expect(await upload(bomb, 'bomb.png')).toMatchObject({ status: 422, body: { error: { code: 'picture_refused' } } });
});

it('refuses more than 50 MB, and a file of nothing', async () => {
  expect(await upload(Buffer.alloc(51 * 1024 * 1024))).toMatchObject({
    status: 413,
    body: { error: { code: 'body_too_large', message: { zh: '内容过大（上限 50 MB）。' } } },
  });
  expect(await upload(Buffer.alloc(0))).toMatchObject({
    status: 422,
    body: { error: { code: 'field_missing', field: 'file' } },
  });
});

it('prepares every variant of every channel, once, and lets the channel read it', async () => {
  const { hash } = (await upload(await picture(1_500, 1_000).jpeg().toBuffer())).body as { hash: string };
  const { store, channels } = server.services;
  await prepareMedium(store, channels, library, hash);
  expect(await store.media.findById(hash).lean()).toMatchObject({ state: 'ready', variants: ['board.inline'] });
  const read = await mediaReader(library, 'board').read(hash, 'inline');
  expect(read).toMatchObject({ mime: 'image/jpeg', width: 600, height: 400 });
  expect(read.bytes.length).toBeLessThanOrEqual(200_000);
  expect(await mediaReader(library, 'board').read(hash)).toMatchObject({ width: 1_500 });
  const before = await onDisk(hash, 'board.inline');
  await prepareMedium(store, channels, library, hash);
  expect((await onDisk(hash, 'board.inline')).mtimeMs).toBe(before.mtimeMs);
});

it('keeps a picture although its preparation cannot be ordered', async () => {
  const away = await openTestServer({
    services: { media: { prepare: () => Promise.reject(new Error('queue away')) } },
  });
  const answer = await away.call('POST', '/api/v1/media', { bytes: await picture(20, 20).png().toBuffer() });
  expect(answer).toMatchObject({ status: 201, body: { state: 'preparing' } });
  expect(away.log.join('')).toContain('preparation could not be ordered');
  await away.close();
});
