import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { request } from 'undici';
import { channel } from '../adapter.js';
import { accountOf, builtinSettings, openGround, releaseOf, type Ground } from '../fixtures/ground.js';
import type { Entry } from './catalog.js';
import { fullPages, pageAt, pageOf, perPage } from './columns.js';

const account = accountOf(builtinSettings);
let ground: Ground;

beforeEach(async () => {
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
});

async function publish(n: number, more = {}): Promise<void> {
  const release = releaseOf({ release: `r${String(n).padStart(5, '0')}`, title: `第 ${n} 篇`, ...more });
  ground.now = new Date(Date.parse('2026-01-01T00:00:00Z') + n * 60_000);
  await channel.publish(
    account,
    channel.render(release, account),
    ground.publishCall(`d-${release.release}-${release.revision}`, release),
  );
}

async function column(page: string): Promise<number[]> {
  const html = await (await request(`${ground.hubUrl}/sites/example/columns/notices/${page}`)).body.text();
  const main = html.slice(html.indexOf('<main'), html.indexOf('</main'));
  return [...main.matchAll(/articles\/r(\d{5})"/g)].map(([, n]) => Number(n));
}

const range = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, n) => from - n);

describe('the pages of a column', () => {
  it('count from the oldest, so that a full page changes only when an article leaves it', async () => {
    for (let n = 1; n <= 45; n += 1) await publish(n);
    expect(await column('1.html')).toEqual(range(20, 1));
    expect(await column('')).toEqual(range(45, 21));
    expect(await column('2.html')).toEqual(range(45, 21));
    const first = join(ground.folder, 'example/public/columns/notices/1.html');
    const before = (await stat(first)).ino;
    for (let n = 46; n <= 61; n += 1) await publish(n);
    expect((await stat(first)).ino).toBe(before);
    expect(await column('2.html')).toEqual(range(40, 21));
    expect(await column('')).toEqual(range(61, 41));

    // An old article withdrawn, or moved to another column: those behind it close up.
    await channel.withdraw(account, { id: 'r00003' }, ground.publishCall('w', releaseOf()));
    expect(await column('1.html')).toEqual([...range(21, 4), 2, 1]);
    expect(await column('')).toEqual(range(61, 42));
    await publish(5, { revision: 'v2', columns: ['工作动态'] });
    expect(await column('1.html')).toEqual([...range(22, 6), 4, 2, 1]);
    expect(await column('')).toEqual(range(61, 23));
  }, 60_000);

  it('hold every article exactly once, whatever their number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), (count) => {
        const list = Array.from({ length: count }, (_, n) => ({ id: String(n) }) as Entry);
        const front = fullPages(count) + 1;
        const shown = Array.from({ length: front }, (_, n) => pageOf(list, n + 1)).flat();
        expect(shown.map(({ id }) => Number(id)).sort((left, right) => left - right)).toEqual(list.map((_, n) => n));
        expect(pageOf(list, front).length).toBeLessThan(2 * perPage);
        list.forEach((entry, place) => expect(pageOf(list, pageAt(place, count))).toContain(entry));
      }),
    );
  });
});

it('never shows a reader half a page while it is written', async () => {
  await publish(1, { body: `<p>${'甲'.repeat(200_000)}</p>` });
  let done = false;
  const reading = (async () => {
    const ends = new Set<boolean>();
    let count = 0;
    while (!done || count < 20) {
      const html = await (await request(`${ground.hubUrl}/sites/example/articles/r00001`)).body.text();
      ends.add(html.trimEnd().endsWith('</html>') && /<p>(甲{200000}|乙{200000})<\/p>/.test(html));
      count += 1;
    }
    return ends;
  })();
  for (let n = 0; n < 12; n += 1)
    await publish(1, { revision: `w${n}`, body: `<p>${(n % 2 ? '甲' : '乙').repeat(200_000)}</p>` });
  done = true;
  expect(await reading).toEqual(new Set([true]));
  expect(await readdir(join(ground.folder, 'example/public/articles/r00001'))).toEqual(['index.html']);
}, 60_000);
