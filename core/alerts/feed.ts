/**
 * A feed of alerts: Atom (RFC 4287), RSS 2.0 or 1.0. Each entry is reduced to what names it and where its alert is: within
 * the entry, or behind the link that says by its type that it is one; where no link says anything, behind the first.
 * Half a feed is none. Pure.
 */
import type { SaxesTagNS } from 'saxes';
import { tidyLine } from '../text.js';
import type { AlertFault } from './alert.js';
import { textOf } from './decode.js';
import { Fault, local, malformed, openParser } from './xml.js';

export interface FeedEntry {
  /** The feed's own name of it, else its link. */
  id: string;
  title: string;
  updated?: Date;
  /** Where its alert is; absent where it has none. */
  alert?: { link: string } | { text: string; line: number };
}

export interface Feed {
  /** What it says of its own last change. */
  updated?: Date;
  entries: FeedEntry[];
  /** Entries beyond those taken. */
  more: number;
}

type ReadFeed = { feed: Feed } | { fault: AlertFault };

/** Bytes of a feed, and entries that are looked at. */
export const feedBounds = { bytes: 8 * 1024 * 1024, entries: 1_000 };
const bounds = { elements: 300_000, depth: 60, links: 10, text: 2_000 };

const atom = 'http://www.w3.org/2005/Atom';
const rss1 = 'http://purl.org/rss/1.0/';
const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const dublin = 'http://purl.org/dc/elements/1.1/';
const cap = 'urn:oasis:names:tc:emergency:cap:';

/** `address`: where the feed was read, to which its links are relative. @throws nothing: what is wrong is answered */
export function readFeed(bytes: Buffer, address: string): ReadFeed {
  const decoded = textOf(bytes);
  if ('fault' in decoded) return decoded;
  try {
    return { feed: new Reading(decoded.text, address).read() };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.fault };
    throw error;
  }
}

interface Open {
  uri: string;
  name: string;
  /** Against which links within it are resolved. */
  base: string;
  /** Namespaces declared here, by prefix. */
  declared: Record<string, string>;
  text: string;
}

/** How surely a link leads to an alert; the lowest is taken. */
const ranks = { alert: 0, xml: 1, untyped: 2, guid: 3 } as const;

interface Draft {
  id: string;
  title: string;
  updated: string;
  published: string;
  links: { link: string; rank: number }[];
  embedded: { text: string; line: number }[];
}

/** An alert that began within an entry. */
interface Begun {
  from: number;
  line: number;
  depth: number;
  tag: string;
  /** Namespaces that it stands under. */
  declared: Record<string, string>;
}

class Reading {
  readonly #text: string;
  readonly #address: string;
  readonly #open: Open[] = [];
  readonly #parser = openParser();
  readonly #feed: Feed = { entries: [], more: 0 };
  #entries = 0;
  #elements = 0;
  #draft: Draft | undefined;
  /** The entry's depth, and where the alert within it began. */
  #depth = 0;
  #alert: Begun | undefined;
  #began = { at: 0, line: 1 };

  constructor(text: string, address: string) {
    this.#text = text;
    this.#address = address;
  }

