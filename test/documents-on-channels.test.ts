/** What an author wrote in Markdown, as every channel shows it: words whole, characters whole. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel, ReleaseContent } from '../channels/channel.js';
import { loadChannels } from '../channels/registry.js';
import { startSandbox } from '../channels/sandbox.js';
import { canonical, plainText } from '../core/body/canonical.js';
import { readDocument } from '../core/documents/read-document.js';
import { beginningOf as summaryOf } from '../core/body/beginning.js';
import { specimenRelease } from './support/call.js';

const folder = join(__dirname, '..', 'channels');
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
let channels: ReadonlyMap<string, Channel>;
beforeAll(async () => {
  channels = await loadChannels([folder]);
});

async function releaseOf(text: string): Promise<ReleaseContent> {
  const { input } = await readDocument(
    { bytes: Buffer.from(text), name: 'a.md', type: '', source: '古田县人民政府办公室' },
    { keepPicture: () => Promise.resolve(undefined), releaseNamed: () => Promise.resolve(undefined) },
  );
  const body = canonical(input.body.content, new Set()).html;
  return {
    ...specimenRelease(input.title),
    title: input.title,
    body,
    summary: summaryOf(body),
    pictures: [],
    cover: undefined,
  };
}

/** What goes out and what the preview shows, as JSON; what it is compared with has no invisible signs. */
async function said(name: string, release: ReleaseContent): Promise<string> {
  const channel = channels.get(name) as Channel;
  const sandbox = await startSandbox(channel.sandbox());
  try {
    const { name: account, settings } = sandbox.account(1);
    const profile = { id: 'a1', name: account, organization: '古田县人民政府办公室', region: '350922' };
    const { payload, preview } = channel.render(release, {
      ...profile,
      settings: channel.accountSchema.settings.parse(settings),
    });
    return JSON.stringify({ payload, preview });
  } finally {
    await sandbox.close();
  }
}

describe.each(names)('channel %s', (name) => {
  it('puts no blank into a word that a line end went through', async () => {
    const wrapped = readFileSync(join(__dirname, 'fixtures/documents/hard-wrap.md'), 'utf8');
    const release = await releaseOf(wrapped);
    expect(plainText(release.body)).toContain('专项行动，各乡镇人民政府');
    const words = await said(name, release);
    expect(words).toContain('专项行动，各乡镇人民政府');
    expect(words).not.toMatch(/行(?:\\n|\s)+动|实(?:\\n|\s)+效/);
  });

  it('ends a title and a summary where a character ends', async () => {
    const family = '👨‍👩‍👧‍👦';
    const title = `${'🎉🎊'.repeat(20)}福海市开展冬季惠民活动${family.repeat(6)}尾部文字`;
    for (const more of ['', '长', '长长', '长长长', '长长长长', '长长长长长']) {
      const release = await releaseOf(`---\ntitle: ${more}${title}\n---\n${more}${`福海市${family}`.repeat(60)}`);
      const words = (await said(name, release)).replaceAll(family, '');
      expect(/.{0,20}(?:\u200d|👨|👩|👧|👦|\ud83d(?![\udc00-\udfff]))/.exec(words)?.[0]).toBeUndefined();
    }
  });
});
