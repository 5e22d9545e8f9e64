/**
 * A built-in site in a bucket: several machines publish it and serve it without a folder in common, nothing is pointed to
 * before it is there, nothing older comes over what is newer, and a death in the middle leaves nothing half visible.
 */
import { readdirSync } from 'node:fs';
import type { Files } from '../channels/files.js';
import { memoryInProcess } from '../channels/memory-in-process.js';
import type { Records } from '../channels/channel.js';
import { channel } from '../channels/website/adapter.js';
import {
  accountOf,
  builtinSettings,
  openGround,
  picture,
  releaseOf,
  type Ground,
} from '../channels/website/fixtures/ground.js';
import { startStorage, type StorageServer } from './support/storage-server.js';

jest.setTimeout(120_000);

const account = accountOf(builtinSettings);
let storage: StorageServer;
let server: Ground;
let one: Ground;
let other: Ground;
beforeEach(async () => {
  storage = await startStorage();
  const files = () => storage.machine().files.under('channels/website');
  server = await openGround({ files: files() });
  // Each reads the store for itself, as a process of its own does: what it keeps in memory is by these records.
  const machine = () => {
    const { records, memory, hubUrl } = server;
    return openGround({ files: files(), records: { ...records }, memory, hubUrl });
  };
  [one, other] = [await machine(), await machine()];
});
afterEach(async () => {
  for (const ground of [server, one, other]) await ground.close();
  await storage.close();
});

const publish = (ground: Ground, release: ReturnType<typeof releaseOf>, more: object = {}) =>
  channel.publish(account, channel.render(release, account), {
    ...ground.publishCall(`${release.release}-${release.revision}`, release),
    ...more,
  });

async function read(path: string): Promise<{ status: number; text: string; etag: string }> {
  const answer = await fetch(`${server.hubUrl}/sites/example/${path}`);
  return { status: answer.status, text: await answer.text(), etag: answer.headers.get('etag') ?? '' };
}

/** Names of the site's files that a text points to; pages that the hub itself makes are none. */
function pointedTo(text: string): string[] {
  const found = text.matchAll(/\/sites\/example((?:\/[A-Za-z0-9._-]+)*\/?)/g);
  return Array.from(found, ([, path = '']) => path.slice(1)).flatMap((path) => {
    if (/^(?:search|micropub)/.test(path)) return [];
    if (path === '' || path.endsWith('/')) return [`${path}index.html`];
    return [/\.[a-z]{2,5}$/.test(path) ? path : `${path}/index.html`];
  });
}

const site = 'channels/website/example/public/';

/** What was written pointed to what was not there, as the storage saw it. */
function watchPointers(): string[] {
  const dangling: string[] = [];
  storage.onWrite = (name, body) => {
    if (!/\.(?:html|xml|json)$/.test(name)) return;
    for (const path of pointedTo(body.toString()))
      if (`${site}${path}` !== name && !storage.names.has(`${site}${path}`)) dangling.push(`${name} → ${path}`);
  };
  return dangling;
}

const dated = (n: number) => releaseOf({ release: `r${n}`, title: `第 ${n} 篇` });

