/** What a person waits for on the screen while the ledger holds a night's work: over HTTP, from a real server process. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { openHub, type Hub } from '../core/hub/hub.js';
import { newId } from '../core/ids.js';
import { placementId, type Placement } from '../core/model/placement.js';
import type { PlacementState } from '../core/model/states.js';
import { isAskedWhy } from '../core/placements/why.js';
import { addPerson } from '../core/people/add.js';
import { createApiKey } from '../core/people/api-keys.js';
import { answerTime } from './answer-time.js';
import { percentile, round1 } from './figures.js';
import { openGround } from './ground.js';
import { writeRelease } from './release.js';
import { lagOf } from './viewers.js';

const channels = ['weibo', 'wechat', 'website', 'app'] as const;
/** Units, and releases beside the large one: a list of them asks for the counts of each. */
const units = 3_000;
const small = { releases: 50, rows: 20 };
const viewers = 200;
const warmUps = 10;
const repeats = 100;

/** `args`: how many placements; 144,000 unless told. */
export async function screen(args: string[]): Promise<void> {
  const rows = z.coerce.number().int().min(10_000).max(1_000_000).default(144_000).parse(args[0]);
  const ground = await openGround();
  try {
    const hub = await openHub(ground.config, 'bench');
    const release = await fill(hub, rows);
    console.error(`${rows} 个发布位已写入 placements written`);
    await ground.role('server');
    const reader = { name: 'reader', displayName: '查看', password: newId('p'), roles: ['reviewer'] as const };
    const key = await createApiKey(hub, 'bench', (await addPerson(hub, reader))._id);
    const get = (path: string) => answerTime(`${ground.config.url}/api/v1${path}`, key);
    const at = `/releases/${release}`;
    const list = await measured('发布件列表 release list', () => get('/releases?limit=50'));
    const counts = await measured('一件的汇总 counts of one release', () => get(`${at}/status`));
    const page = await measured('发布位列表 a page of placements', (n) => get(pagePath(at, n)));
    const account = await measured('查一个账号 one account by its name', (n) =>
      get(`${at}/placements?q=${encodeURIComponent(nameOf((n * 7_919) % rows))}`),
    );
    const board = await anew('指挥屏 board', get, `${at}/board`);
    const out = await anew('此刻发到哪里 where it is out', get, `${at}/out`);
    const troubles = await measured('未成功的一页 a page of who has not got it', () => get(`${at}/troubles?limit=20`));
    const report = await get(`${at}/report.csv`);
    console.error(`报告 CSV report: ${round1(report)} ms`);
    const keys = [key, await createApiKey(hub, 'bench-2', (await addPerson(hub, { ...reader, name: 'reader-2' }))._id)];
    const lag = await lagOf(hub, release, ground.config.url, keys, viewers);
    console.error(`${viewers} 人在看 viewers: p50 ${lag.p50} ms · p95 ${lag.p95} ms · ${lag.worst} ms`);
    await hub.close();
    console.log(
      JSON.stringify({
        ...{ rows, listP95Ms: list, countsP95Ms: counts, pageP95Ms: page, accountP95Ms: account },
        ...{
          boardP95Ms: board,
          outP95Ms: out,
          troublesP95Ms: troubles,
          reportMs: round1(report),
          viewers,
          sseP95Ms: lag.p95,
        },
      }),
    );
  } finally {
    await ground.close();
  }
}

/** The first page and pages far on, of all and of what somebody filters for. */
function pagePath(at: string, n: number): string {
  const filters = ['', '&state=verified', '&channel=weibo', '&channel=app&state=needs_action', '&state=failed'];
  const after = n % 2 === 0 ? '' : `&after=${placementId(at.slice(at.lastIndexOf('/') + 1), accountAt(n * 1_000))}`;
  return `${at}/placements?limit=50${filters[n % filters.length] ?? ''}${after}`;
}

async function measured(words: string, ask: (n: number) => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < warmUps + repeats; n += 1) {
    const ms = await ask(n);
    if (n >= warmUps) times.push(ms);
  }
  const p95 = round1(percentile(times, 0.95));
  console.error(`${words}: p50 ${round1(percentile(times, 0.5))} ms · p95 ${p95} ms`);
  return p95;
}

