import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'cheerio';
import { request } from 'undici';
import { channel } from './adapter.js';
import { accountOf, builtinSettings, openGround, picture, releaseOf, sample, type Ground } from './fixtures/ground.js';
import { DoorClosed, type Acceptance, type ReleaseContent } from '../channel.js';
import { emergencySchema } from '../emergency.js';
import { filesInFolder, isStorageAway, StorageAway, type Files } from '../files.js';

const account = accountOf(builtinSettings);
let ground: Ground;

beforeEach(async () => {
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
});

async function publish(
  release: ReleaseContent,
  key = `${release.release}-${release.revision}`,
): Promise<Extract<Acceptance, { outcome: 'published' }>> {
  const acceptance = await channel.publish(account, channel.render(release, account), ground.publishCall(key, release));
  if (acceptance.outcome !== 'published') throw new Error(`expected published, got ${acceptance.outcome}`);
  return acceptance;
}

async function page(
  path: string,
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; text: string }> {
  const answer = await request(`${ground.hubUrl}/sites/example/${path}`);
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

describe('publishing on a built-in site', () => {
  it('publishes at the deterministic address, and what the public reads is verified', async () => {
    const release = releaseOf();
    const { remote } = await publish(release);
    expect(remote.url).toBe(`${ground.hubUrl}/sites/example/articles/r000000001`);
    const rendition = channel.render(release, account);
    expect(await channel.verify(account, remote, rendition, ground.publishCall('k', release))).toMatchObject({
      outcome: 'verified',
    });
    for (const path of ['articles/r000000001', 'articles/r000000001/', 'articles/r000000001/index.html'])
      expect((await page(path)).status).toBe(200);
  });

  it('carries every mandatory label of site, column and article', async () => {
    await publish(releaseOf());
    const $ = load((await page('articles/r000000001')).text);
    const labels = Object.fromEntries(
      $('meta[name]')
        .toArray()
        .map((element) => [$(element).attr('name'), $(element).attr('content')]),
    );
    expect(labels).toMatchObject({
      SiteName: '示例市人民政府',
      SiteDomain: 'www.example.gov.cn',
      SiteIDCode: '1401000001',
      ColumnName: '通知公告',
      ColumnType: '通知公告',
      ArticleTitle: '关于调整办公时间的通知',
      PubDate: '2026-11-24 10:30',
      ContentSource: '示例市人民政府办公室',
    });
    expect(labels['ColumnDescription']).toBeTruthy();
    expect(labels['ColumnKeywords']).toBeTruthy();
  });

  it('publishes every sample and verifies each', async () => {
    for (const hash of ['a', 'b'])
      ground.media.set(hash.repeat(64), {
        bytes: Buffer.from('file'),
        mime: 'application/octet-stream',
        width: 0,
        height: 0,
      });
    for (const name of ['keynote', 'policy', 'interpretation', 'bad']) {
      const release = await sample(name);
      const { remote } = await publish(release);
      expect(
        await channel.verify(account, remote, channel.render(release, account), ground.publishCall('k', release)),
      ).toMatchObject({ outcome: 'verified' });
    }
    expect((await page('articles/rbad2026')).text).not.toContain('<script>alert');
    expect(load((await page('articles/rkeynote2020')).text)('html').attr('lang')).toBe('zh-Hant');
  });

  it('shows a new article on home, column, feeds and sitemap', async () => {
    await publish(releaseOf());
    for (const path of [
      '',
      'columns/notices/',
      'rss.xml',
      'atom.xml',
      'feed.json',
      'sitemaps/1.xml',
      'columns/notices/atom.xml',
    ]) {
      expect({ path, found: (await page(path)).text.includes('articles/r000000001') }).toEqual({ path, found: true });
    }
    expect((await page('sitemap.xml')).text).toContain('/sites/example/sitemaps/1.xml');
  });

  it('puts emergency news on top of the home page for a day, by the clock', async () => {
    const alert = async () => load((await page('')).text)('.alert a').text();
    await publish(
      releaseOf({ release: 'remergency', kind: 'emergency', title: '暴雨红色预警', columns: ['应急信息'] }),
    );
    ground.now = new Date(ground.now.getTime() + 3_600_000);
    await publish(releaseOf());
    expect(await alert()).toBe('暴雨红色预警');
    ground.now = new Date(ground.now.getTime() + 23 * 3_600_000 - 1);
    expect(await alert()).toBe('暴雨红色预警');
    ground.now = new Date(ground.now.getTime() + 1);
    expect(await alert()).toBe('');
  });

  it('copies pictures and attachments beside the site, with sizes and captions', async () => {
    const seen = await picture(ground, 1, '市政务服务大厅');
    ground.media.set('c'.repeat(64), { bytes: Buffer.from('%PDF-1.7'), mime: 'application/pdf', width: 0, height: 0 });
    const release = releaseOf({
      pictures: [seen],
      body: `<p>正文</p><figure><img src="media:${seen.hash}" alt=""><figcaption>图为大厅</figcaption></figure>`,
      attachments: [{ hash: 'c'.repeat(64), name: '附件：清单.pdf', mime: 'application/pdf', bytes: 2_340_000 }],
    });
    const { remote } = await publish(release);
    expect(
      await channel.verify(account, remote, channel.render(release, account), ground.publishCall('k', release)),
    ).toMatchObject({ outcome: 'verified' });
    const $ = load((await page('articles/r000000001')).text);
    expect($('.body img').attr()).toMatchObject({ alt: '市政务服务大厅', width: '1200', height: '800' });
    expect($('.body figcaption').text()).toBe('图为大厅');
    expect($('.attachments').text()).toContain('（PDF，2.3 MB）');
    for (const address of [$('.body img').attr('src'), $('.attachments a').attr('href')]) {
      const answer = await request(`${ground.hubUrl}${address}`);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      await answer.body.dump();
    }
  });

  it('leaves one page when the same key comes twice, with its first date', async () => {
    await publish(releaseOf());
    ground.now = new Date('2026-11-25T02:30:00Z');
    await publish(releaseOf());
    expect((await page('articles/r000000001')).text).toContain('content="2026-11-24 10:30"');
    expect(JSON.parse((await page('feed.json')).text).items).toHaveLength(1);
  });

  it.each([
    ['correction', '已更正 本文已于 2026-11-25 10:30 更正，以当前内容为准。'],
    ['update', '续报 本文已于 2026-11-25 10:30 更新，以当前内容为准。'],
    [undefined, '本文已于 2026-11-25 10:30 更新，以当前内容为准。'],
  ] as const)('replaces the page, and says what is new and since when: %s', async (change, words) => {
    await publish(releaseOf());
    expect((await page('articles/r000000001')).text).not.toContain('以当前内容为准');
    ground.now = new Date('2026-11-25T02:30:00Z');
    await publish(releaseOf({ revision: 'v2', change, title: '关于调整办公时间的通知（新）' }));
    const $ = load((await page('articles/r000000001')).text);
    expect($('h1').text()).toBe('关于调整办公时间的通知（新）');
    expect($('.revised').text()).toBe(words);
    expect($('meta[name=PubDate]').attr('content')).toBe('2026-11-24 10:30');
    expect((await page('columns/notices/')).text).toContain('（新）');
  });

  it('does not call corrected what it never showed wrong', async () => {
    await publish(releaseOf({ revision: 'v2', change: 'correction' }));
    expect((await page('articles/r000000001')).text).not.toContain('已更正');
  });

  it('never lets an older order undo a newer one: neither text over text, nor text over withdrawal, nor withdrawal over text', async () => {
    const [first, second] = [releaseOf(), releaseOf({ revision: 'v2', title: '新的标题' })];
    const { remote } = await publish(first, 'o-1');
    await publish(second, 'o-3');
    const before = ground.left();
    await expect(publish(first, 'o-1')).rejects.toEqual(new DoorClosed('overtaken'));
    await expect(channel.withdraw(account, remote, ground.publishCall('o-2', first, { seq: 1 }))).rejects.toEqual(
      new DoorClosed('overtaken'),
    );
    expect((await page('articles/r000000001')).text).toContain('新的标题');
    await channel.withdraw(account, remote, ground.publishCall('o-4', second));
    await expect(publish(second, 'o-3')).rejects.toEqual(new DoorClosed('overtaken'));
    expect((await page('articles/r000000001')).status).toBe(410);
    expect(ground.left()).toBe(before + 1);
  });

  it('shows again what was withdrawn and is wanted later, as it was', async () => {
    const { remote } = await publish(releaseOf(), 'o-1');
    const shown = (await page('articles/r000000001')).text;
    await channel.withdraw(account, remote, ground.publishCall('o-2', releaseOf()));
    await publish(releaseOf(), 'o-3');
    expect((await page('articles/r000000001')).text).toBe(shown);
    expect((await page('columns/notices/')).text).toContain('articles/r000000001');
  });

  it('asks at the door right before the page becomes public and before it goes, and writes nothing where it is closed', async () => {
    const release = releaseOf({ pictures: [await picture(ground, 1, '一')] });
    const closed = (reason: DoorClosed['reason']) => ({ leave: () => Promise.reject(new DoorClosed(reason)) });
    const rendition = channel.render(release, account);
    await expect(
      channel.publish(account, rendition, ground.publishCall('o-1', release, closed('frozen'))),
    ).rejects.toEqual(new DoorClosed('frozen'));
    expect((await page('articles/r000000001')).status).toBe(404);
    expect(await channel.find(account, rendition, ground.publishCall('o-1', release))).toEqual({ outcome: 'absent' });
    const { remote } = await publish(release, 'o-1');
    expect(ground.left()).toBe(1);
    await expect(channel.withdraw(account, remote, ground.publishCall('o-2', release, closed('lost')))).rejects.toEqual(
      new DoorClosed('lost'),
    );
    expect((await page('articles/r000000001')).status).toBe(200);
    await channel.withdraw(account, remote, ground.publishCall('o-2', release));
    expect(ground.left()).toBe(2);
  });

  it('is certain which order the public sees', async () => {
    const [first, second] = [releaseOf(), releaseOf({ revision: 'v2', body: '<p>新的正文。</p>' })];
    const find = (release: ReleaseContent, key: string) =>
      channel.find(account, channel.render(release, account), ground.publishCall(key, release));
    expect(await find(first, 'o-1')).toEqual({ outcome: 'absent' });
    const { remote } = await publish(first, 'o-1');
    expect(await find(first, 'o-1')).toMatchObject({ outcome: 'found', state: 'published', remote: { id: remote.id } });
    expect(await find(second, 'o-2')).toEqual({ outcome: 'absent' });
    await publish(second, 'o-2');
    expect(await find(first, 'o-1')).toEqual({ outcome: 'absent' });
    expect(await find(second, 'o-2')).toMatchObject({ outcome: 'found' });
    await channel.withdraw(account, remote, ground.publishCall('o-3', second));
    expect(await find(second, 'o-2')).toEqual({ outcome: 'absent' });
  });

  it('does not take a record for the page where a crash came between them', async () => {
    const [first, second] = [releaseOf(), releaseOf({ revision: 'v2', body: '<p>新的正文。</p>' })];
    const file = join(ground.folder, 'example/public/articles/r000000001/index.html');
    await publish(first, 'o-1');
    const old = await readFile(file);
    await publish(second, 'o-2');
    await writeFile(file, old);
    expect(await channel.find(account, channel.render(second, account), ground.publishCall('o-2', second))).toEqual({
      outcome: 'absent',
    });
  });

  it('finishes a withdrawal that a crash has left half done', async () => {
    const { remote } = await publish(releaseOf(), 'o-1');
    const folder = join(ground.folder, 'example/public/articles/r000000001');
    const old = await readFile(join(folder, 'index.html'));
    await channel.withdraw(account, remote, ground.publishCall('o-2', releaseOf()));
    await writeFile(join(folder, 'index.html'), old);
    expect((await page('articles/r000000001')).status).toBe(200);
    await channel.withdraw(account, remote, ground.publishCall('o-2', releaseOf()));
    expect((await page('articles/r000000001')).status).toBe(410);
  });

  it.each([1, 2, 3])('takes a warning away whole where the storage is away at the deleting of file %i', async (nth) => {
    let deleted = 0;
    const failing = (files: Files): Files => ({
      ...files,
      under: (path, hidden) => failing(files.under(path, hidden)),
      async drop(name) {
        deleted += 1;
        if (deleted === nth) throw new StorageAway('for a moment');
        await files.drop(name);
      },
    });
    await ground.close();
    const folder = await mkdtemp(join(tmpdir(), 'lianfa-website-'));
    ground = await openGround({ files: failing(filesInFolder(folder)) });
    const emergency = emergencySchema.parse({
      ...{ category: 'Met', event: '暴雨', level: 'red', status: 'Actual', contact: '12345' },
      ...{ areas: [{ code: '350000', name: '示例省' }], onset: '2026-11-24T13:00:00.000Z', instruction: '不要外出。' },
    });
    const warning = releaseOf({ kind: 'emergency', columns: ['应急信息'], emergency });
    const { remote } = await publish(warning, 'o-1');
    expect((await page('articles/r000000001/cap.xml')).status).toBe(200);
    deleted = 0;
    const withdraw = () => channel.withdraw(account, remote, ground.publishCall('o-2', warning));
    await withdraw().catch((error: unknown) => expect(isStorageAway(error)).toBe(true));
    await withdraw();
    expect((await page('articles/r000000001')).status).toBe(410);
    expect((await page('articles/r000000001/cap.xml')).status).not.toBe(200);
    await rm(folder, { recursive: true });
  });

  it('leaves it open what the public sees where the disk fails after the first file', async () => {
    await publish(releaseOf(), 'o-1');
    const home = join(ground.folder, 'example/public/index.html');
    await rm(home);
    await mkdir(join(home, 'in-the-way'), { recursive: true });
    const second = releaseOf({ revision: 'v2', body: '<p>新的正文。</p>' });
    const error: unknown = await publish(second, 'o-2').catch((fault: unknown) => fault);
    expect(channel.classify(error, ground.now)).toMatchObject({ class: 'unknown', platform: { code: 'EISDIR' } });
    await rm(home, { recursive: true });
    expect(
      await channel.find(account, channel.render(second, account), ground.publishCall('o-2', second)),
    ).toMatchObject({ outcome: 'found' });
    expect((await page('')).status).toBe(200);
  });

  it('finishes in find what a crash left undone in the lists', async () => {
    const release = releaseOf();
    await publish(releaseOf({ release: 'r000000000', title: '较早的一篇' }));
    const lock = ground.memory.lock;
    ground.memory.lock = async function (key, ttl, work) {
      if (!key.startsWith('site:')) return lock.call(this, key, ttl, work) as ReturnType<typeof work>;
      this.lock = lock;
      throw new Error('killed here');
    };
    await expect(publish(release)).rejects.toThrow('killed here');
    expect((await page('')).text).not.toContain('articles/r000000001');
    expect(
      await channel.find(account, channel.render(release, account), ground.publishCall('r000000001-v1', release)),
    ).toMatchObject({ outcome: 'found' });
    expect((await page('')).text).toContain('articles/r000000001');
  });

  it('rebuilds the lists once for many articles that come together', async () => {
    await publish(releaseOf());
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        publish(releaseOf({ release: `r1${String(n).padStart(3, '0')}`, title: `第 ${n} 篇` })),
      ),
    );
    expect(await ground.records.list('example/pending/', { limit: 10 })).toEqual([]);
    const log = await ground.records.list('example/log/', { limit: 100 });
    expect(log.flatMap(({ value }) => JSON.parse(value) as unknown[])).toHaveLength(41);
    expect(log.length).toBeLessThan(20);
    expect(JSON.parse((await page('feed.json')).text).items).toHaveLength(30);
  });
});

