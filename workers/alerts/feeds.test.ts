/** Feeds are looked at as their servers answer: by a real server, a real store and the one door out. The cases are those of public reports. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { createOutbound } from '../../channels/outbound.js';
import { addInlet, changeInlet, inletInput, inletNames } from '../../core/alerts/inlets.js';
import { addSource } from '../../core/alerts/sources.js';
import type { AlertEntry, AlertInlet } from '../../core/model/alert-inlet.js';
import type { AlertRow } from '../../core/model/alert.js';
import { openStore, type Store } from '../../core/store/store.js';
import { closeThreads } from '../../core/threads/pool.js';
import { openFeedServer, type FeedAnswer, type FeedServer } from '../../test/support/feed-server.js';
import { ownDatabase } from '../../test/support/own-database.js';
import { openPoller, type Poller } from './poller.js';
import { dataFolder } from '../../test/support/data-folder.js';

jest.setTimeout(60_000);

const samples = join(__dirname, '../../core/alerts/fixtures');
const sample = (name: string): Buffer =>
  readFileSync(join(samples, readdirSync(samples).find((file) => file.startsWith(name)) ?? name));
const feedFile = (name: string): string => readFileSync(join(__dirname, 'fixtures', name), 'utf8');
const by = { person: 'u1' };

let folder: string;
let store: Store;
let server: FeedServer;
let http: ReturnType<typeof createOutbound>;
let poller: Poller;
const faults: unknown[] = [];
/** The clock of the test. */
let time = Date.parse('2026-12-01T04:00:00Z');
const now = (): Date => new Date(time);
const wait = (seconds: number): void => {
  time += seconds * 1_000;
};

beforeAll(async () => {
  folder = dataFolder('feeds');
  store = await openStore({ uri: ownDatabase(), dataFolder: folder });
});
beforeEach(async () => {
  const { alerts: received, alertRaws, alertSources, alertInlets, alertEntries, releases, revisions, notices } = store;
  await Promise.all([received.deleteMany({}), alertRaws.deleteMany({}), alertSources.deleteMany({})]);
  await Promise.all([alertInlets.deleteMany({}), alertEntries.deleteMany({}), notices.deleteMany({})]);
  await Promise.all([releases.deleteMany({}), revisions.deleteMany({})]);
  server = await openFeedServer();
  http = createOutbound([server.url]);
  faults.length = 0;
  poller = openPoller({ store, http, config: { inbox: join(folder, 'inbox') } }, (error) => faults.push(error), now);
  for (const file of readdirSync(samples)) server.serve(`/feeds/${file}`, { body: readFileSync(join(samples, file)) });
  const expired = sample('v02')
    .toString()
    .replace(/<expires>.*<\/expires>/, '<expires>2026-11-30T08:30:00+08:00</expires>');
  server.serve('/feeds/v32-already-expired.xml', { body: expired.replace('35010041600000_', '35010041600032_') });
});
afterEach(async () => {
  await poller.close();
  await http.close();
  await server.close();
  expect(faults).toEqual([]);
});
afterAll(async () => {
  await store.close();
  await closeThreads();
  rmSync(folder, { recursive: true, force: true });
});

async function know(sender: string, hourly = 1_000): Promise<void> {
  const input = { sender, name: sender, signed: false, hourly, enabled: true };
  await addSource(store, input, { path: '' }, by);
}

const senderOf = (name: string): string =>
  /sender>([^<]+)</.exec(iconv.decode(sample(name), name.startsWith('v08') ? 'gb18030' : 'latin1'))?.[1] ?? '';

async function follow(path: string, more: object = {}): Promise<string> {
  const input = inletInput.parse({ is: 'feed', name: '示例订阅', address: `${server.url}${path}`, ...more });
  return (await addInlet(store, input, { path: '' }, by))._id;
}

/** Makes it due and looks once. */
async function look(id: string): Promise<AlertInlet> {
  await store.alertInlets.updateOne({ _id: id }, { $set: { nextAt: now() } });
  await poller.once();
  return state(id);
}

async function state(id: string): Promise<AlertInlet> {
  const row = await store.alertInlets.findById(id).lean();
  if (!row) throw new Error('no such feed');
  return row;
}

