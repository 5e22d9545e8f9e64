import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { channel } from '../adapter.js';
import { accountOf, builtinSettings, openGround, releaseOf, type Ground } from '../fixtures/ground.js';

const account = accountOf(builtinSettings);
const renamed = accountOf({ ...builtinSettings, siteName: '示例市政府门户' });
let ground: Ground;

beforeEach(async () => {
  ground = await openGround();
  for (let n = 1; n <= 6; n += 1) await publish(n);
});
afterEach(async () => {
  await ground.close();
});

async function publish(n: number, more = {}): Promise<void> {
  const release = releaseOf({ release: `r0000${n}`, title: `第 ${n} 篇`, ...more });
  await channel.publish(
    account,
    channel.render(release, account),
    ground.publishCall(`d-${release.release}-${release.revision}`, release),
  );
}

const page = (n: number) => join(ground.folder, `example/public/articles/r0000${n}/index.html`);
const kept = (name: string) => join(ground.folder, 'example/private', name);

async function found(query: string): Promise<string[]> {
  const html = await (
    await request(`${ground.hubUrl}/sites/example/search?q=${encodeURIComponent(query)}`)
  ).body.text();
  return [...html.matchAll(/articles\/(r\d{5})"/g)].map(([, id = '']) => id);
}

describe('a complete redraw', () => {
  it('changes every page and list, and only once', async () => {
    await channel.check(renamed, ground.call());
    for (let n = 1; n <= 6; n += 1) expect(await readFile(page(n), 'utf8')).toContain('示例市政府门户');
    expect(await readFile(join(ground.folder, 'example/public/index.html'), 'utf8')).toContain('示例市政府门户');
    const before = (await stat(page(1))).ino;
    await rm(page(2));
    await channel.check(renamed, ground.call());
    expect((await stat(page(1))).ino).toBe(before);
    await expect(stat(page(2))).rejects.toThrow();
  });

  it('leaves every page whole when it dies halfway, and the next finishes it', async () => {
    await rm(page(4));
    await mkdir(join(page(4), 'in-the-way'), { recursive: true });
    expect(await channel.check(renamed, ground.call())).toMatchObject({ outcome: 'dead' });
    const names = await Promise.all(
      [1, 2, 3, 5, 6].map(async (n) => {
        const html = await readFile(page(n), 'utf8');
        expect(html.trimEnd().endsWith('</html>')).toBe(true);
        return /class="name"[^>]*>([^<]+)/.exec(html)?.[1];
      }),
    );
    for (const name of names) expect(['示例市人民政府', '示例市政府门户']).toContain(name);
    expect(await readdir(join(ground.folder, 'example/public/articles/r00004'))).toEqual(['index.html']);
    await rm(page(4), { recursive: true });
    await channel.check(renamed, ground.call());
    for (let n = 1; n <= 6; n += 1) expect(await readFile(page(n), 'utf8')).toContain('示例市政府门户');
  });

  it('does not bring back what was withdrawn', async () => {
    await channel.withdraw(account, { id: 'r00003' }, ground.publishCall('w', releaseOf()));
    await channel.check(renamed, ground.call());
    expect((await request(`${ground.hubUrl}/sites/example/articles/r00003`)).statusCode).toBe(410);
  });
});

describe('the index of words', () => {
  it('is kept on disk, and a search writes nothing where it is up to date', async () => {
    expect(await found('办公时间')).toHaveLength(6);
    const before = await stat(kept('words.sqlite'));
    const wal = await stat(kept('words.sqlite-wal'));
    expect(await found('办公时间')).toHaveLength(6);
    expect((await stat(kept('words.sqlite'))).mtimeMs).toBe(before.mtimeMs);
    expect((await stat(kept('words.sqlite-wal'))).mtimeMs).toBe(wal.mtimeMs);
  });

  it('follows corrections and withdrawals', async () => {
    await publish(2, { revision: 'v2', body: '<p>公共图书馆延长开放。</p>' });
    expect(await found('图书馆')).toEqual(['r00002']);
    await channel.withdraw(account, { id: 'r00002' }, ground.publishCall('w', releaseOf()));
    expect(await found('图书馆')).toEqual([]);
  });

  it('is made anew by another process where it is missing or broken', async () => {
    for (const spoil of [() => rm(kept('words.sqlite')), () => writeFile(kept('words.sqlite'), 'x'.repeat(8_192))]) {
      for (const name of ['words.sqlite-wal', 'words.sqlite-shm']) await rm(kept(name), { force: true });
      await spoil();
      await jest.isolateModulesAsync(async () => {
        const { face } = await import('../face.js');
        const answer = await face.handle({
          method: 'GET',
          path: '/example/search',
          query: new URLSearchParams({ q: '办公时间' }),
          headers: {},
          body: Buffer.alloc(0),
          files: ground.files,
          folder: ground.folder,
          hubUrl: ground.hubUrl,
          memory: ground.memory,
          records: ground.records,
          media: ground.call().media,
          http: ground.call().http,
          frozen: () => Promise.resolve(false),
        });
        expect(answer.body.toString()).toContain('共找到 6 条信息');
      });
    }
  });

  it('finds by single characters, rare ones, numbers and the beginnings of words', async () => {
    await publish(7, {
      title: '𠮷姓居民办理 Apostille 指南',
      policy: { number: '示政办发〔2026〕18号' },
      keywords: ['护照'],
    });
    for (const query of ['𠮷', '𠮷姓', 'APOST', '护照', '示政办发〔2026〕18号', '政办发 2026', '居民　指南'])
      expect({ query, ids: (await found(query))[0] }).toEqual({ query, ids: 'r00007' });
    for (const query of ['"', '*', 'OR', '（）', 'a" OR "b', '^'])
      expect((await request(`${ground.hubUrl}/sites/example/search?q=${encodeURIComponent(query)}`)).statusCode).toBe(
        200,
      );
  });
});
