/** A whole desk as `lianfa start` runs it, processes and all, with every channel's sandbox; and what happens when parts of it are killed. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startDemoDesk, type RunningDesk } from '../cli/demo/desk.js';
import { openRehearsal, type Rehearsal } from '../cli/demo/rehearsal.js';
import { units } from '../cli/demo/units.js';
import type { ReleaseStatus } from '../core/placements/report.js';

jest.setTimeout(180_000);

let desk: RunningDesk;
let rehearsal: Rehearsal;
let accounts: number;

beforeAll(async () => {
  process.env['LIANFA_LOG'] = 'silent';
  desk = await startDemoDesk(
    join(__dirname, '..', 'dist', 'cli', 'main.js'),
    0,
    units.length,
    undefined,
    () => undefined,
  );
  rehearsal = openRehearsal(desk);
  accounts = await rehearsal.connect();
});
afterAll(() => desk?.stop());

async function finished(release: string): Promise<ReleaseStatus> {
  for (const end = Date.now() + 150_000; Date.now() < end;) {
    const status = await rehearsal.status(release).catch(() => undefined);
    if (status?.finished) return status;
    await pause(200);
  }
  throw new Error(`never finished: ${JSON.stringify(await rehearsal.status(release))}`);
}

/**
 * The end of a release that a crash has struck, and how many of its placements nobody can decide yet: where a request was
 * on its way out, Weibo may show it only minutes later, until which it is looked for and never sent again.
 */
async function survived(release: string): Promise<number> {
  for (const end = Date.now() + 150_000; Date.now() < end; await pause(500)) {
    const status = await rehearsal.status(release).catch(() => undefined);
    if (status?.finished) {
      expect(status.counts.every(({ state }) => state === 'verified')).toBe(true);
      return 0;
    }
    const mayWait = ({ state, channel }: { state: string; channel: string }): boolean =>
      state === 'verified' || (state === 'waiting' && channel === 'weibo');
    if (!status?.counts.every(mayWait)) continue;
    const waiting = await rehearsal.placements(release, 'waiting');
    if (waiting.length > 0 && waiting.every(({ cause }) => cause?.en.startsWith('Not there yet')))
      return waiting.length;
  }
  throw new Error(`never finished: ${JSON.stringify(await rehearsal.placements(release, 'waiting'))}`);
}

async function everywhere(path: string, body: unknown): Promise<void> {
  for (const { control } of desk.platforms)
    await fetch(`${control}${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** What each platform accepted, as `platform account call`, with how often. */
async function accepted(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { platform, control } of desk.platforms) {
    const { entries } = (await (await fetch(`${control}/accepted`)).json()) as {
      entries: { account: string; call: string }[];
    };
    for (const { account, call } of entries) {
      const name = `${platform} ${account} ${call}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

function expectEachOnce(counts: ReadonlyMap<string, number>, doubtful = 0): void {
  expect([...counts].filter(([, times]) => times !== 1)).toEqual([]);
  // The built-in sites are ours and have no sandbox; every other account shows on its platform.
  expect(counts.size).toBeGreaterThanOrEqual(accounts - units.length - doubtful);
  expect(counts.size).toBeLessThanOrEqual(accounts - units.length);
}

it('sends the keynote with its pictures to every account on all channels, and the public can read it', async () => {
  const release = await rehearsal.sendKeynote();
  const status = await finished(release);
  expect(status.counts.every(({ state }) => state === 'verified')).toBe(true);
  expect(status.total).toBe(accounts);
  expect(new Set(status.counts.map(({ channel }) => channel))).toEqual(new Set(['website', 'wechat', 'weibo', 'app']));
  expectEachOnce(await accepted());
  const page = await (await fetch(`${desk.address}/sites/${units[0]?.id ?? ''}/articles/${release}`)).text();
  expect(page).toContain('推進數字政府建設');
  expect(page).toContain('ArticleTitle');
});

it('finishes without a double when the publisher is killed with -9 in the middle', async () => {
  await everywhere('/reset', {});
  await everywhere('/latency', { ms: 700, spread: 300 });
  const release = await rehearsal.sendSample('policy-2026.md');
  const publisher = desk.pids()['publish --lane routine'] as number;
  for (const end = Date.now() + 20_000; (await accepted()).size < 3 && Date.now() < end;) await pause(50);
  process.kill(publisher, 'SIGKILL');
  await everywhere('/latency', { ms: 0 });
  const doubtful = await survived(release);
  expect(desk.pids()['publish --lane routine']).not.toBe(publisher);
  expectEachOnce(await accepted(), doubtful);
});

it('goes on without a double when Redis is stopped in the middle and started again', async () => {
  await everywhere('/reset', {});
  await everywhere('/latency', { ms: 700, spread: 300 });
  const release = await rehearsal.sendSample('interpretation-2026.md');
  for (const end = Date.now() + 20_000; (await accepted()).size < 3 && Date.now() < end;) await pause(50);
  process.kill(desk.pids()['redis'] as number, 'SIGKILL');
  await everywhere('/latency', { ms: 0 });
  const doubtful = await survived(release);
  expectEachOnce(await accepted(), doubtful);
});

it('lets a correction stand alone on every channel, where the public looks', async () => {
  await everywhere('/reset', {});
  const [wrong, right] = ['明天全市停课', '更正：明天照常上课'];
  const release = await rehearsal.sendNotice(wrong);
  await finished(release);
  await rehearsal.correct(release, right);
  const status = await finished(release);
  expect(status.total).toBe(accounts);
  expect(status.counts.every(({ state }) => state === 'verified')).toBe(true);
  for (const { url } of desk.platforms.filter(({ platform }) => platform === 'wechat' || platform === 'weibo')) {
    const shown = (await (await fetch(url)).text()).replace(/<[^>]+>/g, '').replace(/\s+/g, '');
    expect(shown.split(right).length - 1).toBeGreaterThanOrEqual(units.length);
    // The platforms' own lists name what was deleted, as deleted.
    expect(shown.replaceAll(`${wrong}（已删除）`, '')).not.toContain(wrong);
  }
  for (const row of await rehearsal.placements(release, 'verified')) {
    expect(row.standing).toHaveLength(1);
    expect(row.standing[0]?.revision).toBe(row.wanted.revision);
  }
  const page = await (await fetch(`${desk.address}/sites/${units[0]?.id ?? ''}/articles/${release}`)).text();
  expect(page).toContain(right);
  expect(page).not.toContain(wrong);
});