describe('withdrawal', () => {
  it('answers 410 with a page, and takes the article out of every list, feed and sitemap', async () => {
    const release = releaseOf();
    const { remote } = await publish(release);
    await publish(releaseOf({ release: 'r000000002', title: '另一篇' }));
    expect((await page('search?q=办公时间')).text).toContain('articles/r000000001');
    expect(await channel.withdraw(account, remote, ground.publishCall('w', release))).toMatchObject({
      outcome: 'withdrawn',
    });
    const gone = await page('articles/r000000001');
    expect(gone.status).toBe(410);
    expect(gone.text).toContain('信息已撤回');
    for (const path of [
      '',
      'columns/notices/',
      'rss.xml',
      'atom.xml',
      'feed.json',
      'sitemaps/1.xml',
      'search?q=办公时间',
    ]) {
      expect({ path, found: (await page(path)).text.includes('articles/r000000001') }).toEqual({ path, found: false });
    }
    expect(
      await channel.verify(account, remote, channel.render(release, account), ground.publishCall('k', release)),
    ).toMatchObject({ outcome: 'mismatch' });
    expect(await channel.withdraw(account, remote, ground.publishCall('w', release))).toMatchObject({
      outcome: 'withdrawn',
    });
  });

  it('puts pictures that nobody else shows out of reach, keeps those that others show, and brings them back with the article', async () => {
    const [own, shared] = [await picture(ground, 1, '一'), await picture(ground, 2, '二')];
    const release = releaseOf({ pictures: [own, shared] });
    const { remote } = await publish(release);
    await publish(releaseOf({ release: 'r000000002', pictures: [shared] }));
    const file = (hash: string) => existsSync(join(ground.folder, `example/public/media/${hash.slice(0, 32)}.jpg`));
    await channel.withdraw(account, remote, ground.publishCall('w', release));
    expect([file(own.hash), file(shared.hash)]).toEqual([false, true]);
    await publish(release, 'again');
    expect([file(own.hash), file(shared.hash)]).toEqual([true, true]);
    expect((await page('articles/r000000001')).status).toBe(200);
  });
});

