/** Which warnings stand on the home page, how the others are marked, and when the clock alone changes what pages say. */
import { join } from 'node:path';
import { z } from 'zod';
import { levels } from '../../emergency.js';
import { changedAt, type Catalog, type Entry, type Force } from './catalog.js';
import { readIfThere, writeWhole, type SiteFolder } from './files.js';

const day = 24 * 3_600_000;
/** What does not fit on the home page stands in its column. */
const most = 5;

export interface Alert {
  entry: Entry;
  over: boolean;
}

/**
 * The gravest first, then the newest; behind them, for a day, those that were lifted. A lifting takes nobody's place. One
 * that names no end stands until something is published more than a day after its last word.
 */
export function alertsOf(catalog: Catalog, now: Date): Alert[] {
  const newest = Date.parse(catalog.list().at(-1)?.at ?? '');
  const all = [...catalog.emergencies.values()].flatMap((entry) => {
    const force = catalog.forceOf(entry, now);
    const since = Date.parse(changedAt(entry));
    const stands =
      force === 'lifted'
        ? now.getTime() < since + day
        : force !== 'expired' && (entry.warning?.expires !== undefined || newest - since < day);
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

/** Of a warning that is over: the mark in lists, and what its page says in its own language. */
const overMarks: Readonly<Record<Exclude<Force, 'in-force'>, Record<'zh' | 'en', { mark: string; note: string }>>> = {
  lifted: {
    zh: { mark: '已解除', note: '本预警已解除，不再生效。' },
    en: { mark: 'Lifted', note: 'This warning has been lifted and is no longer in force.' },
  },
  expired: {
    zh: { mark: '已失效', note: '本预警已过有效时间，不再生效。' },
    en: { mark: 'Expired', note: 'This warning has expired and is no longer in force.' },
  },
};

export function overMark(force: Force | undefined, language = 'zh-Hans'): { mark: string; note: string } | undefined {
  if (force === undefined || force === 'in-force') return undefined;
  return overMarks[force][/^zh\b/i.test(language) ? 'zh' : 'en'];
}

const clockSchema = z.object({
  /** To which moment the pages are true. */
  drawn: z.string(),
  /** When the clock next changes one. */
  next: z.string().optional(),
});
export type Clock = z.output<typeof clockSchema>;

export async function readClock(folder: SiteFolder): Promise<Clock | undefined> {
  const bytes = await readIfThere(join(folder.state, 'clock.json'));
  return bytes && clockSchema.parse(JSON.parse(bytes.toString('utf8')));
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
  folder: SiteFolder,
  catalog: Catalog,
  before: Clock | undefined,
  now: Date,
): Promise<void> {
  const turns = [...catalog.emergencies.values()].flatMap((entry) => {
    const force = catalog.forceOf(entry, now);
    if (force === 'lifted') return [Date.parse(changedAt(entry)) + day];
    return force === 'in-force' && entry.warning?.expires !== undefined ? [Date.parse(entry.warning.expires)] : [];
  });
  const next = Math.min(...turns.filter((at) => at > now.getTime()));
  if (!Number.isFinite(next) && before?.next === undefined) return;
  const clock: Clock = {
    drawn: now.toISOString(),
    ...(Number.isFinite(next) && { next: new Date(next).toISOString() }),
  };
  await writeWhole(join(folder.state, 'clock.json'), JSON.stringify(clock), 0o600);
}
