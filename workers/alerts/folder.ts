/**
 * One look into a watched folder. Files are handed over whole: written under another name (beginning with a dot, or ending
 * in .tmp, .part or ~) and then renamed; besides, a file is taken only when two looks in a row have found it the same. It
 * is moved out of reach before it is read, and ends beside its outcome, so that none is read twice. Links are not
 * followed, and what is no plain file stays where it is.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Said } from '../../channels/channel.js';
import { wordsOf } from '../../core/alerts/outcomes.js';
import { alertLimit } from '../../core/alerts/read.js';
import { LianfaError } from '../../core/errors.js';
import type { AlertInlet } from '../../core/model/alert-inlet.js';
import type { AlertRow } from '../../core/model/alert.js';
import type { Store } from '../../core/store/store.js';
import { tidyLine } from '../../core/text.js';
import { Unreached } from './fetching.js';
import type { Looked, PollMeans, Turn } from './turn.js';
import { inOrder, taken, type Fetched } from './taking.js';

/** Names that one look reads of a folder; files that it takes, and their bytes. What goes beyond is taken in the next, which follows at once. */
const inOneLook = { names: 10_000, files: 100, bytes: 32 * 1024 * 1024 };

/** How a file was found, to be held against the next look. */
type Found = Pick<Stats, 'size' | 'mtimeMs' | 'ino'>;

/** Remembers what each folder held: a look of another process begins anew. */
export function openFolders({ store, config }: PollMeans): (row: AlertInlet, turn: Turn) => Promise<Looked> {
  const seen = new Map<string, Map<string, Found>>();

  return async (row, turn) => {
    const place = await placeOf(join(config.inbox, row.address)).catch(unusable);
    const { settled, found, left, more } = await settledIn(place.in, seen.get(row._id)).catch(unusable);
    seen.set(row._id, found);
    for (const name of settled) await moveAway(place, name, turn.now()).catch(unusable);
    const count = await takeAll(store, row, place, turn);
    return {
      set: { listed: left, ...(count > 0 && { changedAt: turn.now() }) },
      again: more && settled.length > 0,
    };
  };
}

interface Place {
  /** Where others put files. */
  in: string;
  /** Where a file lies while it is taken. */
  taking: string;
  /** Where it ends, a folder a day. */
  taken: string;
}

/** Makes what is missing. @throws Unreached where one of them is a link or no folder */
async function placeOf(root: string): Promise<Place> {
  await mkdir(root, { recursive: true, mode: 0o750 });
  const place = { in: join(root, 'in'), taking: join(root, 'taking'), taken: join(root, 'taken') };
  for (const folder of [root, ...Object.values(place)]) {
    await mkdir(folder, { mode: 0o750 }).catch(ignoring('EEXIST'));
    if (!(await lstat(folder)).isDirectory())
      throw new Unreached({
        zh: `${folder} 不是普通文件夹（可能是链接），不读取。`,
        en: `${folder} is no plain folder (a link, perhaps) and is not read.`,
      });
  }
  return place;
}

interface Settled {
  settled: Buffer[];
  found: Map<string, Found>;
  /** What is no plain file, or is called otherwise than alerts are. */
  left: number;
  more: boolean;
}

async function settledIn(folder: string, before: ReadonlyMap<string, Found> | undefined): Promise<Settled> {
  const result: Settled = { settled: [], found: new Map(), left: 0, more: false };
  let bytes = 0;
  // As bytes: a name need not be text.
  for (const raw of (await readdir(folder, { encoding: 'buffer' })).slice(0, inOneLook.names)) {
    if (isUnfinished(raw.toString('latin1'))) continue;
    const now = await lstat(Buffer.concat([Buffer.from(`${folder}/`), raw])).catch(ignoring('ENOENT'));
    if (!now) continue;
    if (!now.isFile() || !/\.(xml|cap)$/i.test(raw.toString('latin1'))) {
      result.left += 1;
      continue;
    }
    const key = raw.toString('hex');
    const last = before?.get(key);
    result.found.set(key, { size: now.size, mtimeMs: now.mtimeMs, ino: now.ino });
    if (last?.size !== now.size || last.mtimeMs !== now.mtimeMs || last.ino !== now.ino) continue;
    result.more ||= result.settled.length >= inOneLook.files || bytes > inOneLook.bytes;
    if (result.more) continue;
    bytes += Math.min(now.size, alertLimit);
    result.settled.push(raw);
  }
  return result;
}

/** Names under which files are written before they are handed over. */
function isUnfinished(name: string): boolean {
  return /^\.|\.(tmp|part|filepart|crdownload|swp)$|~$/i.test(name);
}

