/**
 * The list of a site's public articles: an append-only file, one JSON line a change, the last line about an article
 * being true. A process keeps what it has read and reads only what was added since, so that publishing the
 * ten-thousandth article costs what the tenth did. Writers hold the site's lock.
 */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { levels, messageTypes, type Emergency } from '../../emergency.js';
import { filesOf, type Article } from './article.js';
import { isMissing, writeWhole, type SiteFolder } from './files.js';

const entrySchema = z.object({
  id: z.string(),
  at: z.string(),
  revised: z.string().optional(),
  title: z.string(),
  summary: z.string(),
  kind: z.string(),
  source: z.string(),
  language: z.string(),
  columns: z.array(z.string()),
  keywords: z.array(z.string()),
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
      expires: z.string().optional(),
      /** Of a cancel: warnings of other releases that it lifts. */
      lifts: z.array(z.string()).optional(),
    })
    .optional(),
});
const lineSchema = z.union([entrySchema, z.object({ id: z.string(), gone: z.literal(true) })]);

export type Entry = z.output<typeof entrySchema>;
export type Line = z.output<typeof lineSchema>;

export function lineOf(article: Article): Line {
  if (article.state === 'withdrawn') return { id: article.id, gone: true };
  const picture = article.pictures.find(({ hash }) => hash === article.cover) ?? article.pictures[0];
  return {
    id: article.id,
    at: article.publishedAt,
    title: article.title,
    summary: article.summary,
    kind: article.kind,
    source: article.source,
    language: article.language,
    columns: article.columns,
    keywords: article.keywords,
    files: filesOf(article),
    ...(article.revisedAt !== undefined && { revised: article.revisedAt }),
    ...(article.policy?.number !== undefined && { number: article.policy.number }),
    ...(article.policy?.validity !== undefined && { validity: article.policy.validity }),
    ...(picture && { picture: picture.path }),
    ...(article.interprets && { interprets: article.interprets }),
    ...(article.interpretations && { interpretations: article.interpretations }),
    ...(article.warning && { warning: warningLine(article.id, article.warning) }),
  };
}

function warningLine(id: string, { msgType, level, expires, references }: Emergency): Entry['warning'] {
  const lifts = references.map(({ release }) => release).filter((release) => release !== id);
  return {
    msgType,
    level,
    ...(expires !== undefined && { expires }),
    ...(msgType === 'Cancel' && lifts.length && { lifts }),
  };
}

/** Its last word: when it was published, or when another revision came. */
export function changedAt({ at, revised }: Pick<Entry, 'at' | 'revised'>): string {
  return revised ?? at;
}

/** How a warning stands: until its last word says that it is lifted, a cancel of another release lifts it, or its time has passed. */
export type Force = 'in-force' | 'lifted' | 'expired';

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
  private readonly path: string;
  private inode = 0n;
  private end = 0;
  private lines = 0;
  private reading: Promise<unknown> = Promise.resolve();

  constructor(site: SiteFolder) {
    this.path = join(site.state, 'catalog.jsonl');
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
  forceOf(entry: Pick<Entry, 'id' | 'at' | 'revised' | 'warning'>, now: Date): Force | undefined {
    const { warning } = entry;
    if (!warning) return undefined;
    if (warning.msgType === 'Cancel') return 'lifted';
    for (const other of this.emergencies.values())
      if (other.warning?.lifts?.includes(entry.id) && changedAt(other) >= changedAt(entry)) return 'lifted';
    return warning.expires !== undefined && Date.parse(warning.expires) <= now.getTime() ? 'expired' : 'in-force';
  }

  columns(): string[] {
    return [...this.order.keys()].filter(Boolean);
  }

  /** Where in the file this list stands; changes with every change. */
  get position(): string {
    return `${this.inode}:${this.end}`;
  }

  /** Takes in what other processes have added, one reading at a time. */
  refresh(): Promise<void> {
    const turn = this.reading.then(() => this.readOn());
    this.reading = turn.catch(() => undefined);
    return turn;
  }

  private async readOn(): Promise<void> {
    let about;
    try {
      about = await stat(this.path, { bigint: true });
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.forget();
      return;
    }
    if (about.ino !== this.inode || Number(about.size) < this.end) this.forget();
    if (Number(about.size) === this.end) return;
    const handle = await open(this.path, 'r');
    try {
      const bytes = Buffer.alloc(Number(about.size) - this.end);
      await handle.read(bytes, 0, bytes.length, this.end);
      // A line without its end is one that a crash has cut: its writer will write it again.
      const whole = bytes.lastIndexOf(0x0a) + 1;
      for (const line of bytes.subarray(0, whole).toString('utf8').split('\n')) if (line) this.take(line);
      this.inode = about.ino;
      this.end += whole;
    } finally {
      await handle.close();
    }
  }

  /** Adds lines to the file and to this list. Only under the site's lock, after `refresh`. */
  async append(added: readonly Line[]): Promise<void> {
    if (this.lines > 2 * this.entries.size + 1_000) {
      await writeWhole(
        this.path,
        this.list()
          .map((entry) => `${JSON.stringify(entry)}\n`)
          .join(''),
        0o600,
      );
      this.forget();
      await this.refresh();
    }
    const handle = await open(this.path, 'a', 0o600);
    try {
      const { size } = await handle.stat();
      const torn = size > this.end ? '\n' : '';
      await handle.appendFile(`${torn}${added.map((line) => `${JSON.stringify(line)}\n`).join('')}`);
    } finally {
      await handle.close();
    }
    await this.refresh();
  }

  private forget(): void {
    this.entries.clear();
    this.order.clear();
    this.naming.clear();
    this.emergencies.clear();
    this.inode = 0n;
    this.end = this.lines = 0;
  }

  private take(text: string): void {
    const line = parse(text);
    if (!line) return;
    this.lines += 1;
    const old = this.entries.get(line.id);
    if (old) {
      for (const column of ['', ...old.columns]) this.remove(column, old);
      for (const other of namedBy(old)) this.naming.get(other)?.delete(old.id);
    }
    this.entries.delete(line.id);
    this.emergencies.delete(line.id);
    if ('gone' in line) return;
    this.entries.set(line.id, line);
    if (line.kind === 'emergency') this.emergencies.set(line.id, line);
    for (const column of ['', ...line.columns]) this.insert(column, line);
    for (const other of namedBy(line)) this.naming.set(other, (this.naming.get(other) ?? new Set()).add(line.id));
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

/** What a crash has left of a line is no line. */
function parse(text: string): Line | undefined {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
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

/** Where the file stands, without reading it. */
export async function positionOf(site: SiteFolder): Promise<string> {
  try {
    const { ino, size } = await stat(join(site.state, 'catalog.jsonl'), { bigint: true });
    return `${ino}:${size}`;
  } catch (error) {
    if (isMissing(error)) return '0:0';
    throw error;
  }
}

const known = new LRUCache<string, Catalog>({
  maxSize: 400_000,
  sizeCalculation: (catalog) => catalog.entries.size + 100,
});

/** The site's list, up to date. */
export async function openCatalog(site: SiteFolder): Promise<Catalog> {
  const catalog = known.get(site.state) ?? new Catalog(site);
  await catalog.refresh();
  known.set(site.state, catalog);
  return catalog;
}
