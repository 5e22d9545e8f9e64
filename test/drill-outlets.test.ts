/**
 * A drill, sent through the whole hub to every channel folder: every text and every picture that the public can open
 * says 演练, and none counts among the warnings in force.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'cheerio';
import sharp from 'sharp';
import { builtinSettings } from '../channels/website/fixtures/ground.js';
import { mediaReader } from '../core/media/reader.js';
import type { Placement } from '../core/model/placement.js';
import { copyFor, type HandCopy } from '../core/placements/hand-copy.js';
import { newestWords } from '../core/placements/history.js';
import { readStatement } from '../core/signatures/statement.js';
import type { ReleaseSaved } from '../server/contract/releases.js';
import { Desk } from './support/desk.js';
import { bearsMark, ground } from './support/drill-pixels.js';
import { request } from './support/http.js';

jest.setTimeout(120_000);

const folder = join(__dirname, '..', 'channels');
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

let desk: Desk;
/** What the public reads of each outlet: the pages by their address. */
const outlets = new Map<string, Map<string, string>>();
/** Pictures that a person is given. */
const copied: { channel: string; bytes: Buffer }[] = [];
let site = '';
beforeAll(async () => {
  desk = await Desk.open();
  for (const name of names) await desk.connect(name, 0, '演练');
  await desk.connect('website', 0, '演练', builtinSettings);
  // Another, whose text goes out with neither cover nor pictures of its own.
  await desk.hub.store.accounts.updateMany({}, { $set: { exercise: true } });
  const hash = await upload(await ground('light', 900, 600), '现场.png', 'image/png');
  const dark = await upload(await ground('dark', 600, 500), '附图.png', 'image/png');
  const pdf = await upload(Buffer.from('%PDF-1.4\n%%EOF'), '预案.pdf', 'application/pdf');
  const body = `<p>这不是演习。假定台风将登陆。</p><figure><img src="media:${hash}" alt="现场"></figure><p>请转移。</p>`;
  const pictured = await write('防台风演练一', { format: 'html', content: body }, [
    { hash: dark, name: '附图.png' },
    { hash: pdf, name: '预案.pdf' },
  ]);
  const plain = await write('防汛检查演练', {
    format: 'text',
    content: '假定水库水位超过警戒线，各单位到岗。'.repeat(20),
  });
  for (const release of [pictured, plain]) {
    await desk.order(release, { regions: ['350000'] });
    const rows = await sent(release, names.length + 1);
    for (const row of rows) {
      const copy = await copyFor(desk.hub, row._id);
      if (copy) await readCopy(row, copy);
      else await read(row.channel, row.standing.at(-1)?.remote.url);
    }
  }
  for (const name of names) if (name !== 'relay') await read(name, `${desk.sandbox(name).url}/`);
  site = [...(outlets.get('website')?.keys() ?? [])].find((one) => one.startsWith(desk.hub.config.url)) ?? '';
});
afterAll(() => desk.close());

async function upload(bytes: Buffer, name: string, type: string): Promise<string> {
  const headers = { ...authorised(), 'content-type': type, 'x-file-name': encodeURIComponent(name) };
  const answer = await request(`${desk.hub.config.url}/api/v1/media`, 'POST', { bytes, headers });
  expect(answer.status).toBe(201);
  return (answer.body as { hash: string }).hash;
}

const authorised = () => ({ authorization: `Bearer ${desk.key}` });

async function write(title: string, body: object, attachments: object[] = [], status = 'Exercise'): Promise<string> {
  const json = {
    ...{ title, kind: 'emergency', source: '示例省应急指挥中心', columns: ['应急信息'], body, attachments },
    emergency: {
      ...{ status, level: 'red', event: '台风', areas: [{ code: '350100', name: '福州市' }] },
      ...{ onset: '2026-11-24T13:00:00Z', expires: '2099-11-24T13:00:00Z', instruction: '转移到安全地带。' },
    },
  };
  const answer = await request(`${desk.hub.config.url}/api/v1/releases`, 'POST', { json, headers: authorised() });
  expect(answer.status).toBe(201);
  const { id, revision } = (answer.body as ReleaseSaved).release;
  const media = [...revision.pictures, ...revision.attachments].map(({ hash }) => hash);
  await desk.until('the pictures are prepared', async () =>
    (await desk.hub.store.media.find({ _id: { $in: media } }).lean()).every(({ state }) => state === 'ready'),
  );
  return id;
}