const entries = (): Promise<AlertEntry[]> => store.alertEntries.find({}).lean();
const alerts = (): Promise<AlertRow[]> => store.alerts.find({}).sort({ _id: 1 }).lean();
const lastAsked = (path: string): FeedServer['asked'][number]['headers'] | undefined =>
  server.asked.filter((one) => one.path === path).at(-1)?.headers;
const sampleFeed = (name: string): string => feedFile(name).replaceAll('http://127.0.0.1:8099', server.url);

/** A feed of alerts by these names, each within it. */
function feedOf(
  names: readonly string[],
  updated = '2026-12-01T08:31:00+08:00',
  first = Date.parse('2026-12-01T00:00:00Z'),
): string {
  const body = sample('d1')
    .toString()
    .replace(/<\?xml.*\?>/, '');
  const all = names.map((name) => {
    const at = new Date(first + Number(/\d+$/.exec(name)?.[0] ?? 0) * 1_000).toISOString();
    const alert = body.replace('LF-D1', name).replace('2026-12-01T08:30:00+08:00', '2026-12-01T08:30:00+08:00');
    return `<entry><id>${name}</id><title>${name}</title><updated>${at}</updated><content type="application/cap+xml">${alert}</content></entry>`;
  });
  return `<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>t</title><updated>${updated}</updated>${all.join('')}</feed>`;
}

it('takes a feed of links: types and bases decide, order is that of the senders, each entry has its outcome', async () => {
  await know(senderOf('v02'));
  server.serve('/feeds/f1.xml', { body: sampleFeed('f1-atom-links.xml'), headers: { etag: '"a"' } });
  const id = await follow('/feeds/f1.xml');
  const row = await look(id);
  expect(row).toMatchObject({ etag: '"a"', listed: 7, fails: 0, goodAt: now() });
  const rows = await alerts();
  expect(rows.map(({ state: is }) => is).sort()).toEqual(['drafted', 'drafted', 'refused', 'revised', 'revised']);
  const chain = rows.find(({ msgType }) => msgType === 'Cancel');
  const [release] = chain?.outcome.is === 'revised' ? chain.outcome.releases : [];
  const revisions = await store.revisions
    .find({ release: release ?? '' })
    .sort({ number: 1 })
    .lean();
  expect(revisions.map(({ emergency }) => emergency?.level)).toEqual(['orange', 'red', 'red']);
  expect(revisions.at(-1)?.emergency?.msgType).toBe('Cancel');
  expect(rows.find(({ state: is }) => is === 'refused')).toMatchObject({
    outcome: { element: 'polygon', line: 20 },
    origin: {
      by: 'feed',
      name: '示例订阅：A broken one in the middle',
      address: `${server.url}/feeds/x07-polygon-not-closed.xml`,
    },
  });
  const listed = new Map((await entries()).map((one) => [one.title, one]));
  expect(listed.get('No alert attached')).toMatchObject({ state: 'none' });
  expect(listed.get('A broken one in the middle')).toMatchObject({ state: 'refused', tries: 1 });
  expect(rows.find(({ refers }) => refers.length === 0 && rows.length > 0)?.repeats).toBe(1);
  expect(server.asked.some(({ path }) => /html$/.test(path))).toBe(false);
  // The same feed in another order brings nothing new, and what it no longer lists is neither cancelled nor forgotten.
  const asked = server.asked.length;
  server.serve('/feeds/f1.xml', { body: '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title></feed>' });
  await look(id);
  const whole = sampleFeed('f1-atom-links.xml');
  const parts = whole.match(/<entry>[\s\S]*?<\/entry>/g) ?? [];
  server.serve('/feeds/f1.xml', { body: whole.replace(/<entry>[\s\S]*<\/entry>/, parts.reverse().join('')) });
  expect((await look(id)).missed).toBeUndefined();
  expect(await alerts()).toHaveLength(rows.length);
  expect(server.asked.slice(asked).map(({ path }) => path)).toEqual(['/feeds/f1.xml', '/feeds/f1.xml']);
});

