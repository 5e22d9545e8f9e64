/**
 * The list of a site's public articles: numbered entries of a log among its records, each with the lines of some
 * changes; of several lines about an article the one of its highest version holds, wherever it stands. A process keeps what it has read and reads only what was added
 * since, so that publishing the ten-thousandth article costs what the tenth did. Nobody holds a number by a lock: what
 * comes first under it stays there, and who comes second takes the next.
 */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Records } from '../../channel.js';
import { levels, messageTypes, type Emergency, type Ending } from '../../emergency.js';
import { filesOf, replacedSchema, type Article } from './article.js';
import type { SiteHome } from './files.js';
import { deleteRecord, recordPages } from './records.js';

export const entrySchema = z.object({
  id: z.string(),
  version: z.number(),
  at: z.string(),
  revised: z.string().optional(),
  title: z.string(),
  summary: z.string(),
  kind: z.string(),
  source: z.string(),
  language: z.string(),
  columns: z.array(z.string()),
  keywords: z.array(z.string()),
  /** Under whose token it came in. */
  posted: z.string().optional(),
  number: z.string().optional(),
  validity: z.string().optional(),
  /** Picture for lists, a path under the public folder. */
  picture: z.string().optional(),
  files: z.array(z.string()),
  interprets: z.array(z.string()).optional(),
  interpretations: z.array(z.string()).optional(),
  warning: z
    .object({
      msgType: z.enum(messageTypes),
      level: z.enum(levels),
      /** An exercise: never among the warnings in force. */
      drill: z.literal(true).optional(),
      expires: z.string().optional(),
      /** Of a cancel: warnings of other releases that it lifts. */
      lifts: z.array(z.string()).optional(),
      /** Warnings of other releases that it has replaced. */
      replaces: z.array(replacedSchema).optional(),
    })
    .optional(),
});
const lineSchema = z.union([entrySchema, z.object({ id: z.string(), version: z.number(), gone: z.literal(true) })]);

const linesSchema = z.array(lineSchema);

export type Entry = z.output<typeof entrySchema>;
export type Line = z.output<typeof lineSchema>;

export function lineOf(article: Article): Line {
  if (article.state === 'withdrawn') return { id: article.id, version: article.version, gone: true };
  const picture = article.pictures.find(({ hash }) => hash === article.cover) ?? article.pictures[0];
  return {
    id: article.id,
    version: article.version,
    at: article.publishedAt,
    title: article.title,
    summary: article.summary,
    kind: article.kind,
    source: article.source,
    language: article.language,
    columns: article.columns,
    keywords: article.keywords,
    files: filesOf(article),
    ...(article.posted && { posted: article.posted.by }),
    ...(article.revisedAt !== undefined && { revised: article.revisedAt }),
    ...(article.policy?.number !== undefined && { number: article.policy.number }),
    ...(article.policy?.validity !== undefined && { validity: article.policy.validity }),
    ...(picture && { picture: picture.path }),
    ...(article.interprets && { interprets: article.interprets }),
    ...(article.interpretations && { interpretations: article.interpretations }),
    ...(article.warning && { warning: warningLine(article, article.warning) }),
  };
}

function warningLine(
  { id, replaces }: Pick<Article, 'id' | 'replaces'>,
  { status, msgType, level, expires, references }: Emergency,
): Entry['warning'] {
  const lifts = references.map(({ release }) => release).filter((release) => release !== id);
  return {
    msgType,
    level,
    ...(status === 'Exercise' && { drill: true as const }),
    ...(expires !== undefined && { expires }),
    ...(msgType === 'Cancel' && lifts.length && { lifts }),
    ...(replaces && { replaces }),
  };
}

/** Its last word: when it was published, or when another revision came. */
export function changedAt({ at, revised }: Pick<Entry, 'at' | 'revised'>): string {
  return revised ?? at;
}

/** How a warning stands: until its last word says that it is lifted, another release lifts or replaces it, or its time has passed. An exercise is no warning, and stands as that alone. */
export type Force = 'in-force' | Ending | 'drill';

export interface Standing {
  force: Force;
  /** Since when it is over. */
  at?: string;
  /** The article that says so, where it is another. */
  by?: string;
}

type Ended = Pick<Entry, 'id' | 'at' | 'revised' | 'warning'>;

function byTheClock({ expires }: NonNullable<Entry['warning']>, now: Date): Standing {
  return expires !== undefined && Date.parse(expires) <= now.getTime()
    ? { force: 'expired', at: expires }
    : { force: 'in-force' };
}

