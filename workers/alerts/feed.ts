/**
 * One look at a feed. What it lists is written down first, each alert by itself; then those that are due are asked for and
 * taken in, by the times that their senders gave them. Its marks (ETag, Last-Modified) are kept only when that is done,
 * and come from the feed alone, never from our clock. What is gone from a list is neither cancelled nor forgotten.
 */
import { createHash } from 'node:crypto';
import { feedBounds, type Feed, type FeedEntry } from '../../core/alerts/feed.js';
import { plainEvery } from '../../core/alerts/inlets.js';
import { tasks } from '../../core/alerts/tasks.js';
import type { AlertEntry, AlertInlet } from '../../core/model/alert-inlet.js';
import { insertMissing } from '../../core/store/insert-missing.js';
import type { Store } from '../../core/store/store.js';
import { beside } from '../../core/threads/pool.js';
import { takeDue, type Embedded } from './entries.js';
import { fetched, Unreached, type Got } from './fetching.js';
import type { Looked, PollMeans, Turn } from './turn.js';

/** Milliseconds for a whole feed. */
const patience = 30_000;
/** Seconds within which an entry is asked for once, however often its time is changed. */
const restful = 600;
/** Days after which an entry that is listed no longer is let go. */
const daysKept = 30;

/** @throws Unreached with the reason, where the feed cannot be had or is none */
export async function lookAtFeed(means: PollMeans, row: AlertInlet, turn: Turn): Promise<Looked> {
  const at = turn.now();
  const isPlain = !row.plainAt || at.getTime() - row.plainAt.getTime() >= plainEvery * 1_000;
  const got = await fetched(means.http, row.address, asked(row, isPlain), turn);
  await turn.keep();
  if (got.status === 304) {
    if (isPlain || (row.etag ?? row.modified) === undefined) throw new Unreached(unasked);
    return { ...viaOf(row, got, at), again: await takeDue(means, row, [], turn) };
  }
  const feed = await feedIn(got);
  const { embedded, known, ids } = await writeDown(means.store, row, feed, at);
  const again = await takeDue(means, row, embedded, turn);
  const digest = createHash('sha256')
    .update([...ids].sort().join())
    .digest('hex');
  if (digest !== row.digest) await letGo(means.store, row, ids, at);
  const via = viaOf(row, got, at);
  const marks = marksOf(got);
  return {
    set: {
      ...via.set,
      ...marks.set,
      ...learnt(row, feed, { known, digest, at }),
      plainAt: at,
      digest,
      listed: ids.length,
    },
    unset: [...(via.unset ?? []), ...marks.unset],
    again,
  };
}

function asked({ etag, modified }: AlertInlet, isPlain: boolean): Parameters<typeof fetched>[2] {
  const accept = 'application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1';
  const marks = {
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(modified !== undefined && { 'if-modified-since': modified }),
  };
  return { headers: { accept, ...(!isPlain && marks) }, maxBytes: feedBounds.bytes, patience };
}

/** @throws Unreached */
async function feedIn({ body, address }: Got): Promise<Feed> {
  const read = await beside(tasks.feed, { bytes: body, address }, body.length);
  if ('feed' in read) return read.feed;
  const { line, reason } = read.fault;
  throw new Unreached({ zh: `第 ${line} 行：${reason.zh}`, en: `line ${line}: ${reason.en}` });
}

/** As they were given: weak or strong, well-formed or not. */
function marksOf({ headers }: Got): { set: Partial<AlertInlet>; unset: ('etag' | 'modified')[] } {
  const said = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' && value.length <= 1_000 ? value : undefined;
  };
  const [etag, modified] = [said('etag'), said('last-modified')];
  return {
    set: { ...(etag !== undefined && { etag }), ...(modified !== undefined && { modified }) },
    unset: [
      ...(etag === undefined ? (['etag'] as const) : []),
      ...(modified === undefined ? (['modified'] as const) : []),
    ],
  };
}

/** The first address is asked each time, so a redirect lasts as long as it is given. */
function viaOf({ address, via }: AlertInlet, got: Got, at: Date): Looked {
  if (got.address === address) return { set: {}, unset: ['via'] };
  const since = via?.address === got.address ? via.since : at;
  return { set: { via: { address: got.address, since } } };
}