it('takes RSS without types: a redirect is followed and the last address noted, a page in the place of an alert stops no other', async () => {
  for (const name of ['v03', 'v07', 'v22']) await know(senderOf(name)).catch(() => undefined);
  server.serve('/feeds/f2.xml', { body: sampleFeed('f2-rss.xml') });
  server.serve('/moved/v03-us-style.xml', {
    status: 301,
    headers: { location: `${server.url}/feeds/v03-us-style.xml` },
  });
  const id = await follow('/feeds/f2.xml');
  await look(id);
  const rows = await alerts();
  expect(rows.map(({ state: is }) => is).sort()).toEqual(['drafted', 'drafted', 'drafted', 'refused']);
  expect(rows.find(({ repeats }) => repeats === 1)?.origin.address).toBe(`${server.url}/feeds/v03-us-style.xml`);
  expect(rows.find(({ state: is }) => is === 'refused')?.outcome).toMatchObject({ element: 'html' });
  expect((await state(id)).broken).toBeUndefined();
});

it('takes alerts that stand in the feed itself, and names the line of the feed where one is wrong', async () => {
  await know('duty@alert.example');
  server.serve('/feeds/f3.xml', { body: sampleFeed('f3-atom-embedded.xml') });
  await look(await follow('/feeds/f3.xml'));
  const rows = await alerts();
  expect(rows.find(({ identifier }) => identifier === 'LF-F3A')).toMatchObject({ state: 'drafted' });
  expect(rows.find(({ state: is }) => is === 'refused')?.outcome).toMatchObject({ element: 'severity', line: 55 });
  // A prefix that only the feed declares goes along, whatever its lines end with.
  const inner = sample('d1')
    .toString()
    .replace(/<\?xml.*\?>/, '')
    .replace(' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', '');
  const prefixed = inner.replace(/<(\/?)/g, '<$1c:').replace('LF-D1', 'LF-P');
  server.serve('/feeds/p.xml', {
    body: `<rss version="2.0" xmlns:c="urn:oasis:names:tc:emergency:cap:1.2"><channel><item><title>𠮷</title>${prefixed}</item></channel></rss>`.replace(
      /\n/g,
      '\r\n',
    ),
  });
  await look(await follow('/feeds/p.xml'));
  expect((await alerts()).find(({ identifier }) => identifier === 'LF-P')?.state).toBe('drafted');
});

it('gives marks back as they were given, reads nothing where nothing changed, and keeps those of the last good answer', async () => {
  await know('duty@alert.example');
  const serve = (names: readonly string[], headers: Record<string, string>): void =>
    server.serve('/f', ({ headers: asked }) =>
      asked['if-none-match'] === headers['etag'] && headers['etag']
        ? { status: 304 }
        : { body: feedOf(names), headers },
    );
  const date = 'Tue, 01 Dec 2026 00:40:00 GMT';
  serve(['A1'], { etag: '"a"', 'last-modified': date });
  const id = await follow('/f');
  await look(id);
  const before = await state(id);
  wait(60);
  const unchanged = await look(id);
  expect(lastAsked('/f')).toMatchObject({ 'if-none-match': '"a"', 'if-modified-since': date });
  expect(unchanged).toMatchObject({ changedAt: before.changedAt, goodAt: now(), fails: 0 });
  // Another ETag with the same date is stored, weak as it is.
  serve(['A1', 'A2'], { etag: 'W/"b"', 'last-modified': date });
  wait(60);
  await look(id);
  expect(await alerts()).toHaveLength(2);
  wait(60);
  await look(id);
  expect(lastAsked('/f')).toMatchObject({ 'if-none-match': 'W/"b"' });
  // A page with the type of a feed.
  server.serve('/f', { body: sample('x38'), headers: { etag: '"page"' } });
  wait(60);
  const broken = await look(id);
  expect(broken).toMatchObject({ etag: 'W/"b"', fails: 1, broken: { why: { en: expect.stringContaining('page') } } });
  expect(broken.goodAt).toEqual(new Date(time - 60_000));
  serve(['A1', 'A2'], { etag: 'W/"b"' });
  wait(600);
  expect((await look(id)).broken).toBeUndefined();
});