  /** @throws Fault */
  read(): Feed {
    if (this.#text.trim() === '')
      throw new Fault('feed', 1, {
        zh: '应答是空的，其中没有订阅源。',
        en: 'the answer is empty: there is no feed in it.',
      });
    const parser = this.#parser;
    parser.on('error', ({ message }) => {
      throw malformed(message, this.#open.at(-1)?.name ?? 'feed', parser.line);
    });
    parser.on('doctype', (declared) => refuseDoctype(declared, parser.line));
    parser.on('opentagstart', () => {
      this.#began = { at: this.#text.lastIndexOf('<', parser.position - 1), line: parser.line };
    });
    parser.on('opentag', (tag) => this.#begin(tag));
    const take = (part: string): void => {
      const inside = this.#open.at(-1);
      if (inside && !this.#alert && inside.text.length < bounds.text) inside.text += part;
    };
    parser.on('text', take);
    parser.on('cdata', take);
    parser.on('closetag', () => this.#end());
    parser.write(this.#text).close();
    return this.#feed;
  }

  #begin(tag: SaxesTagNS): void {
    this.#elements += 1;
    if (this.#elements > bounds.elements || this.#open.length > bounds.depth)
      throw tooMuch(tag.local, this.#began.line);
    if (this.#open.length === 0) requireFeed(tag, this.#began.line);
    const above = this.#open.at(-1)?.base ?? this.#address;
    const said = tag.attributes['xml:base']?.value.trim();
    const base = said === undefined ? above : (resolved(said, above) ?? above);
    const declared = { ...tag.ns };
    if (!this.#draft && isEntry(tag, this.#open.at(-1))) {
      this.#draft = { id: '', title: '', updated: '', published: '', links: [], embedded: [] };
      this.#depth = this.#open.length;
    }
    if (this.#draft && !this.#alert && tag.local === 'alert' && tag.uri.startsWith(cap))
      this.#alert = {
        from: this.#began.at,
        line: this.#began.line,
        depth: this.#open.length,
        tag: tag.name,
        declared: lacking(this.#open, declared),
      };
    else if (this.#draft && !this.#alert && this.#open.length === this.#depth + 1) addLink(this.#draft, tag, base);
    this.#open.push({ uri: tag.uri, name: tag.local, base, declared, text: '' });
  }

  #end(): void {
    const done = this.#open.pop();
    if (!done) return;
    const depth = this.#open.length;
    const parent = this.#open.at(-1);
    if (this.#alert) {
      if (depth === this.#alert.depth) this.#embed(this.#alert);
      return;
    }
    if (!this.#draft) {
      if (parent && isHead(parent, depth)) this.#tellOfFeed(done);
      return;
    }
    if (depth === this.#depth + 1) addText(this.#draft, done);
    if (depth === this.#depth) {
      this.#keep(this.#draft);
      this.#draft = undefined;
    }
  }

  #embed({ from, line, declared, tag }: Begun): void {
    const text = this.#text.slice(from, this.#parser.position);
    const added = Object.entries(declared)
      .map(([prefix, uri]) => ` xmlns${prefix && `:${prefix}`}="${escaped(uri)}"`)
      .join('');
    const name = tag.length + 1;
    this.#draft?.embedded.push({ text: text.slice(0, name) + added + text.slice(name), line });
    this.#alert = undefined;
  }

  #tellOfFeed({ uri, name, text }: Open): void {
    const isDate = (uri === atom && name === 'updated') || (uri === '' && /^(lastBuildDate|pubDate)$/.test(name));
    const date = isDate || (uri === dublin && name === 'date') ? dateOf(text) : undefined;
    if (date && date > (this.#feed.updated ?? new Date(0))) this.#feed.updated = date;
  }

  #keep(draft: Draft): void {
    this.#entries += 1;
    if (this.#entries > feedBounds.entries) {
      this.#feed.more += 1;
      return;
    }
    const updated = dateOf(draft.updated) ?? dateOf(draft.published);
    const common = { title: tidyLine(draft.title).slice(0, 200), ...(updated && { updated }) };
    const links = chosen(draft.links);
    const id = (draft.id.trim() || links[0] || common.title).slice(0, bounds.text);
    const alerts = draft.embedded.length > 0 ? draft.embedded : links.map((link) => ({ link }));
    if (alerts.length === 0) this.#feed.entries.push({ id, ...common });
    for (const alert of alerts) this.#feed.entries.push({ id, ...common, alert });
  }
}

/** @throws Fault */
function requireFeed({ local: name, uri }: SaxesTagNS, line: number): void {
  const isFeed = (name === 'feed' && uri === atom) || (name === 'rss' && uri === '') || (name === 'RDF' && uri === rdf);
  if (isFeed) return;
  if (/^html$/i.test(name)) throw page(name, line);
  throw new Fault(name, line, {
    zh: `这不是 Atom 或 RSS 订阅源：最外层是 ${name}${name === 'alert' ? '（单独一条预警）' : ''}。`,
    en: `this is no Atom or RSS feed: its outermost element is ${name}${name === 'alert' ? ', one alert by itself' : ''}.`,
  });
}

/** A declaration of its own could make anything of the file; one that only names a type is harmless. @throws Fault */
function refuseDoctype(declared: string, line: number): void {
  const [name = ''] = declared.trim().split(/[\s[]/, 1);
  if (/^html$/i.test(name)) throw page(name, line);
  if (declared.includes('['))
    throw new Fault('DOCTYPE', line, {
      zh: '不接受带声明的 DOCTYPE（自定义实体）。',
      en: 'a DOCTYPE with declarations is not taken.',
    });
}

function page(name: string, line: number): Fault {
  return new Fault(local(name), line, {
    zh: '对方给的不是订阅源，而是一个网页。',
    en: 'what the server gave is no feed but a page.',
  });
}

function isEntry({ local: name, uri }: SaxesTagNS, parent: Open | undefined): boolean {
  if (name === 'entry') return uri === atom && parent?.name === 'feed';
  return name === 'item' && (uri === '' || uri === rss1) && parent !== undefined;
}

/** Whether what is right in it is said of the feed as a whole. */
function isHead({ name }: Open, depth: number): boolean {
  return (name === 'feed' && depth === 1) || (name === 'channel' && depth === 2);
}

function addLink({ links }: Draft, { local: name, uri, attributes }: SaxesTagNS, base: string): void {
  const value = (key: string): string | undefined => attributes[key]?.value.trim();
  const isLink = uri === atom && name === 'link';
  const href = isLink ? value('href') : uri === atom && name === 'content' ? value('src') : undefined;
  const enclosed = uri === '' && name === 'enclosure' ? value('url') : undefined;
  const link = resolved(href ?? enclosed, base);
  if (link === undefined) return;
  const rank = rankOf(value('type'), isLink ? value('rel') : undefined);
  if (rank !== undefined) links.push({ link, rank });
}

function rankOf(type: string | undefined, rel = 'alternate'): number | undefined {
  const [plain = ''] = (type ?? '').toLowerCase().split(';');
  if (plain.trim() === 'application/cap+xml') return ranks.alert;
  if (!/^(alternate|enclosure|related|describedby)$/.test(rel)) return undefined;
  if (/^(application|text)\/xml$/.test(plain.trim())) return ranks.xml;
  return plain === '' ? ranks.untyped : undefined;
}

function addText(draft: Draft, { uri, name, text, base }: Open): void {
  const said = text.trim();
  if (name === 'title') draft.title ||= said;
  else if ((uri === atom && name === 'id') || name === 'guid') draft.id ||= said;
  else if (uri === atom && name === 'updated') draft.updated ||= said;
  else if (name === 'pubDate' || name === 'published' || (uri === dublin && name === 'date')) draft.published ||= said;
  // The link of RSS is its text; a guid is an address where nothing better is.
  const isLink = name === 'link' && uri !== atom;
  const link = isLink || (name === 'guid' && /^https?:/i.test(said)) ? resolved(said, base) : undefined;
  if (link !== undefined) draft.links.push({ link, rank: isLink ? ranks.untyped : ranks.guid });
}

/** All that say that they are alerts; else the one that comes nearest to it. */
function chosen(links: Draft['links']): string[] {
  const best = Math.min(...links.map(({ rank }) => rank));
  const found = [...new Set(links.filter(({ rank }) => rank === best).map(({ link }) => link))];
  return found.slice(0, best === ranks.alert ? bounds.links : 1);
}

function resolved(said: string | undefined, base: string): string | undefined {
  if (said === undefined || said === '' || said.length > bounds.text) return undefined;
  return URL.canParse(said, base) ? new URL(said, base).href.replace(/#.*$/, '') : undefined;
}

/** Prefixes that an element stands under and does not declare itself. */
function lacking(open: readonly Open[], own: Record<string, string>): Record<string, string> {
  const all: Record<string, string> = {};
  for (const { declared } of open) Object.assign(all, declared);
  return Object.fromEntries(
    Object.entries(all).filter(([prefix, uri]) => !(prefix in own) && uri !== '' && prefix !== 'xml'),
  );
}

function escaped(uri: string): string {
  return uri.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** RFC 3339 and RFC 822 both; undefined for what is none. */
function dateOf(said: string): Date | undefined {
  const date = new Date(said.trim());
  return said.trim() === '' || Number.isNaN(date.getTime()) ? undefined : date;
}

function tooMuch(element: string, line: number): Fault {
  return new Fault(element, line, {
    zh: `元素超过 ${bounds.elements.toLocaleString('en-US')} 个，或嵌套超过 ${bounds.depth} 层。`,
    en: `it has more than ${bounds.elements.toLocaleString('en-US')} elements, or more than ${bounds.depth} levels.`,
  });
}
