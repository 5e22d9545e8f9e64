/** The heads of days of the hub's book, on a site: at one address for ever, in its feed, and drawn again with the site. */
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import type { DayHead } from '../channel.js';
import { channel } from './adapter.js';
import { accountOf, builtinSettings, openGround, releaseOf, type Ground } from './fixtures/ground.js';

const account = accountOf(builtinSettings, { token: 'a-token-for-the-example-site' });
let ground: Ground;

beforeEach(async () => {
  ground = await openGround();
  await channel.prepare?.(account, ground.call());
});
afterEach(() => ground.close());

const head = (date: number): DayHead => ({
  hub: 'b1',
  day: `2026-11-${date}`,
  n: date * 10,
  hash: String(date % 10).repeat(64),
  root: `${date % 10}f`.repeat(32),
  at: `2026-11-${date}T16:00:01.000Z`,
});
const show = (...dates: number[]) => channel.showHeads?.(account, dates.map(head), ground.call());
const file = (path: string) => readFile(join(ground.folder, 'example/public', path), 'utf8');

async function read(path: string): Promise<{ status: number; type: string; text: string }> {
  const { statusCode, headers, body } = await request(`${ground.hubUrl}/sites/example/${path}`);
  return { status: statusCode, type: String(headers['content-type']), text: await body.text() };
}

const entries = (feed: string): string[] => feed.match(/<entry>.*<\/entry>/g) ?? [];

it('says at its address, before there is any, what will stand there', async () => {
  expect((await read('audit/')).text).toContain('还没有：第一天结束后公布。');
  expect((await read('index.html')).text).toContain('href="/sites/example/audit/"');
  expect(JSON.parse((await read('audit/heads.json')).text)).toEqual({ heads: [] });
  expect(entries((await read('atom.xml')).text)).toEqual([]);
});

it('shows them to people with how to check them, to programs, and to whoever follows the site', async () => {
  expect(await show(24, 23)).toEqual({
    page: `${ground.hubUrl}/sites/example/audit/`,
    json: `${ground.hubUrl}/sites/example/audit/heads.json`,
  });
  const page = await read('audit/');
  expect(page.status).toBe(200);
  for (const words of [
    head(24).hash,
    head(24).root,
    head(23).hash,
    'lianfa audit verify --heads',
    'Keep a copy of your own',
  ])
    expect(page.text).toContain(words);
  expect(JSON.parse((await read('audit/heads.json')).text)).toEqual({ hub: 'b1', heads: [head(24), head(23)] });
  const followed = await read('audit/heads.atom');
  expect(followed.type).toContain('application/atom+xml');
  expect(entries(followed.text)).toHaveLength(2);
  const [entry = '', ...more] = entries((await read('atom.xml')).text);
  expect(more).toEqual([]);
  expect(entry).toContain('<id>urn:lianfa:audit:b1:2026-11-24</id>');
  expect(entry).toContain(`b1 240 ${head(24).hash} ${head(24).root}`);
});

it('leaves an entry as it was on the day when it came, whatever comes after it', async () => {
  await show(23);
  const before = entries(await file('audit/heads.atom'));
  await channel.publish(
    account,
    channel.render(releaseOf({ release: 'r1' }), account),
    ground.publishCall('r1', releaseOf({ release: 'r1' })),
  );
  await show(24, 23);
  expect(entries(await file('audit/heads.atom'))).toEqual([expect.stringContaining('2026-11-24'), ...before]);
  // In the site's own feed the newest alone, beside the articles.
  const own = entries(
    await file('atom.xml').then((text) => text.replaceAll('\n', '').replaceAll('</entry>', '</entry>\n')),
  );
  expect(own.filter((entry) => entry.includes('urn:lianfa:audit'))).toHaveLength(1);
  expect(await file('atom.xml')).toContain('/articles/r1');
});

it('draws no article by it', async () => {
  await channel.publish(
    account,
    channel.render(releaseOf({ release: 'r1' }), account),
    ground.publishCall('r1', releaseOf({ release: 'r1' })),
  );
  const written = async (path: string) => (await stat(join(ground.folder, 'example/public', path))).ino;
  const [article, list] = [await written('articles/r1/index.html'), await written('index.html')];
  await show(24);
  expect([await written('articles/r1/index.html'), await written('index.html')]).toEqual([article, list]);
});

it('draws them again with a public folder that was lost, and shows them on a new site at once', async () => {
  await show(24, 23);
  const paths = ['audit/index.html', 'audit/heads.json', 'audit/heads.atom', 'atom.xml'];
  const before = await Promise.all(paths.map(file));
  await rm(join(ground.folder, 'example/public'), { recursive: true });
  await channel.check(account, ground.call());
  expect(await Promise.all(paths.map(file))).toEqual(before);
  const newcomer = { ...accountOf({ ...builtinSettings, site: 'newcomer' }), id: 'another' };
  await channel.prepare?.(newcomer, ground.call());
  expect(await readFile(join(ground.folder, 'newcomer/public/audit/index.html'), 'utf8')).toContain(head(23).hash);
});