/** Out of reach of whoever wrote it, under a name of ours that no other file has. */
async function moveAway({ in: from, taking }: Place, raw: Buffer, now: Date): Promise<void> {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const name = `${stamp}-${randomBytes(4).toString('hex')}-${plainName(raw.toString('utf8'))}`;
  await rename(Buffer.concat([Buffer.from(`${from}/`), raw]), join(taking, name)).catch(ignoring('ENOENT'));
}

/** Letters, digits, dots and lines of it; short enough for every file system with what is put before and behind it. */
function plainName(name: string): string {
  const plain = tidyLine(name.replace(/[^\p{L}\p{N}._-]/gu, '_')).replace(/^\.+/, '');
  return [...plain].slice(-40).join('') || 'file.xml';
}

interface Lying extends Fetched {
  name: string;
}

/** Takes in all that lies there, also what a crash has left; what we have no room for stays for the next look. Answers how many. */
async function takeAll(store: Store, row: AlertInlet, place: Place, turn: Turn): Promise<number> {
  const lying: Lying[] = [];
  for (const name of (await readdir(place.taking)).sort().slice(0, inOneLook.files * 2)) {
    const origin = {
      by: 'folder' as const,
      name: name.split('-').slice(2).join('-'),
      address: endOf(name),
      inlet: row._id,
    };
    const bytes = await bytesOf(join(place.taking, name));
    if (Buffer.isBuffer(bytes)) lying.push({ name, bytes, origin });
    else
      await putAway(place, name, { file: origin.name, at: turn.now().toISOString(), outcome: 'refused', said: bytes });
  }
  let count = 0;
  for (const { name, ...given } of await inOrder(lying)) {
    await turn.keep();
    try {
      const alert = (await takenBefore(store, given)) ?? (await taken(store, row, given));
      await putAway(place, name, outcomeOf(alert, given.origin.name ?? '', turn.now()));
      count += 1;
    } catch (error) {
      if (!(error instanceof LianfaError)) throw error;
    }
  }
  return count;
}

/** Of one that a crash has left after it was taken in. */
async function takenBefore(store: Store, { bytes, origin }: Fetched): Promise<AlertRow | undefined> {
  const hash = createHash('sha256').update(bytes).digest('hex');
  const rows: AlertRow[] = await store.alerts.find({ hash }).limit(100).lean();
  return rows.find((row) => row.origin.inlet === origin.inlet && row.origin.address === origin.address);
}

/** What it holds, or why it is not read. A link is not followed. */
async function bytesOf(path: string): Promise<Buffer | Said> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    ignoring('ELOOP'),
  );
  if (!file) return noFile;
  try {
    const about = await file.stat();
    if (!about.isFile()) return noFile;
    return about.size > alertLimit ? tooLarge : await file.readFile();
  } finally {
    await file.close();
  }
}

/** Where a file ends: `taken/2026-12-01/…`. */
function endOf(name: string): string {
  return `taken/${name.slice(0, 4)}-${name.slice(4, 6)}-${name.slice(6, 8)}/${name}`;
}

/** First its outcome, then the file itself: what still lies there was not taken, or is known by where it was to end. */
async function putAway({ taking, taken: folder }: Place, name: string, outcome: object): Promise<void> {
  const end = join(folder, endOf(name).slice('taken/'.length));
  await mkdir(join(end, '..'), { recursive: true, mode: 0o750 });
  await writeFile(`${end}.outcome.json`, `${JSON.stringify(outcome, undefined, 2)}\n`, { mode: 0o640 });
  await rename(join(taking, name), end);
}

function outcomeOf(row: AlertRow, file: string, at: Date): object {
  const { said, todo } = wordsOf(row);
  const { outcome } = row;
  return {
    file,
    at: at.toISOString(),
    alert: row._id,
    outcome: outcome.is,
    ...(outcome.is === 'refused' && { element: outcome.element, line: outcome.line }),
    ...('release' in outcome && { releases: [outcome.release] }),
    ...('releases' in outcome && { releases: outcome.releases }),
    said,
    todo,
  };
}

function ignoring(code: string): (error: unknown) => undefined {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
    return undefined;
  };
}

/** @throws Unreached for what the file system refuses */
function unusable(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof Unreached || code === undefined) throw error;
  throw new Unreached(
    code === 'EXDEV'
      ? { zh: 'in、taking、taken 必须在同一个文件系统上。', en: 'in, taking and taken must lie on one file system.' }
      : {
          zh: `文件夹不能使用（${code}），请运维检查权限和空间。`,
          en: `the folder cannot be used (${code}): check its rights and room.`,
        },
  );
}

const noFile: Said = {
  zh: '不是普通文件（例如链接），没有读取。',
  en: 'it is no plain file (a link, perhaps) and was not read.',
};
const tooLarge: Said = {
  zh: `文件超过 ${alertLimit / 1024 / 1024} MB 的上限，没有读取。`,
  en: `the file is larger than the bound of ${alertLimit / 1024 / 1024} MB and was not read.`,
};
