/** What the public gets of a picture, on every channel: its own width, and every row of a tall one. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Account, Channel, ReleaseContent } from '../channels/channel.js';
import { filesInFolder } from '../channels/files.js';
import { loadChannels } from '../channels/registry.js';
import { startSandbox } from '../channels/sandbox.js';
import { piecesOf } from '../channels/tall-pictures.js';
import { fitPicture } from '../core/media/prepare.js';
import { mediaFile } from '../core/media/files.js';
import { mediaReader } from '../core/media/reader.js';
import { openGround, specimenRelease } from './support/call.js';

const folder = join(__dirname, '..', 'channels');
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const infographic = readFileSync(join(__dirname, '../core/media/fixtures/infographic.png'));
const hash = 'cd'.repeat(32);

let channels: ReadonlyMap<string, Channel>;
let media: string;
beforeAll(async () => {
  channels = await loadChannels([folder]);
  media = mkdtempSync(join(tmpdir(), 'lianfa-media-'));
  await filesInFolder(media).write(mediaFile(hash), infographic);
});
afterAll(() => rmSync(media, { recursive: true, force: true }));

const channelOf = (name: string): Channel => channels.get(name) as Channel;

describe.each(names)('channel %s', (name) => {
  it('shows a strip of words at its own width, every row of it', async () => {
    const { width, height } = await sharp(infographic).metadata();
    for (const rule of Object.values(channelOf(name).limits.pictures)) {
      if (rule.ratio) continue;
      const pieces = await fitPicture(infographic, rule);
      expect(pieces).toHaveLength(piecesOf(rule, { width, height }));
      const sizes = await Promise.all(pieces.map((piece) => sharp(piece).metadata()));
      expect(sizes.map((size) => size.width)).toEqual(pieces.map(() => Math.min(width, rule.maxEdge)));
      expect(sizes.reduce((sum, size) => sum + size.height, 0)).toBe(height);
      for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(rule.tallBytes ?? rule.maxBytes);
    }
  });

  it('leaves it readable on what it sends', async () => {
    const channel = channelOf(name);
    const variants = Object.entries(channel.limits.pictures);
    for (const [variant, rule] of variants)
      for (const [index, piece] of (await fitPicture(infographic, rule)).entries())
        await filesInFolder(media).write(
          mediaFile(hash, `${name}.${variant}${index === 0 ? '' : `.${index + 1}`}`),
          piece,
        );
    const sandbox = await startSandbox(channel.sandbox());
    const ground = await openGround(channel, [sandbox.url]);
    try {
      const ready = sandbox.account(1);
      const account: Account<unknown, unknown> = {
        id: `a${name}`,
        name: ready.name,
        organization: '福海市人民政府办公室',
        region: '350100',
        settings: channel.accountSchema.settings.parse(ready.settings),
        credentials: channel.accountSchema.credentials.parse(ready.credentials),
      };
      const { width, height } = await sharp(infographic).metadata();
      const release: ReleaseContent = {
        ...specimenRelease('一图读懂惠企政策'),
        body: `<p>正文。</p><figure><img src="media:${hash}" alt="一图读懂"></figure>`,
        pictures: [{ hash, alt: '一图读懂', width, height }],
        cover: hash,
      };
      const read: { width: number; height: number }[] = [];
      const reader = mediaReader(filesInFolder(media), name);
      const call = {
        ...ground.callFor(`${release.release}-1`, release),
        media: {
          async read(of: string, variant?: string) {
            const found = await reader.read(of, variant);
            if (variant === undefined || !channel.limits.pictures[variant.split('.')[0] ?? '']?.ratio) read.push(found);
            return found;
          },
        },
      };
      await channel.publish(account, channel.render(release, account), call);
      expect([...new Set(read.map((size) => size.width))]).toEqual([width]);
      expect([...new Set(read)].reduce((sum, size) => sum + size.height, 0)).toBe(height);
    } finally {
      await ground.close();
      await sandbox.close();
    }
  });
});