function learnt(
  row: AlertInlet,
  { updated, entries, more }: Feed,
  { known, digest, at }: { known: number; digest: string; at: Date },
): Partial<AlertInlet> {
  const dates = entries.flatMap((entry) => entry.updated ?? []).sort((one, other) => one.getTime() - other.getTime());
  const [oldest, newest] = [dates[0], dates.at(-1)];
  const isBack = updated !== undefined && row.updated !== undefined && updated < row.updated;
  const overlaps = known > 0 || (oldest !== undefined && row.newest !== undefined && oldest <= row.newest);
  const isGap = entries.length > 0 && (row.listed ?? 0) > 0 && !overlaps;
  return {
    ...(digest !== row.digest && { changedAt: at }),
    ...(updated && !isBack && { updated }),
    ...(isBack && { steppedBack: { at, from: row.updated ?? updated, to: updated } }),
    ...(newest && (!row.newest || newest > row.newest) && { newest }),
    ...(isGap && { missed: { at, why: gap } }),
    ...(more > 0 && { missed: { at, why: tooMany(more) } }),
  };
}

interface Written {
  /** Alerts within the feed that are new, to be taken in. */
  embedded: Embedded[];
  /** Entries listed that were known before. */
  known: number;
  ids: string[];
}

async function writeDown(store: Store, { _id: inlet }: AlertInlet, feed: Feed, at: Date): Promise<Written> {
  const listed = new Map(feed.entries.map((entry) => [nameOf(inlet, entry), entry]));
  const ids = [...listed.keys()];
  const rows: AlertEntry[] = await store.alertEntries.find({ _id: { $in: ids } }).lean();
  const before = new Map(rows.map((row) => [row._id, row]));
  const embedded: Embedded[] = [];
  const fresh: AlertEntry[] = [];
  for (const [_id, { title, updated, alert }] of listed) {
    const known = before.get(_id);
    const row = { _id, inlet, at, title, tries: 0, ...(updated && { dated: updated }) };
    if (known) await askAnew(store, known, updated, at);
    else if (!alert) fresh.push({ ...row, state: 'none' });
    else if ('text' in alert) embedded.push({ row: { ...row, state: 'taken' }, ...alert });
    else if (/^https?:/.test(alert.link)) fresh.push({ ...row, link: alert.link, state: 'due', dueAt: at });
    else fresh.push({ ...row, link: alert.link, state: 'unreached', why: noAddress });
  }
  await insertMissing(store.alertEntries, fresh);
  return { embedded, known: before.size, ids };
}

/** An entry that says it was changed is asked for again. */
async function askAnew(store: Store, known: AlertEntry, dated: Date | undefined, at: Date): Promise<void> {
  if (!dated || known.link === undefined || known.dated?.getTime() === dated.getTime()) return;
  const dueAt = new Date(Math.max(at.getTime(), (known.askedAt?.getTime() ?? 0) + restful * 1_000));
  await store.alertEntries.updateOne({ _id: known._id }, { $set: { dated, dueAt, tries: 0 } });
}

function nameOf(inlet: string, { id, alert }: FeedEntry): string {
  const where = !alert ? '' : 'link' in alert ? alert.link : createHash('sha256').update(alert.text).digest('hex');
  return createHash('sha256').update(`${inlet}\n${id}\n${where}`).digest('hex');
}

async function letGo(store: Store, { _id: inlet }: AlertInlet, listed: readonly string[], at: Date): Promise<void> {
  const before = new Date(at.getTime() - daysKept * 86_400_000);
  const old = await store.alertEntries
    .find({ inlet, at: { $lt: before } }, { _id: 1 })
    .limit(1_000)
    .lean();
  const still = new Set(listed);
  const gone = old.map(({ _id }) => _id).filter((id) => !still.has(id));
  if (gone.length > 0) await store.alertEntries.deleteMany({ _id: { $in: gone } });
}

const unasked = {
  zh: '没有附带条件，对方却说“未修改”（304）。',
  en: 'its server says "not modified" (304) although it was not asked whether it was.',
};
const noAddress = {
  zh: '链接不是 http 或 https 网址，不读取。',
  en: 'its link is no http or https address and is not read.',
};
const tooMany = (more: number) => ({
  zh: `列出的条目超过 ${feedBounds.entries} 条，后面的 ${more} 条没有看。`,
  en: `it lists more than ${feedBounds.entries} entries; the last ${more} were not looked at.`,
});
const gap = {
  zh: '可能漏收：列出的最早一条也晚于上次见到的最后一条。',
  en: 'may have missed some: the oldest entry is newer than the last one seen.',
};
