/** The tenth article and one more on a large site, a complete redraw and a first search, beside the bare writing of the same files; over the embedded store. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Account, Channel, Records, StepCall, ReleaseContent } from '../channels/channel.js';
import { filesInFolder } from '../channels/files.js';
import { memoryInProcess } from '../channels/memory-in-process.js';
import { createOutbound } from '../channels/outbound.js';
import { loadChannels } from '../channels/registry.js';
import { openRecords } from '../core/store/records.js';
import { openStore } from '../core/store/store.js';

const hubUrl = 'http://127.0.0.1:1';
const settings = {
  type: 'builtin',
  site: 'bench',
  siteName: '示例市人民政府',
  siteDomain: 'www.example.gov.cn',
  siteIdCode: '1401000001',
};
/** Articles that are being published at the same time while the site is filled. */
const together = 200;
const repeats = 5;

const figures = z.object({ seconds: z.number(), cpu: z.number() });
type Figures = z.infer<typeof figures>;

/** `args`: how many articles; 10,000 unless told. `search FOLDER` is this program's own child: a first search by a process that has read nothing. */
export async function site(args: string[]): Promise<void> {
  const website = (await loadChannels([join(import.meta.dirname, '..', 'channels')])).get('website');
  if (!website) throw new Error('there is no website channel');
  if (args[0] === 'search') {
    const found = await withRecords(args[1] ?? '', (records) =>
      measured(() => search(website, args[1] ?? '', records, '医疗保险')),
    );
    console.log(JSON.stringify(found));
    return;
  }
  const count = z.coerce.number().int().min(100).max(100_000).default(10_000).parse(args[0]);
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-bench-site-'));
  try {
    console.log(JSON.stringify(await withRecords(folder, (records) => run(website, folder, records, count))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withRecords<T>(folder: string, work: (records: Records) => Promise<T>): Promise<T> {
  const store = await openStore({ dataFolder: folder });
  try {
    return await work(openRecords(store)('website'));
  } finally {
    await store.close();
  }
}

async function run(website: Channel, folder: string, records: Records, count: number): Promise<unknown> {
  // The compiler warms up on another site.
  const other = openDesk(website, folder, records, { ...settings, site: 'warm' });
  for (let n = 0; n < 100; n += 1) await other.publish(n);
  const desk = openDesk(website, folder, records, settings);
  for (let n = 0; n < 10 - repeats; n += 1) await desk.publish(n);
  const first: Figures[] = [];
  for (let n = 10 - repeats; n < 10; n += 1) first.push(await measured(() => desk.publish(n)));
  const tenth = middle(first);
  say('第十篇 the tenth article', tenth);
  const fill = await measured(async () => {
    for (let at = 10; at < count; at += together)
      await Promise.all(Array.from({ length: Math.min(together, count - at) }, (_, n) => desk.publish(at + n)));
  });
  say(`${count} 篇首次发布 first publication`, fill);
  const more: Figures[] = [];
  for (let n = 0; n < repeats; n += 1) more.push(await measured(() => desk.publish(count + n)));
  const oneMore = middle(more);
  say('再发一篇 one more article', oneMore);
  const firstSearch = child(folder);
  say('新进程首次搜索 first search of a new process', firstSearch);
  const redraw = await measured(() => desk.prepare({ ...settings, siteName: '示例市政府门户' }));
  say('整站重绘 complete redraw', redraw);
  const idle = await measured(() => desk.prepare({ ...settings, siteName: '示例市政府门户' }));
  say('无变化时再绘 redraw where nothing has changed', idle);
  const files = filesUnder(join(folder, settings.site, 'public'));
  const bare = await measured(async () => {
    writeBare(files, join(folder, 'bare'));
  });
  say(`裸写同样的 ${files.size} 个文件 bare writing of the same files`, bare);
  return {
    articles: count,
    files: files.size,
    oneMoreOfTenth: ratio(oneMore.cpu / tenth.cpu),
    redrawOfBare: ratio(redraw.seconds / bare.seconds),
    redrawsOneMore: ratio(redraw.seconds / oneMore.seconds),
    searchesFirst: ratio(redraw.seconds / firstSearch.seconds),
    seconds: {
      tenth: tenth.seconds,
      fill: fill.seconds,
      oneMore: oneMore.seconds,
      firstSearch: firstSearch.seconds,
      redraw: redraw.seconds,
      idle: idle.seconds,
      bare: bare.seconds,
    },
    cpu: {
      tenth: tenth.cpu,
      fill: fill.cpu,
      oneMore: oneMore.cpu,
      firstSearch: firstSearch.cpu,
      redraw: redraw.cpu,
      idle: idle.cpu,
      bare: bare.cpu,
    },
  };
}

function openDesk(website: Channel, folder: string, records: Records, own: typeof settings) {
  const memory = memoryInProcess();
  const http = createOutbound([]);
  const began = Date.UTC(2020, 0, 1);
  let now = new Date(began);
  const call = {
    signal: new AbortController().signal,
    http,
    memory,
    records,
    media: noPictures,
    files: filesInFolder(folder),
    folder,
    hubUrl,
    now: () => now,
  };
  const accountOf = (asked: unknown): Account<unknown, unknown> => ({
    id: 'bench',
    name: '示例市政府网站',
    organization: '示例市人民政府办公室',
    region: '140000',
    settings: website.accountSchema.settings.parse(asked),
    credentials: {},
  });
  const account = accountOf(own);
  return {
    async publish(n: number): Promise<void> {
      now = new Date(began + n * 3_600_000);
      const release = releaseOf(n, now);
      const order: StepCall = {
        ...call,
        key: `d-${release.release}`,
        seq: 1,
        lane: 'routine',
        standing: [],
        leave: () => Promise.resolve(),
        release,
      };
      await website.publish(account, website.render(release, account), order);
    },
    async prepare(asked: unknown): Promise<void> {
      await website.prepare?.(accountOf(asked), call);
    },
  };
}

const words =
  '会议强调要坚持以人民为中心的发展思想扎实做好冬季安全生产医疗保险参保登记供暖服务老旧小区改造公共交通线路优化营商环境数字政府建设政务公开义务教育入学养老服务粮食安全生态环境保护乡村振兴重点项目科技创新人才引进财政预算执行'.match(
    /.{2,6}/gu,
  ) ?? [];

/** Some 800 characters, no two alike. */
function releaseOf(n: number, at: Date): ReleaseContent {
  const word = (m: number) => words[(n * 31 + m * 17 + ((m * m * n) % 13)) % words.length] ?? '';
  const paragraph = (m: number) =>
    `<p>${Array.from({ length: 40 }, (_, k) => word(m * 40 + k)).join('，')}。编号${n * 7 + m}。</p>`;
  return {
    release: `r${String(n).padStart(7, '0')}`,
    revision: 'v1',
    kind: 'news',
    language: 'zh-Hans',
    title: `关于${word(1)}${word(2)}${word(3)}有关工作的第${n}号通知`,
    summary: `${word(4)}，${word(5)}，${word(6)}。`,
    body: Array.from({ length: 5 }, (_, m) => paragraph(m)).join(''),
    source: '示例市人民政府办公室',
    columns: [['要闻动态', '通知公告', '政策文件', '政策解读', '应急信息'][n % 5] ?? '要闻动态'],
    keywords: [word(7), word(8)],
    signedAt: at,
    pictures: [],
    attachments: [],
  };
}

const noPictures = { read: () => Promise.reject(new Error('no pictures here')) };

async function search(website: Channel, folder: string, records: Records, asked: string): Promise<void> {
  const answer = await website.publicFace?.handle({
    method: 'GET',
    path: `/${settings.site}/search`,
    query: new URLSearchParams({ q: asked }),
    headers: {},
    body: Buffer.alloc(0),
    files: filesInFolder(folder),
    folder,
    hubUrl,
    memory: memoryInProcess(),
    records,
    media: noPictures,
    http: createOutbound([]),
    frozen: () => Promise.resolve(false),
  });
  if (answer?.status !== 200 || !answer.body.toString().includes('articles/r0'))
    throw new Error('the search found nothing');
}

function child(folder: string): Figures {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'main.js'), 'site', 'search', folder],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the searching process failed: ${stderr}`);
  return figures.parse(JSON.parse(stdout));
}

function filesUnder(folder: string): Map<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length + 1),
      readFileSync(join(parentPath, name)),
    ]),
  );
}

function writeBare(files: ReadonlyMap<string, Buffer>, folder: string): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

/** Seconds by the clock and of this process's CPU: on a shared machine only the second compares. */
async function measured(work: () => Promise<void>): Promise<Figures> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: round((performance.now() - began) / 1_000), cpu: round((user + system) / 1e6) };
}

function middle(all: readonly Figures[]): Figures {
  return (
    [...all].sort((left, right) => left.seconds - right.seconds)[Math.floor(all.length / 2)] ?? {
      seconds: Number.NaN,
      cpu: Number.NaN,
    }
  );
}

function say(what: string, { seconds, cpu }: Figures): void {
  console.error(`${what}: ${seconds} s (CPU ${cpu} s)`);
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function ratio(value: number): number {
  return Math.round(value * 100) / 100;
}
