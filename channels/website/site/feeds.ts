/** RSS 2.0, Atom 1.0 and JSON Feed 1.1 of the newest articles. */
import { Feed } from 'feed';
import type { Entry } from './catalog.js';
import { columnHref } from './draw.js';
import { articleAddress, pageLanguage, type Site } from './look.js';
import { xml } from './sitemap.js';

const newest = 30;

export function rssFeed(site: Site, list: readonly Entry[]): string {
  return feedOf(site, list).rss2();
}

export function atomFeed(site: Site, list: readonly Entry[], column?: string): string {
  return feedOf(site, list, column).atom1();
}

function feedOf(site: Site, list: readonly Entry[], column?: string): Feed {
  const { settings, address } = site;
  const home = column === undefined ? `${address}/` : new URL(columnHref(site, column), address).href;
  const items = list.slice(-newest).reverse();
  const author = { name: settings.sponsor ?? site.organization };
  const feed = new Feed({
    id: home,
    title: column === undefined ? settings.siteName : `${column}_${settings.siteName}`,
    description: `${settings.siteName}发布的信息`,
    link: home,
    language: 'zh-CN',
    author,
    copyright: author.name,
    generator: 'Lianfa',
    feedLinks: { atom: column === undefined ? `${address}/atom.xml` : `${home}atom.xml`, rss: `${address}/rss.xml` },
    // An empty feed is as old as time: nothing may change by being drawn again.
    updated: new Date(
      items.reduce((latest, entry) => (changed(entry) > latest ? changed(entry) : latest), new Date(0).toISOString()),
    ),
  });
  for (const entry of items) {
    const link = articleAddress(site, entry.id);
    feed.addItem({
      id: link,
      guid: link,
      link,
      title: entry.title,
      description: entry.summary || entry.title,
      published: new Date(entry.at),
      date: new Date(changed(entry)),
      category: entry.columns.map((name) => ({ name })),
      author: [{ name: entry.source }],
    });
  }
  return feed;
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
  return `<?xml version="1.0" encoding="UTF-8"?>\n<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/"><ShortName>${xml([...settings.siteName].slice(0, 16).join(''))}</ShortName><Description>${xml(`搜索${settings.siteName}`)}</Description><Url type="text/html" template="${xml(`${address}/search?q=`)}{searchTerms}"/></OpenSearchDescription>\n`;
}

function changed({ at, revised }: Entry): string {
  return revised ?? at;
}
