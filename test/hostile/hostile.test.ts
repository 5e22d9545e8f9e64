/** Hostile text through every door by which text comes in, and what of it reaches readers, programs and platforms at every way out. */
import { zip } from '../../core/documents/fixtures/zip.js';
import type { Placement } from '../../core/model/placement.js';
import { builtinSettings } from '../../channels/website/fixtures/ground.js';
import { Desk } from '../support/desk.js';
import { request, type Answer } from '../support/http.js';
import { main, releaseDoors, siteDoors, tableDoors, type Ground } from './doors.js';
import { faultsOf, honestOf, xmlFaults, type Honest } from './exits.js';
import { payloads, type Payload } from './payloads.js';

jest.setTimeout(300_000);

const token = 'site-token';
const platforms = ['website', 'wechat', 'weibo', 'app'] as const;
type Platform = (typeof platforms)[number];
/** Sent out to the site; what the other doors store is held to the same by itself. */
const published = [
  'API, HTML',
  'API, every field',
  'names of media, and the text beside pictures',
  'file, Word',
  'front matter',
  'warning',
];
/** Sent to every platform as well. */
const everywhere = ['API, HTML', 'API, every field'];
/** What a parser puts around a text. */
const page: Honest = { elements: new Set(['html', 'head', 'body']), scripts: new Set() };
const rich =
  '<h2>一</h2><p><strong>甲</strong><em>乙</em><a href="https://a.gov.cn">丙</a><sup>2</sup></p><h3>二</h3>' +
  '<table><thead><tr><th>甲</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table><ul><li>甲</li></ul><blockquote><p>乙</p></blockquote><pre>丙</pre>';

let desk: Desk;
let ground: Ground;
const came = new Map<string, Answer>();
/** Which release came of a payload at a door. */
const releases = new Map<string, string>();
const rows = new Map<string, Placement[]>();
let honest: Readonly<Record<'site' | Platform | 'preview', Honest>>;

const keyOf = (door: string, payload: Payload): string => `${payload.name} · ${door}`;
const pairs = (doors: Readonly<Record<string, unknown>>): [string, Payload][] =>
  payloads.flatMap((payload) => Object.keys(doors).map((door): [string, Payload] => [door, payload]));
const titled = (list: [string, Payload][]): [string, string, Payload][] =>
  list.map(([door, payload]) => [payload.name, door, payload]);

