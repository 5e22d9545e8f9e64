/**
 * The log of one feed: everything that has happened to its items, in records `log:<feed>:<number>`.
 *
 * Any process may append, without a lock: the next number is taken by the first who writes it, and whoever comes second
 * reads on and decides again. So an entry is there only where it was right behind all before it, and every reader sees
 * the same. Each process keeps in its memory what the log says, and reads only what has been added since.
 */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Records } from '../channel.js';
import type { Ending } from '../emergency.js';

const at = z.iso.datetime();
const id = z.string();
const seq = z.int();
/** File names (feed.ts). */
const names = z.array(z.string());

const entrySchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('feed'), title: z.string(), language: z.string(), at }),
  /**
   * By the step `key` of the order `seq`. `article` names the content; `title` and `language` are the feed's at that time;
   * `cid` is set aside for the push that goes with it.
   */
  z.object({
    is: z.literal('public'),
    id,
    key: z.string(),
    seq,
    article: z.string(),
    pictures: names,
    attachments: names,
    title: z.string(),
    language: z.string(),
    at,
    cid: z.string().optional(),
    /** Items whose warnings this one lifts, as long as it is public. */
    lifts: z.array(id).optional(),
    /** Items whose warnings this one replaces, then and ever after as long as it is public. */
    replaces: z.array(id).optional(),
  }),
  z.object({ is: z.literal('withdrawn'), id, key: z.string(), seq, at }),
]);
export type LogEntry = z.output<typeof entrySchema>;

export interface Shown {
  /** The step that put it there, and when. */
  key: string;
  putAt: string;
  cid?: string;
  article: string;
  pictures: readonly string[];
  attachments: readonly string[];
  /** Since when it shows this text. */
  at: string;
  lifts?: readonly string[];
  /** By item, since when. */
  replaces?: ReadonlyMap<string, string>;
}

export interface LoggedItem {
  id: string;
  /** Of the newest order that this item has met: none below it changes anything any more. */
  seq: number;
  /** Absent where it is withdrawn. */
  shown?: Shown;
  /** When it first became public. */
  first?: string;
}

export interface FeedState {
  /** Undefined as long as there is no feed. */
  head?: { title: string; language: string };
  items: Map<string, LoggedItem>;
  /** When it last changed. */
  changed: string;
  /** Entries so far. */
  length: number;
}

/** The word of another item that ends a warning. */
export interface Ended {
  is: Exclude<Ending, 'expired'>;
  by: string;
  at: string;
}

/** Which warnings are lifted or replaced by another item that is public; an all-clear goes before an update. */
export function endedByOthers({ items }: FeedState): ReadonlyMap<string, Ended> {
  const found = new Map<string, Ended>();
  for (const { id: by, shown } of items.values())
    for (const [replaced, since] of shown?.replaces ?? []) found.set(replaced, { is: 'replaced', by, at: since });
  for (const { id: by, shown } of items.values())
    for (const lifted of shown?.lifts ?? []) found.set(lifted, { is: 'lifted', by, at: shown?.at ?? '' });
  return found;
}

export interface FeedLog {
  read(): Promise<FeedState>;
  /**
   * Adds what `decide` makes of everything before it, or nothing; durable when it returns. Asked again where somebody
   * else's entry came first. @throws what `decide` throws
   */
  append(decide: (state: FeedState) => Promise<LogEntry | undefined>): Promise<FeedState>;
}

/** The feeds last used are kept in memory, a few hundred bytes an item. */
const keptFeeds = 2_000;
const pageSize = 500;
const logs = new WeakMap<Records, LRUCache<string, FeedLog>>();

export function feedLog(records: Records, slug: string): FeedLog {
  let kept = logs.get(records);
  if (!kept) logs.set(records, (kept = new LRUCache({ max: keptFeeds })));
  let log = kept.get(slug);
  if (!log) kept.set(slug, (log = openLog(records, slug)));
  return log;
}

function openLog(records: Records, slug: string): FeedLog {
  const prefix = `log:${slug}:`;
  const keyOf = (number: number): string => `${prefix}${String(number).padStart(12, '0')}`;
  const state: FeedState = { items: new Map(), changed: '', length: 0 };

  /** Two who read at once meet the same entries. */
  function take(number: number, entry: LogEntry | undefined): void {
    if (number !== state.length + 1) return;
    if (entry) apply(state, entry);
    state.length = number;
  }

  async function read(): Promise<FeedState> {
    for (;;) {
      const found = await records.list(prefix, { after: keyOf(state.length), limit: pageSize });
      for (const { key, value } of found)
        take(Number(key.slice(prefix.length)), entrySchema.safeParse(JSON.parse(value)).data);
      if (found.length < pageSize) return state;
    }
  }

  return {
    read,
    async append(decide) {
      for (;;) {
        const { length } = await read();
        const entry = await decide(state);
        if (!entry) return state;
        const value = JSON.stringify(entry);
        if ((await records.first(keyOf(length + 1), value)) !== value) continue;
        take(length + 1, entry);
        return state;
      }
    },
  };
}

function apply(state: FeedState, entry: LogEntry): void {
  switch (entry.is) {
    case 'feed':
      setHead(state, entry);
      return;
    case 'public': {
      setHead(state, entry);
      const { key, article, pictures, attachments, cid, lifts, replaces = [] } = entry;
      const item = itemIn(state, entry);
      item.first ??= entry.at;
      const replaced = new Map([...replaces.map((id) => [id, entry.at] as const), ...(item.shown?.replaces ?? [])]);
      // Ordered again, the same text has not changed.
      const since = item.shown?.article === article ? item.shown.at : entry.at;
      item.shown = {
        key,
        putAt: entry.at,
        article,
        pictures,
        attachments,
        at: since,
        ...(cid !== undefined && { cid }),
        ...(lifts && { lifts }),
        ...(replaced.size > 0 && { replaces: replaced }),
      };
      return;
    }
    case 'withdrawn':
      delete itemIn(state, entry).shown;
      setChanged(state, entry.at);
      return;
  }
}

function itemIn({ items }: FeedState, entry: { id: string; seq: number }): LoggedItem {
  const item = items.get(entry.id) ?? { id: entry.id, seq: entry.seq };
  item.seq = entry.seq;
  items.set(entry.id, item);
  return item;
}

function setHead(state: FeedState, { title, language, at }: { title: string; language: string; at: string }): void {
  state.head = { title, language };
  setChanged(state, at);
}

function setChanged(state: FeedState, at: string): void {
  if (at > state.changed) state.changed = at;
}
