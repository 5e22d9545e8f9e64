/** A watched folder: whole files alone are taken, each once, and each ends beside its outcome. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addInlet, inletInput } from '../../core/alerts/inlets.js';
import { addSource } from '../../core/alerts/sources.js';
import type { AlertInlet } from '../../core/model/alert-inlet.js';
import type { AlertRow } from '../../core/model/alert.js';
import { openStore, type Store } from '../../core/store/store.js';
import { closeThreads } from '../../core/threads/pool.js';
import { ownDatabase } from '../../test/support/own-database.js';
import { openPoller, type Poller } from './poller.js';

jest.setTimeout(60_000);

const samples = join(__dirname, '../../core/alerts/fixtures');
const sample = (name: string): Buffer =>
  readFileSync(join(samples, readdirSync(samples).find((file) => file.startsWith(name)) ?? name));
const by = { person: 'u1' };

let data: string;
let store: Store;
let poller: Poller;
let inlet: string;
/** Where files are put, and where they end. */
let place: { root: string; in: string; taking: string; taken: string };
let next = 0;
let time = Date.parse('2026-12-01T04:00:00Z');
const faults: unknown[] = [];

function open(): Poller {
  const http = { request: () => Promise.reject(new Error('no network')) };
  return openPoller(
    { store, http, config: { inbox: data } },
    (error) => faults.push(error),
    () => new Date(time),
  );
}

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'lianfa-folders-'));
  store = await openStore({ uri: ownDatabase(), dataFolder: data });
  for (const sender of ['350100.warn@alert.example', 'duty@alert.example'])
    await addSource(store, { sender, name: sender, signed: false, hourly: 1_000, enabled: true }, { path: '' }, by);
});
beforeEach(async () => {
  await store.alerts.deleteMany({});
  await store.alertInlets.deleteMany({});
  const name = `folder-${++next}`;
  const root = join(data, name);
  place = { root, in: join(root, 'in'), taking: join(root, 'taking'), taken: join(root, 'taken', '2026-12-01') };
  poller = open();
  inlet = (await addInlet(store, inletInput.parse({ is: 'folder', name, address: name }), { path: '' }, by))._id;
  await look();
});
afterEach(async () => {
  await poller.close();
  expect(faults.splice(0)).toEqual([]);
});
afterAll(async () => {
  await store.close();
  await closeThreads();
  rmSync(data, { recursive: true, force: true });
});

async function look(times = 1): Promise<AlertInlet | null> {
  for (let n = 0; n < times; n += 1) {
    time += 5_000;
    await store.alertInlets.updateOne({ _id: inlet }, { $set: { nextAt: new Date(time) } });
    await poller.once();
  }
  return store.alertInlets.findById(inlet).lean();
}

const put = (name: string, bytes: Buffer | string): void => writeFileSync(join(place.in, name), bytes);
const alerts = (): Promise<AlertRow[]> => store.alerts.find({}).sort({ _id: 1 }).lean();
const ended = (): string[] => (existsSync(place.taken) ? readdirSync(place.taken).sort() : []);
const outcomes = (): Record<string, unknown>[] =>
  ended()
    .filter((name) => name.endsWith('.outcome.json'))
    .map((name) => JSON.parse(readFileSync(join(place.taken, name), 'utf8')) as Record<string, unknown>);

it('takes what is there, by the times of the senders, and lays each file beside its outcome', async () => {
  put('3.xml', sample('v16'));
  put('2.xml', sample('v15'));
  put('1.cap', sample('v02'));
  put('bad.xml', sample('x03'));
  const row = await look(2);
  expect(row).toMatchObject({ fails: 0, listed: 0 });
  expect((await alerts()).map(({ state }) => state).sort()).toEqual(['drafted', 'refused', 'revised', 'revised']);
  expect(readdirSync(place.in)).toEqual([]);
  expect(ended()).toHaveLength(8);
  expect(outcomes()).toContainEqual(
    expect.objectContaining({ file: 'bad.xml', outcome: 'refused', element: 'severity', line: 14 }),
  );
  const [first] = (await alerts()).filter(({ msgType }) => msgType === 'Alert');
  expect(first?.origin).toMatchObject({ by: 'folder', name: '1.cap', inlet });
  expect(readFileSync(join(place.root, first?.origin.address ?? '')).equals(sample('v02'))).toBe(true);
});

