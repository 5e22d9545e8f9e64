/**
 * The log of one feed: everything that has happened to its items, a line of JSON each, in `<feed>/log`.
 *
 * Any process may append, without a lock: one write to a file opened for appending is one piece, and all readers agree on
 * the order. So the first of two to set a cid aside is the first for everybody. What an item shows is decided by the
 * sequence in its lines and not by their order: an earlier one, however late it is written, changes nothing. Each process
 * keeps what the log says in its memory and reads only what has been added since.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { isMissing } from './files.js';
import { journalOf, type Journal } from './journal.js';

const at = z.iso.datetime();
const id = z.string();
/** A log of release 0.1.0 knows none. */
const seq = z.int().default(0);

/** The last state of a step's push. */
const push = [
  /** A cid is set aside for this step; whether it was used is open. */
  z.object({ state: z.literal('reserved'), cid: z.string(), at }),
  z.object({ state: z.literal('sent'), cid: z.string(), msgId: z.string(), at }),
  z.object({ state: z.literal('no-target'), at }),
  /** Web Push: every subscription had its turn. */
  z.object({ state: z.literal('told'), at, sent: z.number(), gone: z.number(), failed: z.number() }),
] as const;
const pushRecord = z.discriminatedUnion('state', push);
export type PushRecord = z.output<typeof pushRecord>;

const entrySchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('feed'), title: z.string(), language: z.string(), at }),
  /** By the step `key` of the order `seq`. `article` names the content; `title` and `language` are the feed's at that time. */
  z.object({
    is: z.literal('public'),
    id,
    key: z.string(),
    seq,
    article: z.string(),
    title: z.string(),
    language: z.string(),
    at,
  }),
  z.object({ is: z.literal('withdrawn'), id, key: z.string(), seq, at }),
  /** Of pushes, `id` is the step's. */
  z.object({ is: z.literal('push'), id, push: pushRecord }),
  /** The platform did nothing with this cid. */
  z.object({ is: z.literal('returned'), id, cid: z.string(), at }),
]);
export type LogEntry = z.output<typeof entrySchema>;

export interface LoggedItem {
  id: string;
  /** The highest order that this item has met: none below it changes anything any more. */
  seq: number;
  /** What it shows, by which step, and since when that text; absent where it is withdrawn. */
  shown?: { key: string; article: string; at: string };
  /** When it first became public. */
  first?: string;
  /** Every content it was ever given: the files of all but the one shown are to go. */
  articles: string[];
}

export interface FeedState {
  /** Undefined as long as there is no feed. */
  head?: { title: string; language: string };
  items: Map<string, LoggedItem>;
  /** By the step's id. */
  pushes: Map<string, PushRecord>;
  /** When it last changed. */
  changed: string;
  /** Changes with every line. */
  version: string;
}

export interface FeedLog {
  read(): Promise<FeedState>;
  /** Adds the entries in one write, and answers the state with them and all before them. */
  append(entries: readonly LogEntry[]): Promise<FeedState>;
  /** As `append`, and returns only when a loss of power cannot take them away again. */
  promise(entries: readonly LogEntry[]): Promise<FeedState>;
}

/** The feeds last used are kept in memory, a few hundred bytes an item. */
const logs = new LRUCache<string, FeedLog>({ max: 2_000 });

export function feedLog(folder: string, slug: string): FeedLog {
  const name = `${folder}/${slug}`;
  let log = logs.get(name);
  if (!log) logs.set(name, (log = openLog(folder, slug)));
  return log;
}

/**
 * The log's own reads and writes are synchronous on purpose: they end in the system's memory within microseconds, while
 * each trip to Node's thread pool costs a publishing process a tenth of a millisecond. What waits for the disk is the
 * journal, and that does not block.
 */
