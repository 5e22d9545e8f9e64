/** Which warnings stand on the home page, how the others are marked, and when the clock alone changes what pages say. */
import type { Records } from '../../channel.js';
import { z } from 'zod';
import { beijingMinute } from '../../beijing-calendar.js';
import { endingWords, levels } from '../../emergency.js';
import { recordPages } from '../../record-pages.js';
import { changedAt, type Catalog, type Entry, type Force, type Standing } from './catalog.js';
import type { SiteHome } from './files.js';
import { readRecord, writeRecord } from './records.js';

const day = 24 * 3_600_000;
/** What does not fit on the home page stands in its column. */
const most = 5;

export interface Alert {
  entry: Entry;
  over: boolean;
}

/**
 * The gravest first, then the newest; behind them, for a day, those that were lifted. A lifting takes nobody's place.
 * A warning that names no end stands until its all-clear: that it is over is for those to say who issued it, and what
 * stands too long is seen by everybody, where what went too early is missed by nobody. Emergency news without the fields
 * of a warning, which nobody lifts, stands for a day from its last word. An exercise never stands among them.
 */
export function alertsOf(catalog: Catalog, now: Date): Alert[] {
  const all = [...catalog.emergencies.values()].flatMap((entry) => {
    const force = catalog.forceOf(entry, now);
    const since = Date.parse(changedAt(entry));
    const recent = (force === undefined || force === 'lifted') && now.getTime() < since + day;
    const stands = force === 'in-force' || recent;
    return stands ? [{ entry, over: force === 'lifted', since }] : [];
  });
  const rank = ({ warning }: Entry) => (warning ? levels.indexOf(warning.level) : -1);
  return all
    .sort(
      (left, right) =>
        Number(left.over) - Number(right.over) || rank(right.entry) - rank(left.entry) || right.since - left.since,
    )
    .slice(0, most);
}

const isChinese = (language: string): boolean => /^zh\b/i.test(language);

/** The mark in lists of what is no warning in force. */
export function overMark(force: Force | undefined, language = 'zh-Hans'): string | undefined {
  if (force === undefined || force === 'in-force') return undefined;
  if (force === 'drill') return isChinese(language) ? '演练' : 'Exercise';
  return endingWords[force][isChinese(language) ? 'zh' : 'en'];
}

/** What the page of such a one says of it. `until`: when it was to end at first, where that is known. */
export function overNote({ force, at }: Standing, until: string | undefined, language: string): string | undefined {
  const chinese = isChinese(language);
  const since = at === undefined ? '' : beijingMinute(at);
  const first = until === undefined ? '' : beijingMinute(until);
  const held = first && (chinese ? `（原定有效至 ${first}）` : ` (it was to hold until ${first})`);
  const on = since && (chinese ? `于 ${since} ` : ` on ${since}`);
  switch (force) {
    case 'in-force':
      return undefined;
    case 'drill':
      return chinese ? '这是演练信息，不是真实预警。' : 'This is an exercise, not a real warning.';
    case 'lifted':
      return chinese
        ? `本预警已${on}解除${held}，不再生效。`
        : `This warning was lifted${on}${held} and is no longer in force.`;
    case 'replaced':
      return chinese
        ? `本预警已${on}由新的预警取代${held}，不再生效。`
        : `This warning was replaced by a newer one${on}${held} and is no longer in force.`;
    case 'expired':
      return chinese
        ? `本预警已于 ${since} 到期，不再生效。`
        : `This warning expired on ${since} and is no longer in force.`;
  }
}

const clockSchema = z.object({
  /** To which moment the pages are true. */
  drawn: z.string(),
  /** When the clock next changes one. */
  next: z.string().optional(),
});
export type Clock = z.output<typeof clockSchema>;

export function readClock(home: SiteHome): Promise<Clock | undefined> {
  return readRecord(home, 'clock', clockSchema);
}

export function isDue(clock: Clock | undefined, now: Date): boolean {
  return clock?.next !== undefined && Date.parse(clock.next) <= now.getTime();
}

/** Articles whose warning has ended by the clock since the pages were drawn. */
export function endedSince(catalog: Catalog, clock: Clock | undefined, now: Date): Entry[] {
  const drawn = Date.parse(clock?.drawn ?? '');
  return [...catalog.emergencies.values()].filter(
    (entry) => catalog.forceOf(entry, now) === 'expired' && !(Date.parse(entry.warning?.expires ?? '') <= drawn),
  );
}

/** After the pages were drawn: remembers to which moment they are true, where the clock has a part in it. */
export async function keepClock(
  { home, account }: { home: SiteHome; account: string },
  catalog: Catalog,
  before: Clock | undefined,
  now: Date,
): Promise<void> {
  const turns = [...catalog.emergencies.values()].flatMap((entry) => {
    const force = catalog.forceOf(entry, now);
    if (force === 'lifted' || force === undefined) return [Date.parse(changedAt(entry)) + day];
    return force === 'in-force' && entry.warning?.expires !== undefined ? [Date.parse(entry.warning.expires)] : [];
  });
  const first = Math.min(...turns.filter((at) => at > now.getTime()));
  const next = Number.isFinite(first) ? new Date(first).toISOString() : undefined;
  if (next === undefined && before?.next === undefined) return;
  // Who looks for what is due finds the site from the moment on at which its clock says so.
  if (next !== undefined && next !== before?.next) await home.records.set(dueKey(next, home.slug), account);
  await writeRecord(home, 'clock', { drawn: now.toISOString(), ...(next !== undefined && { next }) } satisfies Clock);
  if (before?.next !== undefined && before.next !== next) await home.records.delete(dueKey(before.next, home.slug));
}

const due = 'due:';

function dueKey(instant: string, slug: string): string {
  return `${due}${instant}/${slug}`;
}

/** Milliseconds after which no process can still be between two writes. */
const settled = 10 * 60_000;

/** Accounts whose pages the clock has overtaken, the longest first. No other site is looked at. */
export async function overdueAccounts(records: Records, now: Date): Promise<string[]> {
  const accounts: string[] = [];
  // Behind every key of this instant.
  const end = `${due}${now.toISOString()}0`;
  for await (const page of recordPages(records, due)) {
    const overdue = page.filter(({ key }) => key < end);
    for (const { key, value } of overdue) {
      const [instant = '', slug = ''] = key.slice(due.length).split('/');
      // A crash between the two writes of keepClock leaves an instant behind at which nothing turns; one that is new may be between them.
      if ((await readRecord({ slug, records }, 'clock', clockSchema))?.next === instant) accounts.push(value);
      else if (Date.parse(instant) < now.getTime() - settled) await records.delete(key);
    }
    if (overdue.length < page.length) break;
  }
  return accounts;
}