/** What of an article, or of its line, says with which others it is linked. */
export type Linked = Pick<Entry, 'id' | 'interprets' | 'interpretations'>;

export class Catalog {
  readonly entries = new Map<string, Entry>();
  /** Oldest first. `''` is the whole site. */
  private readonly order = new Map<string, Entry[]>();
  /** Ids of the articles that name an article as their policy or their interpretation. */
  private readonly naming = new Map<string, Set<string>>();
  /** Public articles of the kind emergency. */
  readonly emergencies = new Map<string, Entry>();
  /** Of every article ever listed: its newest line's version, and the number of the entry that holds it. */
  private readonly newest = new Map<string, { version: number; number: number }>();
  /** How many lines of each entry still say something, and the entries of which none does. */
  private readonly saying = new Map<number, number>();
  private readonly over = new Set<number>();
  private readonly home: SiteHome;
  /** Number of the last entry that was read; 0 before the first. */
  private end = 0;
  private reading: Promise<unknown> = Promise.resolve();

  constructor(home: SiteHome) {
    this.home = home;
  }

  /** Articles of a column, oldest first; of the whole site without a name. */
  list(column = ''): readonly Entry[] {
    return this.order.get(column) ?? [];
  }

  /** Public articles that this one interprets, and that interpret it, oldest first; whichever of the two names the other. */
  relativesOf({ id, interprets = [], interpretations = [] }: Linked): { policies: Entry[]; interpretations: Entry[] } {
    const naming = [...(this.naming.get(id) ?? [])].flatMap((other) => this.entries.get(other) ?? []);
    const known = (ids: readonly string[], named: readonly Entry[]) =>
      [...new Set([...ids.flatMap((other) => this.entries.get(other) ?? []), ...named])]
        .filter((entry) => entry.id !== id)
        .sort((left, right) => (before(left, right) ? -1 : 1));
    return {
      policies: known(
        interprets,
        naming.filter((entry) => entry.interpretations?.includes(id)),
      ),
      interpretations: known(
        interpretations,
        naming.filter((entry) => entry.interprets?.includes(id)),
      ),
    };
  }

  /** How the warning of an article stands at that time; undefined where it carries none. */
  forceOf(entry: Ended, now: Date): Force | undefined {
    return this.standingOf(entry, now)?.force;
  }

  /** The same, with since when and by whose word. What people have said goes before what the clock says. */
  standingOf(entry: Ended, now: Date): Standing | undefined {
    const { warning } = entry;
    if (!warning) return undefined;
    if (warning.drill) return { force: 'drill' };
    if (warning.msgType === 'Cancel') return { force: 'lifted', at: changedAt(entry) };
    return this.liftingOf(entry) ?? this.replacementOf(entry) ?? byTheClock(warning, now);
  }

  private liftingOf(entry: Ended): Standing | undefined {
    for (const other of this.emergencies.values())
      if (other.warning?.lifts?.includes(entry.id) && changedAt(other) >= changedAt(entry))
        return { force: 'lifted', at: changedAt(other), by: other.id };
    return undefined;
  }

  private replacementOf(entry: Ended): Standing | undefined {
    for (const other of this.emergencies.values()) {
      const at = other.warning?.replaces?.find(({ id }) => id === entry.id)?.at;
      if (at !== undefined && at >= changedAt(entry)) return { force: 'replaced', at, by: other.id };
    }
    return undefined;
  }

  columns(): string[] {
    return [...this.order.keys()].filter(Boolean);
  }

  /** Where this list stands; changes with every change. */
  get position(): string {
    return String(this.end);
  }

  /** A place behind everything that was there, without a line: whoever draws lists by it comes after all who drew before. */
  async turn(): Promise<void> {
    await this.add('[]');
  }

  /** Takes in what other processes have added, one reading at a time. */
  refresh(): Promise<void> {
    const turn = this.reading.then(() => this.readOn());
    this.reading = turn.catch(() => undefined);
    return turn;
  }

  private async readOn(): Promise<void> {
    for await (const page of recordPages(this.home, 'log/', keyOf(this.end)))
      for (const { key, value } of page) {
        const number = Number(key.slice('log/'.length));
        this.end = Math.max(this.end, number);
        this.says(number, 0);
        for (const line of linesSchema.parse(JSON.parse(value))) this.take(number, line);
      }
  }

