/** What a site must know is in the store: its folder can be lost, its process can die anywhere, and the old never overtakes the new. */
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FormData, request } from 'undici';
import type { Records, ReleaseContent } from '../../channel.js';
import { emergencySchema } from '../../emergency.js';
import { channel } from '../adapter.js';
import { accountOf, builtinSettings, openGround, picture, releaseOf, type Ground } from '../fixtures/ground.js';
import { Catalog, type Line } from './catalog.js';
import { siteHome } from './files.js';

const token = 'a-token-for-the-example-site';
const account = accountOf(builtinSettings, { token });
let ground: Ground;

beforeEach(async () => {
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
});

const folder = () => join(ground.folder, 'example/public');
const publish = (
  release: ReleaseContent,
  key = `${release.release}-${release.revision}`,
  records: Records = ground.records,
) => channel.publish(account, channel.render(release, account), { ...ground.publishCall(key, release), records });

/** Every file under the public folder, with its content. */
async function tree(): Promise<Map<string, string>> {
  const entries = await readdir(folder(), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    await Promise.all(
      files
        .sort()
        .map(async (path) => [path.slice(folder().length), (await readFile(path)).toString('base64')] as const),
    ),
  );
}

async function page(path: string): Promise<{ status: number; text: string }> {
  const answer = await request(`${ground.hubUrl}/sites/example/${path}`);
  return { status: answer.statusCode, text: await answer.body.text() };
}