describe('policy and interpretation', () => {
  const policy = () =>
    releaseOf({ release: 'rpolicy', kind: 'policy', title: '关于入学服务的若干措施', columns: ['政策文件'] });
  const interpretation = (more: Partial<ReleaseContent> = {}) =>
    releaseOf({
      release: 'rinterp',
      kind: 'interpretation',
      title: '一图读懂',
      columns: ['政策解读'],
      interprets: ['rpolicy'],
      ...more,
    });
  const links = async (id: string) =>
    load((await page(`articles/${id}`)).text)('.interprets a, .interpretations a')
      .toArray()
      .map((element) => (element.attribs['href'] ?? '').split('/').at(-1));

  it.each([
    ['policy first', [policy, interpretation]],
    ['interpretation first', [interpretation, policy]],
  ])('link to each other: %s', async (_, order) => {
    for (const make of order) await publish(make());
    expect([await links('rpolicy'), await links('rinterp')]).toEqual([['rinterp'], ['rpolicy']]);
    const $ = load((await page('articles/rpolicy')).text);
    expect($('.interpretations h2').text()).toBe('政策解读');
    expect($('.interpretations a').text()).toBe('一图读懂');
    expect((await page('articles/rinterp')).text).toContain('本文解读的政策文件：');
    for (const make of order)
      expect(
        await channel.verify(
          account,
          { id: make().release },
          channel.render(make(), account),
          ground.publishCall('k', make()),
        ),
      ).toMatchObject({ outcome: 'verified' });
  });

  it('link to each other where only the policy names the interpretation, and where both come at once', async () => {
    await Promise.all([
      publish({ ...policy(), interpretations: ['rinterp'] }),
      publish(interpretation({ interprets: undefined })),
      publish(interpretation({ release: 'rsecond' })),
    ]);
    expect([(await links('rpolicy')).sort(), await links('rinterp'), await links('rsecond')]).toEqual([
      ['rinterp', 'rsecond'],
      ['rpolicy'],
      ['rpolicy'],
    ]);
  });

  it('show a new title, and no link to what was withdrawn or no longer named', async () => {
    await publish(policy());
    await publish(interpretation());
    await publish(interpretation({ revision: 'v2', title: '一图读懂（更新）' }));
    expect((await page('articles/rpolicy')).text).toContain('一图读懂（更新）');
    await channel.withdraw(account, { id: 'rinterp' }, ground.publishCall('w', interpretation()));
    expect(await links('rpolicy')).toEqual([]);
    await publish(interpretation({ revision: 'v3' }));
    expect(await links('rpolicy')).toEqual(['rinterp']);
    await channel.withdraw(account, { id: 'rpolicy' }, ground.publishCall('w', policy()));
    expect(await links('rinterp')).toEqual([]);
    await publish({ ...policy(), revision: 'v2' });
    expect([await links('rpolicy'), await links('rinterp')]).toEqual([['rinterp'], ['rpolicy']]);
    await publish(interpretation({ revision: 'v4', interprets: undefined }));
    expect([await links('rpolicy'), await links('rinterp')]).toEqual([[], []]);
  });
});

