/** The check of the whole book: every entry, in order, in bounded memory, and against the heads kept elsewhere. */
import type { ClientSession } from 'mongoose';
import type { Said } from '../../channels/channel.js';
import type { Store } from '../store/store.js';
import type { Anchor } from './anchors.js';
import { publishedDays } from './days.js';
import { createLine, type Break, type Line, type StoredRow } from './line.js';

export type Verdict =
  | { state: 'intact'; entries: number; head: { hub: string; n: number; hash: string }; anchors: number }
  | ({ state: 'broken'; entries: number } & Break)
  | { state: 'unchecked'; said: Said; todo: Said };

export interface Against {
  /** Read when the check begins; what it throws means that nothing can be said. */
  anchors: () => Promise<Anchor[]>;
  progress?: (done: number, total: number) => void;
}

/** Rows read at a time. */
const pageSize = 1_000;

/** Never throws: what cannot be read is `unchecked`, which is neither intact nor broken. */
export async function verifyBook(store: Store, { anchors, progress }: Against): Promise<Verdict> {
  try {
    const line = createLine([...(await anchors()), ...(await publishedDays(store))]);
    const total = (await store.auditHead.findById('head').lean())?.n ?? 0;
    for (let more = true; more;) {
      more = await nextPage(store, line);
      if (line.broken) return broken(line, line.broken);
      progress?.(line.entries, Math.max(total, line.entries));
    }
    return await store.connection.transaction((session) => theEnd(store, line, session));
  } catch (error) {
    return unchecked(error);
  }
}

/** Reads on where the line stands. That entry is read again, so that a second one in its place is met. */
async function nextPage(store: Store, line: Line, session?: ClientSession): Promise<boolean> {
  const rows = await store.auditEntries.collection
    .find({ n: { $gte: line.entries === 0 ? -Number.MAX_SAFE_INTEGER : line.entries } }, {
      sort: { n: 1 },
      limit: pageSize,
      ...(session && { session }),
    } as never)
    .toArray();
  for (const row of rows as unknown as StoredRow[]) if (row._id !== line.hash || line.entries !== row.n) line.take(row);
  return rows.length === pageSize && !line.broken;
}

/** What came meanwhile, and what only holds while nothing comes: the end, and that there is nothing besides. */
async function theEnd(store: Store, line: Line, session: ClientSession): Promise<Verdict> {
  while (await nextPage(store, line, session));
  const head = await store.auditHead.findById('head', null, { session }).lean();
  const rows = await store.auditEntries.countDocuments({}, { session });
  const found = line.end(head, rows);
  if (found) return broken(line, found);
  if (!head || line.entries === 0) return uncheckedAs(nothingYet);
  if (line.unknown !== undefined) return uncheckedAs(newerFormat(line.unknown));
  return {
    state: 'intact',
    entries: line.entries,
    head: { hub: head.hub, n: head.n, hash: head.hash },
    anchors: line.anchors,
  };
}

function broken(line: Line, found: Break): Verdict {
  return { state: 'broken', entries: line.entries, ...found };
}

/** What an error says of a check: nothing. */
export function unchecked(error: unknown): Verdict {
  return uncheckedAs(cannotRead(error));
}

function uncheckedAs(said: Said): Verdict {
  return { state: 'unchecked', said, todo };
}

const todo: Said = {
  zh: '请检查 LIANFA_DATA、MONGODB_URI 和 LIANFA_SECRET（或 secret.key）是否属于这套系统、磁盘和文件是否可读，再运行一次；仍不行，请用公开的日链头核对：lianfa audit verify --heads 文件或网址。',
  en: 'See that LIANFA_DATA, MONGODB_URI and LIANFA_SECRET (or secret.key) are those of this hub and can be read, and run it again; else compare with the published heads of days: lianfa audit verify --heads FILE or URL.',
};

const nothingYet: Said = {
  zh: '无法核验：这里没有审计记录，也没有另存的链头，无从知道是否本来就有。',
  en: 'Could not be checked: there are neither entries nor kept heads here, so nobody can tell whether there should be.',
};

function newerFormat(format: string): Said {
  return {
    zh: `无法核验：记录是更新的版本写的（格式 ${format}）。`,
    en: `Could not be checked: entries were written by a later version (format ${format}).`,
  };
}

function cannotRead(error: unknown): Said {
  const why = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).replace(/\s+/g, ' ');
  return { zh: `无法核验：读不出来（${why}）。`, en: `Could not be checked: it cannot be read (${why}).` };
}