/** A site with all that there can be on one. */
async function fill(): Promise<void> {
  const seen = await picture(ground, 1, '大厅');
  ground.media.set('c'.repeat(64), { bytes: Buffer.from('%PDF-1.7'), mime: 'application/pdf', width: 0, height: 0 });
  await publish(
    releaseOf({
      pictures: [seen],
      body: `<p>正文</p><figure><img src="media:${seen.hash}" alt=""></figure>`,
      attachments: [{ hash: 'c'.repeat(64), name: '清单.pdf', mime: 'application/pdf', bytes: 8 }],
    }),
  );
  for (let n = 0; n < 25; n += 1) await publish(releaseOf({ release: `n${n}`, title: `第 ${n} 篇` }));
  await publish(releaseOf({ release: 'taken' }));
  await channel.withdraw(account, { id: 'taken' }, ground.publishCall('w', releaseOf({ release: 'taken' })));
  const emergency = emergencySchema.parse({
    level: 'red',
    event: '台风',
    areas: [{ name: '示例市' }],
    onset: ground.now.toISOString(),
    instruction: '停止户外活动。',
  });
  await publish(releaseOf({ release: 'warned', kind: 'emergency', emergency }));
  const body = new FormData();
  body.append('h', 'entry');
  body.append('content', '来自别处');
  body.append('mp-slug', 'posted');
  const bytes = ground.media.get(seen.hash)?.bytes ?? Buffer.alloc(0);
  body.append('photo', new Blob([new Uint8Array(bytes)]), 'a.jpg');
  const { statusCode } = await request(`${ground.hubUrl}/sites/example/micropub`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}` },
  });
  expect(statusCode).toBe(201);
}

describe('a public folder that is lost', () => {
  beforeEach(async () => {
    await channel.prepare?.(account, ground.call());
    await fill();
  });

  it('is drawn again whole, to the byte, by the next check', async () => {
    const before = await tree();
    expect(before.size).toBeGreaterThan(40);
    await rm(folder(), { recursive: true });
    expect(await channel.check(account, ground.call())).toEqual({ outcome: 'ok' });
    expect(await tree()).toEqual(before);
    expect((await page('articles/taken')).status).toBe(410);
  });

  it('is drawn again whole by the next publication, and only then', async () => {
    const before = await tree();
    await rm(folder(), { recursive: true });
    await publish(releaseOf({ release: 'next', title: '下一篇' }));
    const after = await tree();
    expect([...before.keys()].filter((path) => !after.has(path))).toEqual([]);
    const { ino } = await stat(join(folder(), 'articles/n1/index.html'));
    await publish(releaseOf({ release: 'later', title: '再下一篇' }));
    expect((await stat(join(folder(), 'articles/n1/index.html'))).ino).toBe(ino);
  });

  it('costs no page where the hub has a picture no more: the rest is drawn, and it is told', async () => {
    const told = jest.spyOn(process, 'emitWarning').mockImplementation();
    ground.media.clear();
    await rm(folder(), { recursive: true });
    await channel.prepare?.(account, ground.call());
    expect((await page('articles/n3')).status).toBe(200);
    expect(told).toHaveBeenCalledWith(expect.stringContaining('could not be brought back'));
    told.mockRestore();
  });
});

describe('two processes', () => {
  const line = (id: string, version: number, title = id): Line => ({
    id,
    version,
    at: '2026-11-24T00:00:00.000Z',
    title,
    summary: '',
    kind: 'news',
    source: '',
    language: 'zh-Hans',
    columns: ['要闻动态'],
    keywords: [],
    files: [],
  });
  const open = () => new Catalog(siteHome(ground, 'example'));
  const titles = (catalog: Catalog) => catalog.list().map(({ title }) => title);

  it('write lists side by side, and each reads what both wrote', async () => {
    const [one, other] = [open(), open()];
    await Promise.all(
      [one, other].flatMap((catalog, n) =>
        Array.from({ length: 20 }, (_, m) => catalog.append([line(`a${n}-${m}`, 1)])),
      ),
    );
    const late = open();
    for (const catalog of [one, other, late]) {
      await catalog.refresh();
      expect(catalog.entries.size).toBe(40);
    }
  });

  it('never show an older line over a newer one, in whatever order they were written', async () => {
    const one = open();
    await one.append([line('a', 3, '新'), line('b', 1)]);
    const other = open();
    await other.append([line('a', 2, '旧'), { id: 'c', version: 2, gone: true }]);
    await other.append([line('c', 1, '早已撤回')]);
    await one.refresh();
    for (const catalog of [one, other, open()]) {
      await catalog.refresh();
      expect(titles(catalog)).toEqual(['新', 'b']);
    }
  });

  it('overlook nothing that was written by one that had stood still', async () => {
    const still = open();
    await still.refresh();
    const busy = open();
    for (let version = 1; version <= 30; version += 1) await busy.append([line('a', version, `第 ${version} 稿`)]);
    await still.append([line('b', 1)]);
    await busy.refresh();
    expect(titles(busy)).toEqual(['第 30 稿', 'b']);
  });

  it('keep the list short however often an article is corrected', async () => {
    const catalog = open();
    for (let version = 1; version <= 50; version += 1)
      await catalog.append([line('a', version), line(`b${version % 2}`, version)]);
    expect((await ground.records.list('example/log/', { limit: 100 })).length).toBeLessThan(5);
    const fresh = open();
    await fresh.refresh();
    expect(fresh.entries.size).toBe(3);
  });
});

describe('a process that dies', () => {
  class Killed extends Error {}

  /** Dies at its n-th write to the store: after that, nothing of it happens any more. */
  function dyingAt(writes: number): Records & { died(): boolean } {
    let left = writes;
    let dead = false;
    const guard =
      <A extends unknown[], T>(work: (...args: A) => Promise<T>, write: boolean) =>
      async (...args: A): Promise<T> => {
        if (write && left-- <= 0) dead = true;
        if (dead) throw new Killed();
        return work(...args);
      };
    const { records } = ground;
    return {
      get: guard(records.get, false),
      list: guard(records.list, false),
      set: guard(records.set, true),
      first: guard(records.first, true),
      delete: guard(records.delete, true),
      died: () => dead,
    };
  }

  it('at any of its writes leaves nothing that the next one does not finish: a publication, a correction, a withdrawal', async () => {
    const first = releaseOf();
    const second = releaseOf({ revision: 'v2', title: '更正后的标题', columns: ['政策文件'] });
    let deaths = 0;
    for (let writes = 0; ; writes += 1) {
      const id = `r${writes}`;
      const [old, next] = [first, second].map((release) => ({ ...release, release: id }));
      if (!old || !next) throw new Error('two releases');
      let died = false;
      const step = async (release: ReleaseContent, key: string) => {
        const records = dyingAt(writes);
        await publish(release, key, records).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });
        died ||= records.died();
        const call = ground.publishCall(key, release);
        const found = await channel.find(account, channel.render(release, account), call);
        if (found.outcome !== 'found') await publish(release, key);
      };
      await step(old, `${id}-1`);
      await step(next, `${id}-2`);
      expect((await page(`articles/${id}`)).text).toContain('更正后的标题');
      expect((await page('columns/policies/')).text.split(`articles/${id}"`).length).toBe(2);
      expect((await page('columns/notices/')).text).not.toContain(`articles/${id}"`);
      expect((await page(`search?q=${encodeURIComponent('更正后的标题')}`)).text).toContain(`articles/${id}"`);
      const records = dyingAt(writes);
      await channel
        .withdraw(account, { id }, { ...ground.publishCall(`${id}-3`, next), records })
        .catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });
      await channel.withdraw(account, { id }, ground.publishCall(`${id}-3`, next));
      expect((await page(`articles/${id}`)).status).toBe(410);
      for (const path of ['', 'columns/policies/', 'feed.json', 'sitemaps/1.xml'])
        expect((await page(path)).text).not.toContain(`articles/${id}"`);
      expect(await ground.records.list('example/pending/', { limit: 5 })).toEqual([]);
      if (!died && !records.died()) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThan(4);
  }, 60_000);
});

describe('the folder of a site that version 0.1.0 wrote', () => {
  it('is refused in a sentence and left as it is, for a publication and for a check', async () => {
    const state = join(ground.folder, 'example/state');
    await mkdir(state, { recursive: true });
    await writeFile(join(state, 'site.json'), '{}');
    await writeFile(join(state, 'catalog.jsonl'), '');
    await cp(state, join(ground.folder, 'copy'), { recursive: true });
    const refused: unknown = await publish(releaseOf()).catch((error: unknown) => error);
    expect(channel.classify(refused, ground.now)).toMatchObject({
      class: 'action',
      cause: { zh: expect.stringContaining('0.1.0') },
    });
    expect(await channel.check(account, ground.call())).toMatchObject({
      outcome: 'dead',
      todo: { zh: expect.stringContaining('移到别处') },
    });
    expect(await readdir(state)).toEqual(await readdir(join(ground.folder, 'copy')));
    await rm(state, { recursive: true });
    expect(await channel.check(account, ground.call())).toEqual({ outcome: 'ok' });
  });
});