it('asks for the whole feed now and then, whatever its server says of its being unchanged', async () => {
  await know('duty@alert.example');
  const mark = '"Sat, 16 Nov 2041 19:11:00 GMT"';
  let names = ['A1'];
  server.serve('/f', ({ headers }) =>
    headers['if-none-match'] ? { status: 304 } : { body: feedOf(names), headers: { etag: mark } },
  );
  const id = await follow('/f');
  const first = await look(id);
  names = ['A1', 'A2'];
  wait(3_599);
  expect((await look(id)).changedAt).toEqual(first.changedAt);
  expect(lastAsked('/f')).toHaveProperty('if-none-match', mark);
  wait(1);
  await look(id);
  expect(lastAsked('/f')).not.toHaveProperty('if-none-match');
  expect(await alerts()).toHaveLength(2);
});

it('asks the first address each time, shows where it sends, and knows "not modified" behind a redirect', async () => {
  await know('duty@alert.example');
  server.serve('/f', { status: 301, headers: { location: '/b' } });
  server.serve('/b', ({ headers }) =>
    headers['if-none-match'] === '"b"' ? { status: 304 } : { body: feedOf(['A1']), headers: { etag: '"b"' } },
  );
  const id = await follow('/f');
  const sent = await look(id);
  expect(sent.via).toEqual({ address: `${server.url}/b`, since: now() });
  wait(60);
  expect(await look(id)).toMatchObject({ fails: 0, via: { since: new Date(time - 60_000) } });
  expect([lastAsked('/f'), lastAsked('/b')]).toMatchObject([{ 'if-none-match': '"b"' }, { 'if-none-match': '"b"' }]);
  server.serve('/f', { body: feedOf(['A1', 'A2']) });
  wait(60);
  expect((await look(id)).via).toBeUndefined();
  expect(await alerts()).toHaveLength(2);
});

it.each<[string, string, RegExp]>([
  ['in a ring', '/f', /ring/],
  ['to a file', 'file:///etc/hostname', /file:/],
  ['to an inner address', 'http://127.0.0.1:1/x', /LIANFA_ALLOW_INNER/],
  ['nowhere', '', /ring|answered/],
])('refuses to be sent %s, and says so', async (_, location, words) => {
  server.serve('/f', { status: 302, headers: { location } });
  const { broken } = await look(await follow('/f'));
  expect(broken?.why.en).toMatch(words);
});

it('does not follow a link of an entry to a file or an inner address either, nor goes on without end', async () => {
  const entry = (name: string, href: string): string =>
    `<entry><id>${name}</id><title>${name}</title><link type="application/cap+xml" href="${href}"/></entry>`;
  const links = { file: 'file:///etc/passwd', inner: 'http://169.254.169.254/latest', moved: '/to-file', long: '/l0' };
  server.serve('/to-file', { status: 301, headers: { location: 'file:///etc/passwd' } });
  for (let n = 0; n < 8; n += 1) server.serve(`/l${n}`, { status: 302, headers: { location: `/l${n + 1}` } });
  const body = `<feed xmlns="http://www.w3.org/2005/Atom">${Object.entries(links)
    .map(([name, href]) => entry(name, href))
    .join('')}</feed>`;
  server.serve('/f', { body });
  await look(await follow('/f'));
  expect((await entries()).map(({ title, state: is }) => [title, is]).sort()).toEqual(
    Object.keys(links)
      .map((name) => [name, 'unreached'])
      .sort(),
  );
  expect(await alerts()).toHaveLength(0);
});