/** Read back, or in the hands of a person where no API takes it. */
async function sent(release: string, placements: number): Promise<Placement[]> {
  let rows: Placement[] = [];
  await desk.until(`${placements} are out or with a person`, async () => {
    rows = await desk.rows(release);
    const ends = rows.map(({ channel, state }) => state === (channel === 'relay' ? 'needs_action' : 'verified'));
    return rows.length === placements && ends.every(Boolean);
  });
  return rows;
}

/** What a person is given to put there by hand. */
async function readCopy({ _id, channel }: Placement, { parts }: HandCopy): Promise<void> {
  const texts = parts.flatMap((part) => (part.is === 'text' ? [part.text] : []));
  outlets.set(channel, (outlets.get(channel) ?? new Map<string, string>()).set(_id, texts.join('\n')));
  const files = mediaReader(desk.hub.library, channel);
  for (const part of parts)
    if (part.is === 'picture') copied.push({ channel, bytes: (await files.read(part.hash, part.variant)).bytes });
}

async function read(outlet: string, address: string | undefined): Promise<void> {
  if (address === undefined) return;
  const pages = outlets.get(outlet) ?? new Map<string, string>();
  outlets.set(outlet, pages.set(address, await (await fetch(address)).text()));
}

/** Addresses of every picture that a page shows or hands to programs. */
function picturesIn(address: string, html: string): string[] {
  const $ = load(html);
  const found = [
    ...$('img').map((_, one) => $(one).attr('src')),
    ...$('meta[property="og:image"], meta[name="og:image"]').map((_, one) => $(one).attr('content')),
    ...$('a[href]').map((_, one) => ($(one).text().includes('附图') ? $(one).attr('href') : undefined)),
  ];
  return [...new Set(found)].filter((one) => one !== '').map((one) => new URL(one, address).href);
}

describe.each(names)('on channel %s', (name) => {
  it('every picture that the public can open says 演练, to whoever looks at its pixels', async () => {
    const pages = [...(outlets.get(name) ?? [])].filter(([address]) => address.startsWith('http'));
    const addresses = new Set(pages.flatMap(([address, html]) => picturesIn(address, html)));
    const pictures: [where: string, bytes: Buffer][] = copied
      .filter(({ channel }) => channel === name)
      .map(({ bytes }) => ['copied', bytes]);
    for (const address of addresses) pictures.push([address, Buffer.from(await (await fetch(address)).arrayBuffer())]);
    expect(pictures.length).toBeGreaterThan(0);
    for (const [address, bytes] of pictures) {
      const { width, height } = await sharp(bytes).metadata();
      expect([address, Math.min(width, height) >= 90, await bearsMark(bytes)]).toEqual([address, true, true]);
    }
  });

  it('its text says so first and last', () => {
    const pages = [...(outlets.get(name)?.values() ?? [])].map((html) => load(html)('body').text());
    expect(pages.length).toBeGreaterThan(1);
    for (const text of pages) {
      const places = [...text.matchAll(/演练/g)].map(({ index }) => index);
      const words = text.indexOf('假定');
      if (words < 0) continue;
      expect([name, places[0] !== undefined && places[0] < words]).toEqual([name, true]);
      expect([name, (places.at(-1) ?? 0) > words]).toEqual([name, true]);
    }
  });
});