it('is one site, whichever machine publishes and whichever serves, and none has a page of it on its own disk', async () => {
  const seen = await Promise.all([1, 2].map((n) => picture(one, n, `图 ${n}`)));
  for (const [hash, medium] of one.media) other.media.set(hash, medium);
  const shown = seen.map(({ hash }) => `<figure><img src="media:${hash}" alt=""></figure>`).join('');
  const releases = Array.from({ length: 4 }, (_, n) =>
    releaseOf({ release: `r${n}`, title: `第 ${n} 篇`, body: `<p>正文 ${n}</p>${shown}`, pictures: seen }),
  );
  const outcomes = await Promise.all(releases.map((release, n) => publish(n % 2 ? one : other, release)));
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(releases.map(() => 'published'));
  const lists = await Promise.all(['', 'columns/notices/', 'feed.json', 'sitemaps/1.xml'].map(read));
  for (const { status, text } of lists) {
    expect(status).toBe(200);
    for (const { release } of releases) expect(text).toContain(`articles/${release}`);
  }
  const paths = new Set<string>();
  for (const { release, title } of releases) {
    const { status, text } = await read(`articles/${release}`);
    expect([status, text.includes(title)]).toEqual([200, true]);
    for (const path of pointedTo(text)) paths.add(path);
  }
  for (const path of paths) expect([path, (await read(path)).status]).toEqual([path, 200]);
  expect((await read(`search?q=${encodeURIComponent('第 3 篇')}`)).text).toContain('articles/r3"');
  for (const { folder } of [server, one, other]) {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name));
    expect(files.filter((name) => !/private\/words\.sqlite/.test(name))).toEqual([]);
  }
});