async function read(url: string): Promise<string> {
  const { status, body } = await request(url, 'GET');
  if (status !== 200) throw new Error(`${url}: ${status}`);
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function publish(release: string, audience: object): Promise<void> {
  const revision = (await desk.hub.store.releases.findById(release).lean())?.revision ?? '';
  await desk.orders.publish({ release, revision, audience, again: true, by: 'u1' });
}

async function preview(title: string, content: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${desk.key}` };
  const release = { title, source: title.slice(0, 90), summary: title, body: { format: 'html', content } };
  const { status, body } = await request(`${desk.hub.config.url}/api/v1/preview`, 'POST', {
    headers,
    json: { release },
  });
  expect(status).toBe(200);
  return (body as { renditions: { html: string }[] }).renditions.map(({ html }) => html);
}

beforeAll(async () => {
  desk = await Desk.open();
  const numbers = new Map(payloads.map((payload, n) => [payload, n]));
  ground = { desk, token, numberOf: (payload) => numbers.get(payload) ?? 0 };
  await desk.connect('website', 0, 'main', builtinSettings, { token });
  for (const channel of platforms)
    for (let n = 0; n <= payloads.length; n += 1) await desk.connect(channel, n + 1, `p${n}`);
  for (const [door, enter] of Object.entries({ ...tableDoors, ...releaseDoors }))
    for (const payload of payloads) came.set(keyOf(door, payload), await enter(ground, payload));
  const calm = idOf(await releaseDoors['API, HTML']?.(ground, { name: '例', text: rich }));
  await publish(calm, { tags: ['main', 'sites', `p${payloads.length}`] });
  for (const [door, payload] of pairs(releaseDoors)) {
    const id = idOf(came.get(keyOf(door, payload)));
    if (id !== '') releases.set(keyOf(door, payload), id);
    if (id === '' || !published.includes(door)) continue;
    await publish(id, { tags: ['main', ...(everywhere.includes(door) ? [`p${ground.numberOf(payload)}`] : [])] });
  }
  await settle();
  for (const [door, enter] of Object.entries(siteDoors))
    for (const payload of payloads) came.set(keyOf(door, payload), await enter(ground, payload));
  honest = await readHonest(calm);
});
afterAll(() => desk.close());

function idOf(answer: Answer | undefined): string {
  return answer?.status === 201 ? (answer.body as { release: { id: string } }).release.id : '';
}

async function settle(): Promise<void> {
  const { store } = desk.hub;
  await desk.until('all orders are worked off', async () =>
    (await store.orders.find({}).lean()).every(({ state }) => state === 'done'),
  );
  for (const { release } of await store.orders.find({}).lean())
    await desk.until(`${release} stands`, async () => {
      const now = await desk.rows(release);
      rows.set(release, now);
      return now.length > 0 && now.every(({ state }) => /^(?:verified|failed|needs_action|waiting)$/.test(state));
    });
}

async function readHonest(calm: string): Promise<typeof honest> {
  const of = async (channel: Platform): Promise<string[]> => {
    const standing = (rows.get(calm) ?? []).filter((row) => row.channel === channel).flatMap((row) => row.standing);
    return Promise.all(standing.map(({ remote }) => read(remote.url ?? '')));
  };
  const search = await read(`${main(desk)}/search?q=${encodeURIComponent('甲')}`);
  const site = [...(await of('website')), await read(`${main(desk)}/`), search];
  return {
    site: honestOf(site),
    website: honestOf([...site, await read(desk.sandbox('website').url)]),
    wechat: honestOf([...(await of('wechat')), await read(desk.sandbox('wechat').url)]),
    weibo: honestOf([...(await of('weibo')), await read(desk.sandbox('weibo').url)]),
    app: honestOf([...(await of('app')), await read(desk.sandbox('app').url)]),
    preview: honestOf(await preview('例', rich)),
  };
}

it('most of it is taken: what is refused at the door proves nothing about what lies behind', () => {
  expect(releases.size).toBeGreaterThan(payloads.length * Object.keys(releaseDoors).length * 0.8);
});

it.each(titled(pairs({ ...releaseDoors, ...tableDoors, ...siteDoors })))(
  '%s is taken or refused by name: %s',
  (_, door, payload) => {
    const { status = 0, headers, body } = came.get(keyOf(door, payload)) ?? {};
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(500);
    expect(headers?.get('x-content-type-options')).toBe('nosniff');
    if (status >= 400 && !(door in siteDoors))
      expect(body).toMatchObject({ error: { code: expect.stringMatching(/^[a-z_]+$/) as unknown } });
  },
);

it.each(titled(pairs(releaseDoors)))(
  '%s is stored without what acts, and read so as JSON: %s',
  async (_, door, payload) => {
    const id = releases.get(keyOf(door, payload));
    if (id === undefined) return;
    const authorization = `Bearer ${desk.key}`;
    const { body, headers } = await request(`${desk.hub.config.url}/api/v1/releases/${id}`, 'GET', {
      headers: { authorization },
    });
    expect(headers.get('content-type')).toContain('application/json');
    const stored = (body as { revision: { body: string } }).revision.body;
    expect(faultsOf(stored.replace(/media:[0-9a-f]{64}/g, 'media'), page)).toEqual([]);
  },
);

it.each(titled(pairs(Object.fromEntries(published.map((door) => [door, door])))))(
  '%s does nothing on the pages of the site and the platforms: %s',
  async (_, door, payload) => {
    for (const { channel, state, standing } of rows.get(releases.get(keyOf(door, payload)) ?? '') ?? []) {
      expect([channel, state]).toEqual([channel, 'verified']);
      for (const { remote } of standing)
        expect(faultsOf(await read(remote.url ?? ''), honest[channel as Platform])).toEqual([]);
    }
  },
);

it.each(payloads.map((payload) => [payload.name, payload] as const))(
  '%s does nothing in a preview',
  async (_, { text }) => {
    for (const shown of await preview(`题 ${text}`.slice(0, 190), text))
      expect(faultsOf(shown, honest.preview)).toEqual([]);
  },
);

it.each(payloads.map((payload) => [payload.name, payload] as const))(
  '%s does nothing on the site: search, what is not there, what came by Micropub',
  async (_, payload) => {
    for (const door of ['search', 'an address that is not there']) {
      const { body } = came.get(keyOf(door, payload)) ?? {};
      if (typeof body === 'string') expect(faultsOf(body, honest.site)).toEqual([]);
    }
    for (const door of ['Micropub, HTML', 'Micropub, text']) {
      const address = came.get(keyOf(door, payload))?.headers.get('location');
      if (address) expect(faultsOf(await read(address), honest.site)).toEqual([]);
    }
  },
);

it('every site named by hostile text shows its pages whole', async () => {
  const list = await desk.hub.store.accounts.find({ channel: 'website', tags: 'sites' }).lean();
  expect(list.length).toBeGreaterThan(payloads.length);
  for (const { settings } of list) {
    const site = `${desk.hub.config.url}/sites/${String(settings['site'])}`;
    expect(faultsOf(await read(`${site}/`), honest.site)).toEqual([]);
    for (const feed of ['rss.xml', 'atom.xml', 'warnings.xml', 'sitemap.xml', 'opensearch.xml'])
      expect([site, feed, ...xmlFaults(await read(`${site}/${feed}`))]).toEqual([site, feed]);
  }
});

it('the lists and feeds of the main site are whole, and nothing in them acts', async () => {
  for (const path of [
    'rss.xml',
    'atom.xml',
    'warnings.xml',
    'sitemap.xml',
    'sitemaps/1.xml',
    'opensearch.xml',
    'robots.txt',
    '',
  ]) {
    const text = await read(`${main(desk)}/${path}`);
    if (path.endsWith('.xml')) expect([path, ...xmlFaults(text)]).toEqual([path]);
    if (path === '') expect(faultsOf(text, honest.site)).toEqual([]);
  }
  const feed = JSON.parse(await read(`${main(desk)}/feed.json`)) as { items: { content_html?: string }[] };
  expect(feed.items.length).toBeGreaterThan(5);
  for (const { content_html: html = '' } of feed.items) expect(faultsOf(html, honest.site)).toEqual([]);
});

it.each(payloads.map((payload) => [payload.name, payload] as const))('%s breaks no CAP message', async (_, payload) => {
  for (const { standing } of rows.get(releases.get(keyOf('warning', payload)) ?? '') ?? [])
    for (const { remote } of standing) expect(xmlFaults(await read(`${remote.url ?? ''}/cap.xml`))).toEqual([]);
});

it.each(platforms)('nothing of it acts on the first page of the platform: %s', async (channel) => {
  expect(faultsOf(await read(desk.sandbox(channel).url), honest[channel])).toEqual([]);
});

it('what the apps received is data: feeds that parse, markup that does nothing', async () => {
  for (let n = 1; n <= payloads.length; n += 1) {
    const { items } = JSON.parse(await read(`${desk.hub.config.url}/feeds/app-${n + 1}/feed.json`)) as {
      items: { content_html?: string }[];
    };
    for (const { content_html: html = '' } of items) expect(faultsOf(html, honest.app)).toEqual([]);
  }
});

describe('keys of every object', () => {
  const polluted = '{"polluted":true}';
  it.each([
    [
      '/releases',
      `{"title":"甲","source":"乙","body":{"format":"text","content":"丙"},"__proto__":${polluted},"constructor":{"prototype":${polluted}}}`,
    ],
    [
      '/accounts/import',
      `{"accounts":[{"channel":"website","name":"甲","organization":"province","settings":{"__proto__":${polluted}},"credentials":{"__proto__":${polluted}}}]}`,
    ],
    [
      '/accounts/import',
      `渠道,账号名称,所属单位,设置.__proto__.polluted,设置.constructor.prototype.polluted\nwebsite,甲,province,1,1`,
    ],
    ['/organizations/import', `单位编号,单位名称,__proto__,constructor\nu9999,甲,1,1`],
    [
      '/releases/import?losses=accept',
      `---\ntitle: 甲\nsource: 乙\n__proto__: ${polluted}\nconstructor: {prototype: ${polluted}}\npolicy:\n  __proto__: ${polluted}\n---\n\n丙`,
    ],
  ])('reach none: %s %#', async (path, bytes) => {
    const type = path.startsWith('/releases/import')
      ? 'text/markdown'
      : bytes.startsWith('{')
        ? 'application/json'
        : 'application/octet-stream';
    const headers = { authorization: `Bearer ${desk.key}`, 'content-type': type, 'x-file-name': 'a.md' };
    const { status } = await request(`${desk.hub.config.url}/api/v1${path}`, 'POST', { bytes, headers });
    expect(status).toBeLessThan(500);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('files that unpack to something else than they seem', () => {
  const types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>';
  const long = '<a/>'.repeat(10_000_000);
  const entity = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>';
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`word/${n}.xml`, '<a/>']));
  const parts = (document: string): Record<string, string> => ({
    '[Content_Types].xml': types,
    'word/document.xml': document,
    'xl/workbook.xml': document,
  });
  it.each([
    ['a part of many megabytes in a few kilobytes', zip(parts(long))],
    ['parts without number', zip({ ...parts('<a/>'), ...many })],
    ['a part larger than its directory says', zip(parts('<a/>'.repeat(50_000)), 10)],
    ['entities in entities', zip(parts(entity))],
    ['an outside entity', zip(parts('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'))],
    ['parts outside of the package', zip({ ...parts('<a/>'), '../../../tmp/evil': 'x', '/etc/evil': 'x' })],
    ['half a zip', zip(parts('<a/>')).subarray(0, 60)],
    ['elements without end', zip(parts('<w:a>'.repeat(100_000)))],
  ])('%s: refused by name at every door', async (_, bytes) => {
    for (const [path, name] of [
      ['/releases/import', 'a.docx'],
      ['/organizations/import', 'a.xlsx'],
      ['/accounts/import', 'a.xlsx'],
      ['/media', 'a.zip'],
    ] as const) {
      const headers = {
        authorization: `Bearer ${desk.key}`,
        'content-type': 'application/octet-stream',
        'x-file-name': name,
      };
      const { status, body } = await request(`${desk.hub.config.url}/api/v1${path}`, 'POST', { bytes, headers });
      // An archive may be attached: it goes out as it came, and is never opened.
      if (path === '/media' && status === 201) continue;
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(body).toMatchObject({ error: { code: expect.stringMatching(/^[a-z_]+$/) as unknown } });
      expect(JSON.stringify(body)).not.toContain('root:x:0');
    }
  });
});