describe('verification', () => {
  it.each([
    [
      'an empty body',
      (html: string) =>
        html.replace(/<div class="body e-content">[\s\S]*?<\/div>/, '<div class="body e-content"></div>'),
      '空',
    ],
    ['a cut body', (html: string) => html.replace('调整如下。', ''), '不完整'],
    ['another title', (html: string) => html.replace(/<h1 class="p-name">[^<]*/, '<h1 class="p-name">别的'), '标题'],
    ['a missing label', (html: string) => html.replace(/<meta name="ContentSource"[^>]*>/, ''), 'ContentSource'],
    [
      'a picture too many',
      (html: string) =>
        html.replace('<div class="body e-content">', '<div class="body e-content"><img src="x" alt="">'),
      '图片',
    ],
  ])('notices %s', async (_, spoil, words) => {
    const release = releaseOf();
    const { remote } = await publish(release);
    const file = join(ground.folder, 'example/public/articles/r000000001/index.html');
    await writeFile(file, spoil(await readFile(file, 'utf8')));
    const verification = await channel.verify(
      account,
      remote,
      channel.render(release, account),
      ground.publishCall('k', release),
    );
    expect(verification.outcome).toBe('mismatch');
    expect(JSON.stringify(verification)).toContain(words);
  });
});

describe('the account', () => {
  it('is well while its folder can be written', async () => {
    expect(await channel.check(account, ground.call())).toEqual({ outcome: 'ok' });
  });

  it('redraws every page when the site changes its name', async () => {
    await publish(releaseOf());
    const renamed = accountOf({ ...builtinSettings, siteName: '示例市政府门户' });
    await channel.prepare?.(renamed, ground.call());
    for (const path of ['', 'articles/r000000001', 'columns/notices/'])
      expect((await page(path)).text).toContain('示例市政府门户');
  });
});
