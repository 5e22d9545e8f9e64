/**
 * Heads of the book kept outside of the database, in `<data>/audit`: the newest, and one of each day for ever. Whoever
 * cuts the end off the line, puts an old copy back or writes it anew has these against them. Each is sealed by the hub's
 * secret, so that hands on the disk alone cannot make one.
 */
import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { filesInFolder } from '../../channels/files.js';
import type { Store } from '../store/store.js';
import { afterActs } from './book.js';

/** A place in the line that somebody has seen, and when. */
export interface Anchor {
  hub: string;
  n: number;
  hash: string;
  /** Of the tree over the line up to there; absent with a head that is no day's. */
  root?: string | undefined;
  /** ISO 8601. */
  at: string;
}

export const anchor = z.object({
  hub: z.string(),
  n: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  root: z.string().optional(),
  at: z.iso.datetime(),
});
const sealed = anchor.extend({ seal: z.string() });

export interface AnchorPlace {
  folder: string;
  /** Seals by the hub's secret. */
  vault: { mark(use: string, values: readonly unknown[]): string };
}

/** What is kept of the line cannot be read, or was not sealed by this hub's secret. */
export class AnchorUnreadable extends Error {
  override name = 'AnchorUnreadable';
}

/** What the line should follow is not in it: it was cut or written anew, and what is kept is not overwritten. */
export class AnchorLost extends Error {
  override name = 'AnchorLost';
}

const daysFile = 'days.jsonl';
/** ms in which acts share one writing. */
const linger = 500;

export function anchorFolder(dataFolder: string): string {
  return join(dataFolder, 'audit');
}

/** All that are kept here. @throws AnchorUnreadable */
export async function readAnchors(place: AnchorPlace): Promise<Anchor[]> {
  const days = await textOf(join(place.folder, daysFile));
  const newest = await readNewest(place);
  return [
    ...days
      .split('\n')
      .filter(Boolean)
      .map((line) => opened(line, place)),
    ...(newest ? [newest] : []),
  ];
}

/** Keeps the head of a day for ever. */
export async function keepDay(place: AnchorPlace, day: Anchor): Promise<void> {
  await mkdir(place.folder, { recursive: true, mode: 0o700 });
  await appendFile(join(place.folder, daysFile), `${seal(day, place)}\n`, { mode: 0o600, flush: true });
}

/** Keeps the newest head while this process acts, at most once in a short while, and once more on close. `report` hears why it could not. */
export function keepAnchors(
  store: Store,
  place: AnchorPlace,
  report: (error: unknown) => void,
): { close(): Promise<void> } {
  let writing: Promise<void> | undefined;
  const stop = afterActs(store, () => {
    writing ??= new Promise((wait) => setTimeout(wait, linger).unref())
      .then(() => {
        writing = undefined;
        return raise(store, place);
      })
      .catch(report);
  });
  return {
    async close() {
      stop();
      if (writing) await raise(store, place).catch(report);
    },
  };
}

/**
 * Writes the head as it is now. Each head has a file of its own and only lower ones go, so that of two processes the
 * slower one cannot put back what the other has raised.
 * @throws AnchorUnreadable, AnchorLost
 */
export async function raise(store: Store, place: AnchorPlace): Promise<void> {
  const head = await store.auditHead.findById('head').lean();
  if (!head) return;
  const kept = await readNewest(place);
  if (kept?.n === head.n && kept.hash === head.hash) return;
  if (kept && !(await isFollowed(store, head, kept))) throw new AnchorLost(`entry ${kept.n} of ${kept.at} is gone`);
  const { hub, n, hash } = head;
  const text = seal({ hub, n, hash, at: new Date().toISOString() }, place);
  await filesInFolder(place.folder, 'hidden').write(fileOf(n), `${text}\n`);
  for (const name of await headFiles(place.folder))
    if (name < fileOf(n)) await rm(join(place.folder, name), { force: true });
}

async function isFollowed(store: Store, head: { hub: string; n: number }, kept: Anchor): Promise<boolean> {
  if (head.hub !== kept.hub || head.n < kept.n) return false;
  return (await store.auditEntries.findOne({ n: kept.n }, { n: 1 }).lean())?._id === kept.hash;
}

function fileOf(n: number): string {
  return `head-${String(n).padStart(12, '0')}.json`;
}

async function headFiles(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(absent(() => []))).filter((name) => /^head-\d{12}\.json$/.test(name)).sort();
}

async function readNewest(place: AnchorPlace): Promise<Anchor | undefined> {
  const name = (await headFiles(place.folder)).at(-1);
  return name === undefined ? undefined : opened(await readFile(join(place.folder, name), 'utf8'), place);
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(absent(() => ''));
}

/** Nothing there is an answer; anything else is an error. */
function absent<T>(answer: () => T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return answer();
    throw new AnchorUnreadable(String(error), { cause: error });
  };
}

function markOf({ hub, n, hash, root, at }: Anchor, { vault }: AnchorPlace): string {
  return vault.mark('audit head', [hub, n, hash, root ?? null, at]);
}

function seal({ hub, n, hash, root, at }: Anchor, place: AnchorPlace): string {
  const head = { hub, n, hash, root, at };
  return JSON.stringify({ ...head, seal: markOf(head, place) });
}

function opened(text: string, place: AnchorPlace): Anchor {
  const { seal: given, ...head } = parsed(text);
  if (given !== markOf(head, place)) throw new AnchorUnreadable('a kept head was not sealed by the secret of this hub');
  return head;
}

function parsed(text: string): z.infer<typeof sealed> {
  try {
    return sealed.parse(JSON.parse(text));
  } catch (error) {
    throw new AnchorUnreadable('a kept head cannot be read', { cause: error });
  }
}