it('stands on a site as an exercise alone: no banner, no warning in force, and its files say so by their names', async () => {
  const root = site.replace(/articles\/.*$/, '');
  const home = load(await (await fetch(root)).text());
  expect(home('.alert')).toHaveLength(0);
  expect(home('main').text()).toContain('防台风演练一');
  const feed = await (await fetch(`${root}warnings.xml`)).text();
  expect(feed).not.toContain('<entry>');
  for (const name of ['rss.xml', 'atom.xml', 'feed.json']) {
    const text = await (await fetch(`${root}${name}`)).text();
    expect(text).toContain('演练');
    for (const [, title = ''] of text.matchAll(/<(?:item|entry)>\s*(?:<id>[^<]*<\/id>\s*)?<title>([^<]*)/g))
      if (!title.includes('审计链头')) expect(title).toMatch(/演练/);
  }
  const article = load(outlets.get('website')?.get(site) ?? '');
  expect(article('title').text()).toMatch(/^演练：|^防.*演练/);
  expect(article('.notice.over').text()).toContain('演练');
  expect(article('.warning .level').attr('class')).toContain('over');
  expect(
    article('.attachments a')
      .toArray()
      .map((one) => article(one).text()),
  ).toEqual(expect.arrayContaining(['演练-附图.png', '演练-预案.pdf']));
  const cap = await (await fetch(`${site}/cap.xml`)).text();
  expect(cap).toMatch(/<status>Exercise<\/status>/);
  expect(cap).toMatch(/<note>[^<]*演练/);
});

it('stands in an app as an exercise alone', async () => {
  const [address = ''] = [...(outlets.get('app')?.keys() ?? [])].filter((one) => one.includes('/feeds/'));
  const feed = await (await fetch(address.replace(/\/items\/.*|\/[^/]*$/, '/feed.json'))).text();
  const { items } = JSON.parse(feed) as { items: { title: string; _lianfa: { in_force?: boolean; drill?: true } }[] };
  expect(items.length).toBeGreaterThan(0);
  for (const item of items) {
    expect(item.title).toContain('演练');
    expect(item._lianfa).toMatchObject({ in_force: false, drill: true });
  }
});

it('goes to the channels that were signed and to no other, counted at the platforms', async () => {
  const others = names.filter((name) => name !== 'website');
  const counts = () => others.map((name) => desk.sandbox(name).accepted().length);
  const before = counts();
  const release = await write('只发网站的演练', { format: 'text', content: '假定停电，仅发网站。' });
  await desk.order(release, { channels: ['website'], regions: ['350000'] });
  await sent(release, 2);
  expect(counts()).toEqual(before);
  const [order] = await desk.hub.store.orders.find({ release }).lean();
  const said = readStatement(order?.statement ?? '');
  expect(said).toMatchObject({ exercise: 'test', audience: { channels: ['website'], regions: ['350000'] } });
  expect(Object.keys(said.renditions ?? {})).toEqual(['website']);
});

it('is stopped where a real one would be: without an area, and on an account whose link template is broken', async () => {
  const emergency = { level: 'red', event: '台风', areas: [], onset: '2026-11-24T13:00:00Z', instruction: '转移' };
  const refused = async (status: string) => {
    const body = { format: 'text', content: '假定' };
    const json = { title: '停在同一处', kind: 'emergency', source: '示例', body, emergency: { ...emergency, status } };
    return (await request(`${desk.hub.config.url}/api/v1/releases`, 'POST', { json, headers: authorised() })).body;
  };
  expect(await refused('Exercise')).toEqual(await refused('Actual'));
  expect(await refused('Exercise')).toMatchObject({ error: { code: 'field_invalid', field: 'emergency.areas' } });
  const { store } = desk.hub;
  const account = await store.accounts.findOne({ channel: 'weibo' }).lean();
  const broken = { ...account?.settings, linkTemplate: 'no address' };
  await store.accounts.updateOne({ _id: account?._id ?? '' }, { $set: { settings: broken } });
  const ends = async (status: 'Exercise' | 'Actual') => {
    const release = await write(`${status} 链接错误`, { format: 'text', content: `假定 ${status}` }, [], status);
    await desk.order(release, { accounts: [account?._id ?? ''] });
    let end: string[] = [];
    await desk.until('it is stopped', async () => {
      const [row] = await desk.rows(release);
      end = row ? [row.state, JSON.stringify(newestWords(row).cause)] : ['no placement'];
      return row === undefined || ['failed', 'needs_action', 'waiting'].includes(row.state);
    });
    return end;
  };
  expect(await ends('Exercise')).toEqual(await ends('Actual'));
});