/** Read anew each time: an answer is given again for four times as long as it took. */
async function anew(words: string, get: (path: string) => Promise<number>, path: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const ms = await get(path);
    times.push(ms);
    await pause(Math.max(500, 4 * ms) + 50);
  }
  const p95 = round1(percentile(times, 0.95));
  console.error(`${words}, read anew: p50 ${round1(percentile(times, 0.5))} ms · p95 ${p95} ms`);
  return p95;
}

/** Written natively, as dispatch and record write them. Answers the large release. */
async function fill(hub: Hub, rows: number): Promise<string> {
  const { store } = hub;
  await inPieces(
    units,
    (n) => ({ _id: `u${n}`, name: `示例单位${n}`, path: `u${n}/`, region: regionAt(n) }),
    async (part) => {
      await store.organizations.collection.insertMany(part as never[]);
    },
  );
  await inPieces(rows, accountRow, async (part) => {
    await store.accounts.collection.insertMany(part as never[]);
  });
  const large = await writeRelease(hub, '全省转发的通知');
  await inPieces(
    rows - small.releases * small.rows,
    (n) => placementRow(large, n),
    async (part) => {
      await store.placements.collection.insertMany(part as never[]);
    },
  );
  for (let one = 0; one < small.releases; one += 1) {
    const written = await writeRelease(hub, `第${one}件通知`);
    const some = Array.from({ length: small.rows }, (_, n) => placementRow(written, n));
    await store.placements.collection.insertMany(some as never[]);
  }
  return large.release;
}

async function inPieces(
  count: number,
  make: (n: number) => unknown,
  write: (part: unknown[]) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < count; at += 1_000)
    await write(Array.from({ length: Math.min(1_000, count - at) }, (_, n) => make(at + n)));
}

/** A thousand counties. */
const regionAt = (n: number): string => String(110_101 + (n % 34) * 10_000 + (Math.floor(n / 34) % 10) * 100 + (n % 3));
const accountAt = (n: number): string => `a${String(n).padStart(19, '0')}`;
const nameOf = (n: number): string => `示例账号${String(n).padStart(6, '0')}号`;
const channelOf = (n: number): string => channels[n % channels.length] ?? channels[0];

function accountRow(n: number): unknown {
  return {
    _id: accountAt(n),
    channel: channelOf(n),
    name: nameOf(n),
    organization: `u${n % units}`,
    path: `u${n % units}/`,
    region: regionAt(n % units),
    tags: [],
    enabled: true,
    settings: {},
    sealed: '',
    credential: { state: 'ok' },
    createdAt: new Date(),
  };
}

/** One in thirty is not verified. */
function stateOf(n: number): PlacementState {
  if (n % 30 !== 0) return 'verified';
  return (['failed', 'needs_action', 'waiting', 'published'] as const)[(n / 30) % 4] ?? 'failed';
}

/** As `applyEvents` keeps it. */
function whyAt(n: number): string | undefined {
  return isAskedWhy(stateOf(n)) ? `code ${n % 7}` : undefined;
}

function placementRow({ release, revision }: { release: string; revision: string }, n: number): Placement {
  const account = accountAt(n);
  const at = new Date();
  const why = whyAt(n);
  const remote = { id: `${release}-${n}`, url: `https://www.example.gov.cn/articles/${release}-${n}` };
  const frame = { at, by: 'publish', seq: 1, try: 'bench' };
  const said = { zh: '公开页面已读回。', en: 'The public page was read back.' };
  return {
    _id: placementId(release, account),
    release,
    channel: channelOf(n),
    account,
    organization: `u${n % units}`,
    region: regionAt(n % units),
    lane: 'routine',
    orders: [{ seq: 1, revision }],
    settled: 1,
    open: [],
    doubted: [],
    unsure: [],
    standing: [{ seq: 1, revision, remote, seen: 'published' }],
    run: 'bench',
    oldestRun: 'bench',
    evidence: { by: 'machine', at, said },
    state: stateOf(n),
    ...(why !== undefined && { why }),
    since: new Date(at.getTime() - (n % 600) * 1_000),
    dueAt: new Date(at.getTime() + 600_000),
    attempts: 1,
    recent: [
      { id: newId('s'), is: 'sending', to: 'sending', ...frame },
      { id: newId('e'), is: 'accepted', to: 'published', revision, remote, seen: 'published', ...frame },
      { id: newId('e'), is: 'read', outcome: 'verified', to: 'verified', remote, cause: said, ...frame, by: 'verify' },
    ],
    version: 3,
  };
}