it('lets no feed wait for another, and shares no mark among them', async () => {
  await know('duty@alert.example');
  let release = (): void => undefined;
  const held = new Promise<void>((done) => {
    release = done;
  });
  server.serve('/slow', async () => {
    await held;
    return { body: feedOf(['S1']), headers: { etag: '"slow"' } };
  });
  server.serve('/quick', { body: feedOf(['Q1']), headers: { etag: '"quick"' } });
  const [slow, quick] = [await follow('/slow'), await follow('/quick', { name: '快' })];
  poller.look();
  await until(async () => (await state(quick)).goodAt !== undefined);
  server.serve('/quick', { body: feedOf(['Q1', 'Q2']), headers: { etag: '"quick-2"' } });
  wait(60);
  poller.look();
  await until(async () => (await alerts()).length === 2);
  expect((await state(slow)).goodAt).toBeUndefined();
  release();
  await poller.once();
  expect([(await state(slow)).etag, (await state(quick)).etag]).toEqual(['"slow"', '"quick-2"']);
  expect(await alerts()).toHaveLength(3);
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (await condition()) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error('waited in vain');
}

it('says that it may have missed some where a short list has moved on as a whole, and takes what is there', async () => {
  await know('duty@alert.example');
  const names = (from: number): string[] => Array.from({ length: 6 }, (_, n) => `N${from + n}`);
  server.serve('/f', { body: feedOf(names(0)) });
  const id = await follow('/f');
  expect((await look(id)).missed).toBeUndefined();
  server.serve('/f', { body: feedOf(names(5)) });
  expect((await look(id)).missed).toBeUndefined();
  server.serve('/f', { body: feedOf(names(20)) });
  expect((await look(id)).missed?.why.en).toContain(
    'may have missed some: the oldest entry is newer than the last one',
  );
  expect(await alerts()).toHaveLength(17);
  expect((await store.notices.find({}).lean()).map(({ said }) => said.zh).join()).toContain('可能漏收');
  // Who has written the drafts is the feed, by its name.
  expect(new Set((await store.releases.find({}).lean()).map(({ createdBy }) => createdBy))).toEqual(new Set([id]));
  expect(await inletNames(store, [id])).toEqual([{ id, displayName: '订阅源“示例订阅”' }]);
});

it('undoes nothing where an older copy comes, makes nothing twice, and notes the step back', async () => {
  await know('duty@alert.example');
  const id = await follow('/f');
  for (const [names, updated] of [
    [['A1', 'A2'], '2026-12-01T08:31:00+08:00'],
    [['A1'], '2026-12-01T08:30:00+08:00'],
    [['A1', 'A2'], '2026-12-01T08:31:00+08:00'],
  ] as const) {
    server.serve('/f', { body: feedOf(names, updated) });
    await look(id);
  }
  expect((await alerts()).map(({ state: is, repeats }) => [is, repeats])).toEqual([
    ['drafted', 0],
    ['drafted', 0],
  ]);
  expect((await state(id)).steppedBack).toMatchObject({ to: new Date('2026-12-01T00:30:00Z') });
});

it('asks at growing intervals while it fails, waits as long as it is told to, and tells people once', async () => {
  const id = await follow('/f');
  const answers: FeedAnswer[] = [
    { status: 500 },
    { body: feedOf(['A1']).slice(0, 200) },
    { body: feedOf(['A1']), cut: true },
  ];
  const waits: number[] = [];
  for (const answer of answers) {
    server.serve('/f', answer);
    const { nextAt, broken, fails } = await look(id);
    expect(broken?.since).toEqual(now());
    waits.push(((nextAt?.getTime() ?? 0) - time) / 1_000);
    expect(fails).toBe(waits.length);
  }
  expect(waits).toEqual([120, 240, 480]);
  server.serve('/f', { status: 429, headers: { 'retry-after': '4000' } });
  expect((await look(id)).nextAt).toEqual(new Date(time + 4_000_000));
  const told = async (): Promise<string[]> =>
    (await store.notices.find({}).sort({ _id: 1 }).lean()).map(({ said }) => said.zh);
  expect(await told()).toEqual([expect.stringContaining('出错')]);
  expect(await alerts()).toHaveLength(0);
  server.serve('/f', { body: feedOf([]) });
  wait(1);
  await look(id);
  expect(await told()).toEqual([expect.stringContaining('出错'), expect.stringContaining('已恢复')]);
});

it('asks again for an alert that could not be had, by itself and at growing intervals, until it is there', async () => {
  await know('duty@alert.example');
  server.serve('/f', {
    body: '<rss version="2.0"><channel><item><title>late</title><link>/late.xml</link></item></channel></rss>',
    headers: { etag: '"a"' },
  });
  const id = await follow('/f');
  await look(id);
  expect(await entries()).toMatchObject([{ state: 'unreached', tries: 1, why: { en: 'its server answered 404.' } }]);
  server.serve('/f', ({ headers }) => (headers['if-none-match'] ? { status: 304 } : {}));
  server.serve('/late.xml', { body: sample('d1') });
  wait(59);
  await look(id);
  expect(await alerts()).toHaveLength(0);
  wait(1);
  await look(id);
  expect(await entries()).toMatchObject([{ state: 'taken' }]);
  expect(await alerts()).toMatchObject([{ state: 'drafted' }]);
});

it('refuses a feed beyond its bounds, and a file that is none, each with the reason', async () => {
  const huge = `<feed xmlns="http://www.w3.org/2005/Atom">${' '.repeat(8 * 1024 * 1024)}</feed>`;
  const cases: [FeedAnswer, RegExp][] = [
    [{ body: huge }, /8 MB/],
    [{ body: sample('v02') }, /one alert by itself/],
    [{ body: '' }, /empty/],
    [{ body: '{}' }, /line 1/],
    [{ body: '<!DOCTYPE rss [<!ENTITY a "b">]><rss/>' }, /DOCTYPE/],
    [{ body: `<feed xmlns="http://www.w3.org/2005/Atom">${'<a>'.repeat(80)}` }, /levels/],
    [{ status: 304 }, /304/],
  ];
  const id = await follow('/f');
  const items = Array.from({ length: 1_003 }, (_, n) => `<item><guid>g${n}</guid></item>`).join('');
  server.serve('/f', { body: `<rss version="2.0"><channel>${items}</channel></rss>` });
  expect(await look(id)).toMatchObject({ listed: 1_000, missed: { why: { en: expect.stringContaining('last 3') } } });
  for (const [answer, words] of cases) {
    server.serve('/f', answer);
    expect((await look(id)).broken?.why.en).toMatch(words);
  }
  expect(await alerts()).toHaveLength(0);
});

it('is looked at by one process alone; another takes over where the first has gone, and what was changed meanwhile holds', async () => {
  await know('duty@alert.example');
  const other = openPoller({ store, http, config: { inbox: folder } }, (error) => faults.push(error), now);
  server.serve('/f', { body: feedOf(['A1']) });
  const id = await follow('/f');
  await Promise.all([poller.once(), other.once()]);
  expect(server.asked).toHaveLength(1);
  // The first was killed in the middle: it has the turn, and says nothing any more.
  await store.alertInlets.updateOne({ _id: id }, { $set: { turn: 'gone', nextAt: new Date(time + 90_000) } });
  await other.once();
  expect(server.asked).toHaveLength(1);
  wait(90);
  await other.once();
  expect(server.asked).toHaveLength(2);
  // Paused while a look is under way: the look writes nothing of it.
  let answer = (): void => undefined;
  server.serve('/f', async () => {
    await new Promise<void>((done) => {
      answer = done;
    });
    return { body: feedOf(['A1', 'A2']), headers: { etag: '"late"' } };
  });
  wait(60);
  poller.look();
  await until(() => Promise.resolve(server.asked.length === 3));
  const input = inletInput.parse({ is: 'feed', name: '示例订阅', address: `${server.url}/f`, enabled: false });
  await changeInlet(store, id, input, { path: '' }, by);
  answer();
  await poller.once();
  const paused = await state(id);
  expect([paused.enabled, paused.nextAt, paused.etag]).toEqual([false, undefined, undefined]);
  wait(600);
  await other.once();
  expect(server.asked).toHaveLength(3);
  await other.close();
});

it('calls off what hangs when its process ends, and whoever comes next begins at once', async () => {
  server.serve('/f', () => undefined);
  const id = await follow('/f');
  poller.look();
  await until(() => Promise.resolve(server.asked.length === 1));
  await poller.close();
  expect(await state(id)).toMatchObject({ fails: 0, nextAt: now() });
});

it('takes alerts of senders that are registered where the feed belongs, and holds others', async () => {
  const input = { sender: 'duty@alert.example', name: '值班室', signed: false, hourly: 60, enabled: true };
  await addSource(store, input, { organization: 'a', path: 'a/' }, by);
  server.serve('/f', { body: feedOf(['A1']) });
  const feed = inletInput.parse({ is: 'feed', name: '别处', address: `${server.url}/f` });
  const { _id: inlet } = await addInlet(store, feed, { organization: 'b', path: 'b/' }, by);
  await poller.once();
  expect(await alerts()).toMatchObject([{ state: 'unknown_sender', path: 'b/', by: inlet }]);
});
