/**
 * A whole hub whose files lie in a bucket, every channel folder on it: none of them lies on the machine, and while the
 * storage is away a person's upload is asked to come again, deliveries wait, and nobody is called.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { builtinSettings } from '../channels/website/fixtures/ground.js';
import { Desk } from './support/desk.js';
import { request } from './support/http.js';
import { startStorage, type StorageServer } from './support/storage-server.js';

jest.setTimeout(120_000);

const names = readdirSync(join(__dirname, '..', 'channels'), { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

let storage: StorageServer;
let desk: Desk;
beforeAll(async () => {
  storage = await startStorage();
  desk = await Desk.open(undefined, { ...storage.env, LIANFA_SECRET: Buffer.alloc(32, 1).toString('base64') });
  for (const name of names) await desk.connect(name, 0, '全部');
  await desk.connect('website', 0, '全部', builtinSettings);
});
afterAll(async () => {
  await desk.close();
  await storage.close();
});

async function upload(shade: string) {
  const bytes = await sharp({ create: { width: 900, height: 600, channels: 3, background: shade } })
    .jpeg()
    .toBuffer();
  const headers = { authorization: `Bearer ${desk.key}`, 'content-type': 'image/jpeg' };
  return request(`${desk.hub.config.url}/api/v1/media`, 'POST', { bytes, headers });
}

async function write(title: string, hash: string): Promise<string> {
  const content = `<p>自2026年12月1日起，办事大厅延长服务时间。</p><figure><img src="media:${hash}" alt="大厅"></figure>`;
  const json = { title, kind: 'notice', source: '示例省', cover: hash, body: { format: 'html', content } };
  const headers = { authorization: `Bearer ${desk.key}` };
  const answer = await request(`${desk.hub.config.url}/api/v1/releases`, 'POST', { json, headers });
  expect(answer.status).toBe(201);
  await desk.until('its picture is prepared', async () =>
    (await desk.hub.store.media.find({}).lean()).every(({ state }) => state === 'ready'),
  );
  return (answer.body as { release: { id: string } }).release.id;
}

const rowsOf = async (release: string) =>
  (await desk.rows(release))
    .filter(({ channel }) => channel !== 'relay')
    .map(({ channel, state }) => ({ channel, state }));

it('keeps pictures and pages there alone, and the public reads them through any server', async () => {
  const { hash } = (await upload('#246')).body as { hash: string };
  const release = await write('延长服务时间', hash);
  await desk.order(release, { regions: ['350000'] });
  await desk.until('all stand', async () => (await rowsOf(release)).every(({ state }) => state === 'verified'));
  const site = `${desk.hub.config.url}/sites/example`;
  const page = await fetch(`${site}/articles/${release}`).then((answer) => answer.text());
  const [, shown = ''] = /src="([^"]*\/media\/[0-9a-f]{32}\.\w+)"/.exec(page) ?? [];
  const picture = await fetch(new URL(shown, site)).then((answer) => answer.arrayBuffer());
  expect((await sharp(Buffer.from(picture)).metadata()).width).toBe(900);
  expect(await fetch(`${site}/`).then((answer) => answer.text())).toContain(`articles/${release}"`);
  const here = readdirSync(desk.hub.config.dataFolder, { recursive: true, encoding: 'utf8' });
  expect(here.filter((name) => /media\/|public\/|\.html$|uploads/.test(name))).toEqual([]);
  expect([...storage.names].some((name) => name.startsWith('media/'))).toBe(true);
});

it('waits while it is away: nothing is sent twice, nothing goes to a person, and all of it stands when it is back', async () => {
  const { hash } = (await upload('#642')).body as { hash: string };
  const release = await write('调整服务时间', hash);
  storage.away = true;
  const refused = await upload('#426');
  expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([503, 10]);
  expect(refused.body).toMatchObject({ error: { code: 'storage_unavailable' } });
  expect((await fetch(`${desk.hub.config.url}/sites/example/`)).status).toBe(503);
  expect((await fetch(`${desk.hub.config.url}/readyz`)).status).toBe(200);
  await desk.order(release, { regions: ['350000'] });
  await desk.until('those who need it wait', async () => {
    const rows = await desk.rows(release);
    return rows.filter(({ state, attempts }) => state === 'waiting' && attempts > 0).length >= 2;
  });
  expect((await rowsOf(release)).filter(({ state }) => state === 'needs_action' || state === 'failed')).toEqual([]);
  storage.away = false;
  await desk.until('all stand', async () => (await rowsOf(release)).every(({ state }) => state === 'verified'));
  expect((await upload('#426')).status).toBe(201);
  for (const name of names.filter((one) => one !== 'relay' && one !== 'website')) {
    const { entries } = (await fetch(`${desk.sandbox(name).controlUrl}/accepted`).then((answer) => answer.json())) as {
      entries: { subject?: string }[];
    };
    const subjects = entries.flatMap(({ subject }) => subject ?? []);
    expect(subjects).toEqual([...new Set(subjects)]);
  }
});
