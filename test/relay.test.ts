/** Relaying by hand through the whole hub: the same placements, steps, door and lanes as any other account. */
import { startSandbox, type RunningSandbox } from '../channels/sandbox.js';
import { channel } from '../channels/relay/adapter.js';
import { newId } from '../core/ids.js';
import type { Placement } from '../core/model/placement.js';
import { openTestHub, type TestHub } from './support/hub.js';

let site: RunningSandbox;
let test: TestHub;
let n = 0;
beforeAll(async () => {
  site = await startSandbox(channel.sandbox());
  test = await openTestHub([site.url]);
  test.start('dispatch', 'publish', 'record', 'clock');
});
afterAll(async () => {
  await test.close();
  await site.close();
});

/** One account; `read`: whether the public page can be read. */
async function connect(read = true): Promise<{ id: string; name: string }> {
  n += 1;
  const { name, settings } = site.account(n);
  const { address, ...plain } = settings;
  const id = newId('a');
  await test.hub.store.accounts.create({
    ...{ _id: id, channel: 'relay', name, organization: 'province', path: 'province/', region: '350000' },
    ...{ tags: [], enabled: true, settings: read ? { ...plain, address } : plain, sealed: test.hub.vault.seal(id, {}) },
    ...{ credential: { state: 'unchecked' }, createdAt: new Date() },
  });
  return { id, name };
}

async function put(account: string, key: string, words: string[], instead: string[] = []): Promise<string> {
  const copy = words.map((text) => ({ is: 'text', text }));
  const answer = await fetch(`${site.controlUrl}/hand`, {
    method: 'POST',
    body: JSON.stringify({ does: 'publish', account, key, copy, instead }),
  });
  return ((await answer.json()) as { url: string }).url;
}

const rowOf = async (release: string): Promise<Placement | undefined> => (await test.rows(release))[0];
const until = (what: string, release: string, is: (row: Placement) => boolean) =>
  test.until(what, async () => {
    const row = await rowOf(release);
    return row !== undefined && is(row);
  });
const word = (row: Placement | undefined, url?: string) =>
  test.orders.resolve(row?._id ?? '', { outcome: 'published', note: '人工', ...(url !== undefined && { url }) }, 'u1');

it('makes a task, believes a person as a person, and calls verified what it has read back', async () => {
  const { id, name } = await connect();
  const release = await test.publish('停水通知', { accounts: [id] }, 'emergency');
  await until('the task', release, ({ state }) => state === 'needs_action');
  const row = await rowOf(release);
  expect(row).toMatchObject({ standing: [{ seen: 'held' }], lane: 'emergency' });
  expect(site.accepted()).toHaveLength(0);
  const url = await put(name, row?.standing[0]?.remote.id ?? '', ['停水通知', '停水通知', '来源：示例省']);
  await word(row, url);
  await until('the reading', release, ({ state }) => state === 'verified');
  const tos = (await test.history(release)).map(({ is, to }) => `${is} ${to}`);
  expect(tos).toEqual(expect.arrayContaining(['accepted needs_action', 'confirmed confirmed', 'read verified']));

  await test.revise(release, '停水取消', 'correction', { accounts: [id] });
  await until('the second task', release, ({ state, orders }) => state === 'needs_action' && orders.length === 2);
  const next = await rowOf(release);
  expect(next?.standing.map(({ seen }) => seen)).toEqual(['published', 'held']);
  expect(next?.recent.at(-1)?.todo?.zh).toContain(`撤下旧文《停水通知》（${url}）`);
  const key = next?.standing[1]?.remote.id ?? '';
  await word(next, await put(name, key, ['停水取消', '停水取消', '来源：示例省'], [row?.standing[0]?.remote.id ?? '']));
  await until('the new one read', release, ({ state }) => state === 'verified');
  expect((await rowOf(release))?.standing).toMatchObject([{ remote: { id: key } }]);

  await test.orders.withdraw({ release, reason: '有误', by: 'u1' });
  await until('the third task', release, ({ state, orders }) => state === 'needs_action' && orders.length === 3);
  const last = await rowOf(release);
  expect(last?.recent.at(-1)?.todo?.zh).toContain('《停水取消》');
  await word(last);
  await until('its end', release, ({ state, standing }) => state === 'withdrawn' && standing.length === 0);
});

it('leaves it at a person’s word where nothing can be read', async () => {
  const { id } = await connect(false);
  const release = await test.publish('无法读取', { accounts: [id] });
  await until('the task', release, ({ state }) => state === 'needs_action');
  await word(await rowOf(release), `${site.url}/pages/999`);
  await until('the look', release, ({ recent }) => recent.some(({ is, to }) => is === 'read' && to === 'confirmed'));
  expect(await rowOf(release)).toMatchObject({ state: 'confirmed', evidence: { by: 'person' } });
});
