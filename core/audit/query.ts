/** Reading the book: a page for the screen, all of it for an export. */
import type { QueryFilter } from 'mongoose';
import type { AuditEntry, Outcome } from '../model/audit-entry.js';
import { within } from '../model/organization.js';
import type { Store } from '../store/store.js';
import type { EntryBody } from './entry.js';

export interface AuditFilter {
  person?: string | undefined;
  release?: string | undefined;
  /** Units with everything below them, where they were then; absent: all, and what is of the hub as a whole. */
  places?: readonly string[] | undefined;
  /** Its name, or with a dot at the end all whose names begin so. */
  act?: string | undefined;
  outcome?: Outcome | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/** An entry as it is read: what was hashed, and its hash. */
export type ReadEntry = EntryBody & { hash: string };

/** Entries in one read of an export. */
const pageSize = 500;

/** The newest first, before the entry `before`. */
export async function pageOfEntries(
  store: Store,
  filter: AuditFilter,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<{ items: ReadEntry[]; next?: number }> {
  const rows = await store.auditEntries
    .find({ ...asked(filter), ...(before !== undefined && { n: { $lt: before } }) }, { body: 1 })
    .sort({ n: -1 })
    .limit(limit + 1)
    .lean();
  const items = rows.slice(0, limit).map(read);
  const last = items.at(-1);
  return { items, ...(rows.length > limit && last && { next: last.n }) };
}

/** All of them, the oldest first. */
export async function* everyEntry(store: Store, filter: AuditFilter): AsyncGenerator<ReadEntry> {
  for (let after = 0; ;) {
    const rows = await store.auditEntries
      .find({ ...asked(filter), n: { $gt: after } }, { body: 1 })
      .sort({ n: 1 })
      .limit(pageSize)
      .lean();
    for (const row of rows) {
      const entry = read(row);
      yield entry;
      after = entry.n;
    }
    if (rows.length < pageSize) return;
  }
}

function asked({ person, release, places, act, outcome, from, to }: AuditFilter): QueryFilter<AuditEntry> {
  return {
    ...(places && within<AuditEntry>(places)),
    ...(person !== undefined && { person }),
    ...(release !== undefined && { release }),
    ...(act !== undefined && { act: act.endsWith('.') ? { $gte: act, $lt: `${act.slice(0, -1)}/` } : act }),
    ...(outcome !== undefined && { outcome }),
    ...((from ?? to) && { at: { ...(from && { $gte: from }), ...(to && { $lt: to }) } }),
  };
}

function read({ _id, body }: Pick<AuditEntry, '_id' | 'body'>): ReadEntry {
  return { ...(JSON.parse(body) as EntryBody), hash: _id };
}