function openLog(folder: string, slug: string): FeedLog {
  const file = join(folder, slug, 'log');
  let state = emptyState();
  let inode = 0;
  let length = 0;
  /** Nothing of it is left to take from the journal. */
  let whole = false;

  function forget(): void {
    [state, inode, length] = [emptyState(), 0, 0];
  }

  function catchUp(): FeedState {
    const found = statSync(file, { throwIfNoEntry: false });
    // Nothing, another file, or less of it stands here: the folder was emptied or restored.
    if (!found || found.ino !== inode || found.size < length) forget();
    if (!found) return state;
    inode = found.ino;
    if (found.size > length) take(readFrom(file, length));
    return state;
  }

  /** Takes whole lines only; the rest belongs to a write that is under way. */
  function take(bytes: Buffer): void {
    const end = bytes.lastIndexOf(10) + 1;
    for (const text of bytes.subarray(0, end).toString('utf8').split('\n')) {
      const entry = readLine(text);
      if (entry) apply(state, entry);
    }
    grow(end);
  }

  function grow(bytes: number): void {
    length += bytes;
    state.version = `${inode}-${length}`;
  }

  /** `entries` are what the lines say. */
  function write(lines: readonly string[], entries: readonly LogEntry[]): FeedState {
    // The first line break ends what a full disk may have cut short.
    const bytes = Buffer.from(`\n${lines.join('\n')}\n`);
    const handle = openToAppend(file);
    let found;
    try {
      if (writeSync(handle, bytes) < bytes.length)
        throw new Error(`${file} took only a part of a line: the disk is full`);
      found = fstatSync(handle);
    } finally {
      closeSync(handle);
    }
    // Nobody else has written since: what stands in the file is what we know.
    if (found.ino !== inode || found.size !== length + bytes.length) return catchUp();
    for (const entry of entries) apply(state, entry);
    grow(bytes.length);
    return state;
  }

  /** What a loss of power took from the log, the journal gives back; once a process is enough. */
  async function mend(): Promise<Journal> {
    const journal = await journalOf(folder);
    if (whole) return journal;
    const kept = journal.earlier.get(slug) ?? [];
    const standing = new Set(kept.length ? readFrom(file, 0).toString('utf8').split('\n') : []);
    const lost = kept
      .filter((line) => !standing.has(line))
      .flatMap((line) => {
        const entry = readLine(line);
        return entry ? [{ line, entry }] : [];
      });
    if (lost.length)
      write(
        lost.map(({ line }) => line),
        lost.map(({ entry }) => entry),
      );
    whole = true;
    return journal;
  }

  return {
    async read() {
      await mend();
      return catchUp();
    },
    async append(entries) {
      await mend();
      return write(linesOf(entries), entries);
    },
    async promise(entries) {
      const lines = linesOf(entries);
      const journal = await mend();
      const now = write(lines, entries);
      await journal.append(slug, lines);
      return now;
    },
  };
}

function openToAppend(file: string): number {
  try {
    return openSync(file, 'a');
  } catch (error) {
    if (!isMissing(error)) throw error;
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, 'a');
  }
}

function linesOf(entries: readonly LogEntry[]): string[] {
  return entries.map((entry) => JSON.stringify(entry));
}

function emptyState(): FeedState {
  return { items: new Map(), pushes: new Map(), changed: '', version: '' };
}

function readFrom(file: string, position: number): Buffer {
  try {
    const handle = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(Math.max(0, fstatSync(handle).size - position));
      return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, position));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (isMissing(error)) return Buffer.alloc(0);
    throw error;
  }
}

/** A line cut short was never promised to anybody. */
function readLine(text: string): LogEntry | undefined {
  if (!text) return undefined;
  try {
    return entrySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** An item comes to show the same, in whatever order the lines are met: the highest sequence counts; of two lines with the same, a withdrawal, else the first. */
function apply(state: FeedState, entry: LogEntry): void {
  switch (entry.is) {
    case 'feed':
      setHead(state, entry);
      return;
    case 'public': {
      setHead(state, entry);
      const item = itemIn(state, entry.id);
      if (!item.articles.includes(entry.article)) item.articles.push(entry.article);
      if (entry.seq <= item.seq) return;
      const { key, article } = entry;
      item.seq = entry.seq;
      item.first ??= entry.at;
      // Ordered again, the same text has not changed.
      item.shown = { key, article, at: item.shown?.article === article ? item.shown.at : entry.at };
      return;
    }
    case 'withdrawn': {
      const item = itemIn(state, entry.id);
      if (entry.seq < item.seq) return;
      item.seq = entry.seq;
      delete item.shown;
      setChanged(state, entry.at);
      return;
    }
    case 'push': {
      // Of two cids set aside, the first; of what came of it, the first word too.
      const push = state.pushes.get(entry.id);
      if (push === undefined || (push.state === 'reserved' && entry.push.state !== 'reserved'))
        state.pushes.set(entry.id, entry.push);
      return;
    }
    case 'returned': {
      const push = state.pushes.get(entry.id);
      if (push?.state === 'reserved' && push.cid === entry.cid) state.pushes.delete(entry.id);
      return;
    }
  }
}

function itemIn({ items }: FeedState, id: string): LoggedItem {
  let item = items.get(id);
  if (!item) items.set(id, (item = { id, seq: -1, articles: [] }));
  return item;
}

function setHead(state: FeedState, { title, language, at }: { title: string; language: string; at: string }): void {
  state.head = { title, language };
  setChanged(state, at);
}

function setChanged(state: FeedState, at: string): void {
  if (at > state.changed) state.changed = at;
}