it('does not read what is being written: neither by its name, nor while it grows', async () => {
  const whole = sample('d1');
  put('.d1.xml', whole.subarray(0, 300));
  put('d1.xml.part', whole.subarray(0, 300));
  put('grows.xml', whole.subarray(0, 100));
  await look();
  put('grows.xml', whole.subarray(0, 300));
  await look();
  expect(await alerts()).toHaveLength(0);
  put('grows.xml', whole);
  await look(2);
  expect((await alerts()).map(({ state }) => state)).toEqual(['drafted']);
  renameSync(join(place.in, 'd1.xml.part'), join(place.in, 'd1.xml'));
  expect(readdirSync(place.in)).toEqual(['.d1.xml', 'd1.xml']);
});

it('reads none twice where a crash fell between taking it in and putting it away, and loses none where it fell before', async () => {
  put('a.xml', sample('v02'));
  await look(2);
  const [name = ''] = ended().filter((one) => one.endsWith('.xml'));
  // Killed after it was taken in: it lies there still, and its outcome may be there or not.
  renameSync(join(place.taken, name), join(place.taking, name));
  rmSync(join(place.taken, `${name}.outcome.json`));
  // Killed before.
  writeFileSync(join(place.taking, '20261201T040000Z-00000000-b.xml'), sample('d1'));
  await poller.close();
  poller = open();
  await look();
  expect((await alerts()).map(({ state, repeats }) => [state, repeats])).toEqual([
    ['drafted', 0],
    ['drafted', 0],
  ]);
  expect(readdirSync(place.taking)).toEqual([]);
  expect(outcomes().map(({ outcome }) => outcome)).toEqual(['drafted', 'drafted']);
});

it('counts a message that is put there again, and lays that file away too', async () => {
  put('a.xml', sample('d1'));
  await look(2);
  put('a.xml', sample('d1'));
  await look(2);
  expect(await alerts()).toMatchObject([{ state: 'drafted', repeats: 1 }]);
  expect(ended()).toHaveLength(4);
});

it('takes files of any name under a name of its own', async () => {
  const names = ['a b;$(touch x)`.xml', '-rf.xml', '名\u202e字\n<b>.xml', `${'长'.repeat(80)}.xml`, '..xml.xml'];
  for (const [n, name] of names.entries()) put(name, sample('d1').toString().replace('LF-D1', `N${n}`));
  // No text in any encoding.
  execFileSync('sh', ['-c', `printf x > "$1/$(printf 'bad\\377').xml"`, 'sh', place.in]);
  await look(2);
  expect(readdirSync(place.in)).toEqual(['..xml.xml']);
  expect((await alerts()).filter(({ state }) => state === 'drafted')).toHaveLength(4);
  for (const name of ended()) expect(name).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{8}-[\p{L}\p{N}._-]+$/u);
});

it('follows no link, reads nothing but plain files, and says how many it left', async () => {
  const secret = join(data, 'secret.xml');
  writeFileSync(secret, sample('d1'));
  symlinkSync(secret, join(place.in, 'link.xml'));
  mkdirSync(join(place.in, 'folder.xml'));
  execFileSync('mkfifo', [join(place.in, 'pipe.xml')]);
  put('notes.txt', 'x');
  // Somebody was quicker than we: what was moved is a link by now.
  symlinkSync(secret, join(place.taking, '20261201T040000Z-00000000-b.xml'));
  const row = await look(2);
  expect(row).toMatchObject({ listed: 4, fails: 0 });
  expect(await alerts()).toHaveLength(0);
  expect(readdirSync(place.in)).toHaveLength(4);
  expect(outcomes()).toMatchObject([{ outcome: 'refused', said: { en: expect.stringContaining('no plain file') } }]);
  // The folder itself.
  rmSync(place.in, { recursive: true });
  symlinkSync(data, place.in);
  expect((await look())?.broken?.why.en).toContain('no plain folder');
});

it('puts a file beyond the bound away unread', async () => {
  put('huge.xml', Buffer.alloc(8 * 1024 * 1024 + 1, 0x20));
  await look(2);
  expect(await alerts()).toHaveLength(0);
  expect(outcomes()).toMatchObject([
    { file: 'huge.xml', outcome: 'refused', said: { en: expect.stringContaining('8 MB') } },
  ]);
});

it('refuses a name that leads out of the place of such folders', () => {
  for (const address of ['../x', '/etc', 'a/b', '.', '..', 'A', 'x'.repeat(41), ''])
    expect(inletInput.safeParse({ is: 'folder', name: 'n', address }).success).toBe(false);
  for (const address of ['file:///etc/passwd', 'ftp://a.example/', 'https://u:p@a.example/', 'x'])
    expect(inletInput.safeParse({ is: 'feed', name: 'n', address }).success).toBe(false);
});
