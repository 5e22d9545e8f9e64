/** The pages that list articles: home, columns, and the notices in place of an article. */
import { beijingMinute } from '../../beijing-calendar.js';
import { loadTemplate } from '../../templates.js';
import type { Catalog, Entry } from './catalog.js';
import { columnNamed, definedColumns, fullPages, pageOf } from './columns.js';
import { columnHref, columnMetas, drawPage, itemOf, navigation } from './draw.js';
import { alertsOf } from './in-force.js';
import { rootOf, type Site } from './look.js';

const home = loadTemplate<Record<string, unknown>>('website', 'home', ['item']);
const column = loadTemplate<Record<string, unknown>>('website', 'column', ['item']);
const notice = loadTemplate<Record<string, unknown>>('website', 'notice');

/** The same articles give the same page, but for warnings that end or have been lifted long enough. */
export function homePage(site: Site, catalog: Catalog, now: Date): string {
  const root = rootOf(site);
  const item = (entry: Entry) => itemOf(root, entry, catalog.forceOf(entry, now));
  const newest = newestOf(catalog.list(), 30);
  const lead = newest.find(({ picture }) => picture) ?? newest[0];
  const { settings } = site;
  // The bar on top first, then what else the site has.
  const names = new Set([...navigation(site), ...definedColumns(settings)]);
  return drawPage(site, {
    title: settings.siteName,
    canonical: `${site.address}/`,
    metas: [{ name: 'description', content: `${settings.siteName}：政务公开、政策文件、通知公告和便民信息。` }],
    place: { column: 'home', exact: true },
    data: {
      '@context': 'https://schema.org',
      '@type': 'WebSite',
      name: settings.siteName,
      url: `${site.address}/`,
      inLanguage: 'zh-CN',
      publisher: { '@type': 'GovernmentOrganization', name: settings.sponsor ?? site.organization },
      potentialAction: {
        '@type': 'SearchAction',
        target: `${site.address}/search?q={search_term_string}`,
        'query-input': 'required name=search_term_string',
      },
    },
    main: home({
      siteName: settings.siteName,
      alerts: alertsOf(catalog, now).map(({ entry, over }) => ({
        ...item(entry),
        over,
        until: !over && entry.warning?.expires ? beijingMinute(entry.warning.expires) : '',
      })),
      lead: lead && { ...item(lead), parts: lead.title.split(' ') },
      latest: newest
        .filter((entry) => entry !== lead)
        .slice(0, 8)
        .map(item),
      boxes: [...names]
        .map((name) => ({ name, list: catalog.list(name) }))
        .filter(({ list }) => list.length)
        .map(({ name, list }, n) => ({
          id: `box-${n + 1}`,
          name,
          href: columnHref(site, name),
          items: newestOf(list, 6).map(item),
        })),
    }),
  });
}

/** Page `n` of a column; the front is one more than the full pages. */
export function columnPage(site: Site, name: string, catalog: Catalog, n: number, now: Date): string {
  const root = rootOf(site);
  const list = catalog.list(name);
  const front = fullPages(list.length) + 1;
  const href = columnHref(site, name);
  const at = (page: number) => (page === front ? href : `${href}${page}.html`);
  const about = columnNamed(name, site.settings);
  return drawPage(site, {
    title: `${name}${n === front ? '' : `（第 ${n} 页）`}_${site.settings.siteName}`,
    canonical: new URL(at(n), site.address).href,
    metas: [...columnMetas(site, name), { name: 'description', content: about.description }],
    place: { column: name, exact: true },
    main: column({
      root,
      name,
      description: about.description,
      items: pageOf(list, n).map((entry) => itemOf(root, entry, catalog.forceOf(entry, now))),
      // A full page must read the same for ever, so it names its neighbours and the front, not how many there are.
      newer: n < front ? `${href}${n + 1}.html` : '',
      older: n > 1 ? at(n - 1) : '',
      pages:
        front === 1
          ? []
          : steps(n, front).map((page) => ({
              gap: page === undefined,
              href: page === undefined ? '' : page === 'front' ? href : at(page),
              current: page === n || (page === 'front' && n === front),
              name: page === 'front' ? '最新' : String(page ?? ''),
              label: page === 'front' ? '最新一页' : `第 ${page ?? ''} 页`,
            })),
    }),
  });
}

/** The numbers under a page: the front, its neighbours and the oldest. On a full page they depend on its own number alone. */
function steps(n: number, front: number): (number | 'front' | undefined)[] {
  if (n === front)
    return [
      'front',
      ...[front - 1, front - 2].filter((page) => page >= 1),
      ...(front > 4 ? [undefined] : []),
      ...(front > 3 ? [1] : []),
    ];
  const near = [n, n - 1, n - 2].filter((page) => page >= 1);
  return ['front', undefined, ...near, ...(n > 4 ? [undefined] : []), ...(n > 3 ? [1] : [])];
}

export function noticePage(site: Site, heading: string, text: string): string {
  return drawPage(site, {
    title: `${heading}_${site.settings.siteName}`,
    metas: [{ name: 'robots', content: 'noindex' }],
    main: notice({ root: rootOf(site), heading, text }),
  });
}

function newestOf(list: readonly Entry[], count: number): Entry[] {
  return list.slice(-count).reverse();
}
