/** What programs read of a site: RSS 2.0, Atom 1.0 (RFC 4287) and JSON Feed 1.1 of the newest articles, and the warnings in force. */
import type { DayHead } from '../../channel.js';
import { changedAt, type Catalog, type Entry } from './catalog.js';
import { columnHref } from './draw.js';
import { headEntry, headsAddress, newestOnPage } from './heads.js';
import { articleAddress, pageLanguage, type Site } from './look.js';
import { block, element, line, xmlDocument } from './xml.js';

const newest = 30;
/** An empty feed is as old as time: nothing may change by being drawn again. */
const never = new Date(0).toISOString();

/** RSS has room for a mail address only where it names an author, so his name stands in the element of Dublin Core. */
export function rssFeed(site: Site, list: readonly Entry[]): string {
  const { settings, address } = site;
  const items = list.slice(-newest).reverse();
  return xmlDocument(
    element(
      'rss',
      {
        version: '2.0',
        'xmlns:atom': 'http://www.w3.org/2005/Atom',
        'xmlns:dc': 'http://purl.org/dc/elements/1.1/',
      },
      block('channel', {}, [
        line('title', settings.siteName),
        line('link', `${address}/`),
        line('description', `${settings.siteName}发布的信息`),
        line('language', 'zh-CN'),
        line('lastBuildDate', inRss(newestOf(items))),
        line('generator', 'Lianfa'),
        element('atom:link', { rel: 'self', type: 'application/rss+xml', href: `${address}/rss.xml` }),
        ...items.map((entry) => rssItem(articleAddress(site, entry.id), entry)),
      ]),
    ),
  );
}

function rssItem(link: string, entry: Entry): string {
  return block('item', {}, [
    line('title', entry.title),
    line('link', link),
    line('guid', link, { isPermaLink: 'true' }),
    line('description', entry.summary || entry.title),
    line('dc:creator', entry.source),
    ...entry.columns.map((name) => line('category', name)),
    line('pubDate', inRss(entry.at)),
  ]);
}

/** `head`: the newest of the hub's book, which stands after the articles. */
export function atomFeed(site: Site, list: readonly Entry[], column?: string, head?: DayHead): string {
  const { settings, address } = site;
  const home = column === undefined ? `${address}/` : new URL(columnHref(site, column), address).href;
  return atom(site, {
    home,
    self: `${home}atom.xml`,
    id: home,
    title: column === undefined ? settings.siteName : `${column}_${settings.siteName}`,
    entries: list.slice(-newest).reverse(),
    more: () => '',
    heads: head ? [head] : [],
  });
}

/** Each with its message of the Common Alerting Protocol. A list without any says that none is in force. */
export function warningsFeed(site: Site, catalog: Catalog, now: Date): string {
  const { settings, address } = site;
  const inForce = [...catalog.emergencies.values()]
    .filter((entry) => catalog.forceOf(entry, now) === 'in-force')
    .sort((left, right) => (changedAt(left) < changedAt(right) ? 1 : -1));
  return atom(site, {
    home: `${address}/`,
    self: `${address}/warnings.xml`,
    id: `${address}/warnings.xml`,
    title: `${settings.siteName} 生效中的预警`,
    entries: inForce,
    more: (entry) =>
      element('link', {
        rel: 'alternate',
        type: 'application/cap+xml',
        href: `${articleAddress(site, entry.id)}/cap.xml`,
      }),
  });
}

/** The heads of days of the hub's book, as in the site's own feed. */
export function headsFeed(site: Site, heads: readonly DayHead[]): string {
  const { page, feed } = headsAddress(site);
  return atom(site, {
    home: page,
    self: feed,
    id: feed,
    title: `${site.settings.siteName} 审计链头`,
    entries: [],
    more: () => '',
    heads: newestOnPage(heads),
  });
}

interface AtomParts {
  home: string;
  self: string;
  id: string;
  title: string;
  entries: readonly Entry[];
  more(entry: Entry): string;
  heads?: readonly DayHead[];
}

function atom(site: Site, { home, self, id, title, entries, more, heads = [] }: AtomParts): string {
  return xmlDocument(
    block('feed', { xmlns: 'http://www.w3.org/2005/Atom', 'xml:lang': 'zh-CN' }, [
      line('id', id),
      line('title', title),
      line('updated', latest([newestOf(entries), ...heads.map(({ at }) => at)])),
      element('author', {}, line('name', site.settings.sponsor ?? site.organization)),
      element('link', { rel: 'alternate', type: 'text/html', href: home }),
      element('link', { rel: 'self', type: 'application/atom+xml', href: self }),
      line('generator', 'Lianfa'),
      ...entries.map((entry) => atomEntry(articleAddress(site, entry.id), entry, more(entry))),
      ...heads.map((head) => headEntry(site, head)),
    ]),
  );
}

function atomEntry(link: string, entry: Entry, more: string): string {
  return block('entry', {}, [
    line('id', link),
    line('title', entry.title),
    line('updated', changedAt(entry)),
    line('published', entry.at),
    element('author', {}, line('name', entry.source)),
    element('link', { rel: 'alternate', type: 'text/html', href: link }),
    more,
    ...entry.columns.map((name) => element('category', { term: name, label: name })),
    line('summary', entry.summary || entry.title),
  ]);
}

export function jsonFeed(site: Site, list: readonly Entry[]): string {
  const { settings, address } = site;
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: settings.siteName,
    home_page_url: `${address}/`,
    feed_url: `${address}/feed.json`,
    language: 'zh-CN',
    authors: [{ name: settings.sponsor ?? site.organization, url: `${address}/` }],
    items: list
      .slice(-newest)
      .reverse()
      .map((entry) => ({
        id: articleAddress(site, entry.id),
        url: articleAddress(site, entry.id),
        title: entry.title,
        content_text: entry.summary || entry.title,
        date_published: entry.at,
        ...(entry.revised !== undefined && { date_modified: entry.revised }),
        ...(entry.picture !== undefined && { image: `${address}/${entry.picture}` }),
        authors: [{ name: entry.source }],
        tags: [...new Set([...entry.columns, ...entry.keywords])],
        language: pageLanguage(entry.language),
      })),
  });
}

/** Lets a browser search the site from its address bar. */
export function openSearch({ settings, address }: Site): string {
  return xmlDocument(
    element(
      'OpenSearchDescription',
      { xmlns: 'http://a9.com/-/spec/opensearch/1.1/' },
      [
        line('ShortName', [...settings.siteName].slice(0, 16).join('')),
        line('Description', `搜索${settings.siteName}`),
        element('Url', { type: 'text/html', template: `${address}/search?q={searchTerms}` }),
      ].join(''),
    ),
  );
}

/** For the site's own host; where the hub shows it, the hub's own file counts (RFC 9309, section 2.3). */
export function robots({ address }: Site): string {
  const root = new URL(address).pathname.replace(/\/$/, '');
  return `User-agent: *\nDisallow: ${root}/search\nDisallow: ${root}/micropub\nAllow: ${root}/\n\nSitemap: ${address}/sitemap.xml\n`;
}

function newestOf(entries: readonly Entry[]): string {
  return latest(entries.map(changedAt));
}

function latest(instants: readonly string[]): string {
  return instants.reduce((newer, instant) => (instant > newer ? instant : newer), never);
}

/** RFC 822, as RSS wants it. */
function inRss(instant: string): string {
  return new Date(instant).toUTCString();
}