it('answers readers as from a folder: unchanged, in part, gone', async () => {
  await publish(one, dated(1));
  const { etag, text } = await read('articles/r1');
  const at = `${server.hubUrl}/sites/example/articles/r1`;
  expect((await fetch(at, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const part = await fetch(at, { headers: { range: 'bytes=0-8' } });
  expect([part.status, await part.text()]).toEqual([206, text.slice(0, 9)]);
  expect((await fetch(at, { method: 'HEAD' })).headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
  await channel.withdraw(account, { id: 'r1' }, other.publishCall('w', dated(1)));
  expect((await read('articles/r1')).status).toBe(410);
  for (const path of ['', 'feed.json', 'sitemaps/1.xml', 'columns/notices/'])
    expect((await read(path)).text).not.toContain('articles/r1"');
});

it('points to nothing that is not there, at any write that the storage sees', async () => {
  await channel.prepare?.(account, one.call());
  // Next to a full page of their column, in a few rebuilds.
  await Promise.all(Array.from({ length: 38 }, (_, n) => publish(one, dated(n))));
  const dangling = watchPointers();
  const seen = await picture(one, 1, '大厅');
  one.media.set('c'.repeat(64), { bytes: Buffer.from('%PDF-1.7'), mime: 'application/pdf', width: 0, height: 0 });
  const attachments = [{ hash: 'c'.repeat(64), name: '清单.pdf', mime: 'application/pdf', bytes: 8 }];
  const body = `<p>正文</p><figure><img src="media:${seen.hash}" alt=""></figure>`;
  for (let n = 38; n < 41; n += 1)
    await publish(one, releaseOf({ release: `r${n}`, title: `第 ${n} 篇`, body, pictures: [seen], attachments }));
  const named = { release: 'column', columns: ['从没有过的栏目'], body, pictures: [seen] };
  await publish(one, releaseOf(named));
  await publish(one, releaseOf({ ...named, revision: 'v2', columns: ['又一个栏目'] }));
  await channel.withdraw(account, { id: 'r3' }, one.publishCall('w', dated(3)));
  expect(dangling).toEqual([]);
});

it('is drawn again into an empty bucket with the articles before the lists that name them', async () => {
  await Promise.all([0, 1, 2].map((n) => publish(one, dated(n))));
  const before = (await read('')).text;
  for (const name of [...storage.names]) await storage.machine().files.drop(name);
  const dangling = watchPointers();
  await publish(other, dated(3));
  expect(dangling.filter((pointer) => /→ (?:articles|media|files)\//.test(pointer))).toEqual([]);
  for (let n = 0; n < 4; n += 1) expect((await read('')).text).toContain(`articles/r${n}"`);
  expect(before).not.toContain('articles/r3"');
});

describe('of two that draw the same lists', () => {
  it('the later one stands, though the earlier one had its write under way and comes last', async () => {
    await channel.prepare?.(account, one.call());
    const lists = {
      'sitemaps/1.xml': 'sitemaps/1.xml',
      'columns/notices/': 'columns/notices/index.html',
      '': 'index.html',
    };
    for (const [n, [path, name]] of Object.entries(lists).entries()) {
      const late = storage.hold('PUT', new RegExp(`public/${name.replace('.', '\\.')}$`));
      const earlier = publish(one, dated(2 * n));
      await late.came;
      // The lock of the first has ended meanwhile: the other has one of its own.
      await publish(other, dated(2 * n + 1), { memory: memoryInProcess() });
      late.go();
      await earlier;
      const { text } = await read(path);
      for (const article of [2 * n, 2 * n + 1])
        expect([path, article, text.includes(`articles/r${article}`)]).toEqual([path, article, true]);
    }
  });

  it('whoever stood still for longer than the lock lasts writes none of them any more, in a folder too', async () => {
    const ground = await openGround();
    try {
      await channel.prepare?.(account, ground.call());
      let go = (): void => undefined;
      const still = new Promise<void>((done) => (go = done));
      let came = (): void => undefined;
      const stands = new Promise<void>((done) => (came = done));
      const { records } = ground;
      const slow: Records = {
        ...records,
        async get(key) {
          if (key !== 'heads:newest') return records.get(key);
          came();
          await still;
          return records.get(key);
        },
      };
      const earlier = publish(ground, dated(1), { records: slow }).catch((error: unknown) => error);
      await stands;
      await publish(ground, dated(2), { memory: memoryInProcess() });
      const began = performance.now();
      const clock = jest.spyOn(performance, 'now').mockImplementation(() => began + 61_000);
      go();
      expect(String(await earlier)).toContain('has ended');
      clock.mockRestore();
      const home = await fetch(`${ground.hubUrl}/sites/example/`).then((answer) => answer.text());
      expect(home).toContain('articles/r2"');
    } finally {
      await ground.close();
    }
  });
});

/** Nothing of it happens any more from its n-th write on. */
function dyingAt(files: Files, writes: { left: number; died: boolean }): Files {
  const last = async (work: () => Promise<void>): Promise<void> => {
    if (writes.left-- <= 0) writes.died = true;
    if (writes.died) throw new Error('killed');
    await work();
  };
  return {
    ...files,
    write: (...of) => last(() => files.write(...of)),
    draw: (...of) => last(() => files.draw(...of)),
    drop: (...of) => last(() => files.drop(...of)),
    under: (...of) => dyingAt(files.under(...of), writes),
  };
}

it('is whole after a death at any of its writes: no pointer into nothing, and the next one finishes it', async () => {
  const ground = await openGround();
  try {
    await channel.prepare?.(account, ground.call());
    const seen = await picture(ground, 1, '图');
    let deaths = 0;
    for (let n = 0, died = true; died; n += 1) {
      const writes = { left: n, died: false };
      const body = `<p>${n}</p><figure><img src="media:${seen.hash}" alt=""></figure>`;
      const release = releaseOf({ release: `d${n}`, title: `第 ${n} 篇`, body, pictures: [seen] });
      await publish(ground, release, { files: dyingAt(ground.files, writes) }).catch(() => undefined);
      ({ died } = writes);
      deaths += Number(died);
      for (const path of ['', 'columns/notices/', 'feed.json', 'sitemaps/1.xml', `articles/d${n}`]) {
        const answer = await fetch(`${ground.hubUrl}/sites/example/${path}`);
        const text = await answer.text();
        if (path === `articles/d${n}` && answer.status === 404) continue;
        for (const to of new Set(pointedTo(text)))
          expect([n, path, to, await ground.files.has(`example/public/${to}`)]).toEqual([n, path, to, true]);
      }
      await publish(ground, release);
      const home = await fetch(`${ground.hubUrl}/sites/example/`).then((answer) => answer.text());
      expect(home).toContain(`articles/d${n}"`);
    }
    expect(deaths).toBeGreaterThan(8);
  } finally {
    await ground.close();
  }
});