  /** Adds lines for everybody, and to this list. */
  async append(added: readonly Line[]): Promise<void> {
    for (let at = 0; at < added.length; at += inOneEntry)
      await this.add(JSON.stringify(added.slice(at, at + inOneEntry)));
    // What says nothing any more goes, but for the last: it tells where the list ends.
    const over = [...this.over].filter((number) => number !== this.end);
    for (const number of over) {
      this.over.delete(number);
      this.saying.delete(number);
    }
    await Promise.all(over.map((number) => deleteRecord(this.home, keyOf(number))));
  }

  /**
   * An entry far behind the end (its writer had stood still, and what once had its number is gone) would be overlooked
   * by whoever has read on: then it is written again.
   */
  private async add(entry: string): Promise<void> {
    const { slug, records } = this.home;
    for (;;) {
      const key = `${slug}/${keyOf(this.end + 1)}`;
      const kept = await records.first(key, entry);
      const [later] = await records.list(`${slug}/log/`, { after: key, limit: 1 });
      await this.refresh();
      if (kept === entry && !later) return;
    }
  }

  private take(number: number, line: Line): void {
    const known = this.newest.get(line.id);
    if (known && known.version > line.version) return;
    this.says(number, 1);
    if (known) this.says(known.number, -1);
    this.newest.set(line.id, { version: line.version, number });
    const old = this.entries.get(line.id);
    if (old) {
      for (const column of ['', ...old.columns]) this.remove(column, old);
      for (const other of namedBy(old)) this.naming.get(other)?.delete(old.id);
    }
    this.entries.delete(line.id);
    this.emergencies.delete(line.id);
    if (!('gone' in line)) {
      this.entries.set(line.id, line);
      if (line.kind === 'emergency') this.emergencies.set(line.id, line);
      for (const column of ['', ...line.columns]) this.insert(column, line);
      for (const other of namedBy(line)) this.naming.set(other, (this.naming.get(other) ?? new Set()).add(line.id));
    }
  }

  private says(number: number, more: number): void {
    const lines = (this.saying.get(number) ?? 0) + more;
    this.saying.set(number, lines);
    if (lines === 0) this.over.add(number);
    else this.over.delete(number);
  }

  private insert(column: string, entry: Entry): void {
    const list = this.order.get(column) ?? [];
    this.order.set(column, list);
    const last = list[list.length - 1];
    if (!last || before(last, entry)) list.push(entry);
    else list.splice(placeOf(list, entry), 0, entry);
  }

  private remove(column: string, entry: Entry): void {
    const list = this.order.get(column);
    if (!list) return;
    const place = placeOf(list, entry);
    if (list[place]?.id === entry.id) list.splice(place, 1);
    if (!list.length) this.order.delete(column);
  }
}

function namedBy({ interprets = [], interpretations = [] }: Linked): string[] {
  return [...interprets, ...interpretations];
}

type Stand = Pick<Entry, 'at' | 'id'>;

function before(left: Stand, right: Stand): boolean {
  return left.at < right.at || (left.at === right.at && left.id < right.id);
}

/** Where the entry stands, or would stand, in a list that is oldest first. */
export function placeOf(list: readonly Entry[], entry: Stand): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const here = list[middle];
    if (here && before(here, entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Lines in one entry: some hundred kilobytes at most. */
const inOneEntry = 200;

/** Twelve digits: more changes than a site will ever see, and in their order. */
function keyOf(number: number): string {
  return `log/${String(number).padStart(12, '0')}`;
}

/** Whether the list still ends at that position, without reading it. */
export async function endsAt({ slug, records }: SiteHome, position: string): Promise<boolean> {
  const end = Number(position);
  if (!Number.isSafeInteger(end) || end < 1) return false;
  const lines = await records.list(`${slug}/log/`, { after: `${slug}/${keyOf(end - 1)}`, limit: 2 });
  return lines.length === 1 && lines[0]?.key === `${slug}/${keyOf(end)}`;
}

const known = new WeakMap<Records, LRUCache<string, Catalog>>();

function catalogsOf(records: Records): LRUCache<string, Catalog> {
  const open =
    known.get(records) ??
    new LRUCache<string, Catalog>({
      maxSize: 400_000,
      sizeCalculation: (catalog) => catalog.entries.size + 100,
    });
  known.set(records, open);
  return open;
}

/** The site's list, up to date. */
export async function openCatalog(home: SiteHome): Promise<Catalog> {
  const open = catalogsOf(home.records);
  const catalog = open.get(home.slug) ?? new Catalog(home);
  await catalog.refresh();
  open.set(home.slug, catalog);
  return catalog;
}
