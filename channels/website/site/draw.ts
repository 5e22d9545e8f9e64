/** The frame around every page of a site, from the templates. */
import { beijingDay } from '../../beijing-calendar.js';
import { loadTemplate } from '../../templates.js';
import type { WebsitePayload } from '../payload.js';
import type { Entry, Force } from './catalog.js';
import { columnNamed } from './columns.js';
import { overMark } from './in-force.js';
import { pageLanguage, perSite, rootOf, scriptAddress, styleAddress, styles, type Site } from './look.js';

export interface Page {
  title: string;
  language?: string;
  /** Further labels besides those of the site. */
  metas?: Named[];
  properties?: Named[];
  canonical?: string;
  /** Structured data (schema.org). */
  data?: unknown;
  /** Name of the column the page belongs to, or `home`; `exact` where it is that column's own page. */
  place?: { column: string; exact: boolean };
  query?: string;
  /** The same content in another form. */
  alternate?: { type: string; title: string; href: string };
  main: string;
}

export interface Named {
  name: string;
  content: string;
}

const frame = loadTemplate<Record<string, unknown>>('website', 'page');
const post = loadTemplate<Record<string, unknown>>('website', 'post');

const usualNavigation = ['要闻动态', '通知公告', '政策文件', '政策解读', '应急信息'];

/** Columns in the bar on top: the account's own, else the usual. They have pages from the first day. */
export function navigation(site: Site): string[] {
  return site.settings.columns.length ? site.settings.columns.map(({ name }) => name) : usualNavigation;
}

const siteValues = perSite((site) => {
  const { settings } = site;
  const root = rootOf(site);
  return {
    metas: [
      { name: 'SiteName', content: settings.siteName },
      { name: 'SiteDomain', content: settings.siteDomain },
      { name: 'SiteIDCode', content: settings.siteIdCode },
    ],
    nav: [
      { name: '首页', href: `${root}/`, column: 'home' },
      ...navigation(site).map((name) => ({ name, href: columnHref(site, name), column: name })),
    ],
    values: {
      root,
      style: styleAddress(root),
      script: scriptAddress(root),
      siteName: settings.siteName,
      sponsor: settings.sponsor ?? site.organization,
      contact: settings.contact ?? '',
      siteIdCode: settings.siteIdCode,
      icp: settings.icp ?? '',
      police: settings.police ?? '',
      errorReport: settings.errorReport ?? errorReport(site),
    },
  };
});

/** `inline`: with its style inside and no script, for a preview in a frame. */
export function drawPage(site: Site, page: Page, inline = false): string {
  const { metas, nav, values } = siteValues(site);
  return frame({
    ...values,
    lang: pageLanguage(page.language ?? 'zh-Hans'),
    title: page.title,
    canonical: page.canonical ?? '',
    main: page.main,
    query: page.query ?? '',
    metas: [...metas, ...(page.metas ?? [])],
    properties: page.properties ?? [],
    alternate: page.alternate,
    data: page.data === undefined ? '' : inScript(page.data),
    inlineStyle: inline ? styles : '',
    nav: nav.map(({ name, href, column }) => ({
      name,
      href,
      current: page.place?.column === column ? (page.place.exact ? 'page' : 'true') : '',
    })),
  });
}

/** A value as it stands in structured data, where no text may end the script. */
export function inScript(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}

/** What goes to a site with its own look, plainly. */
export function drawPost(payload: WebsitePayload): string {
  return post({
    ...payload,
    author: payload.author ?? '',
    lang: pageLanguage(payload.language),
    inlineStyle: styles,
    body: payload.bare.replace(/src="media:/g, 'src="/api/v1/media/'),
  });
}

/** The national platform's own address for it, as government sites link to it (recalled, not read in a norm). */
function errorReport({ settings, address }: Site): string {
  return `https://zfwzgl.www.gov.cn/exposure/jiucuo.html?${new URLSearchParams({ site_code: settings.siteIdCode, url: address })}`;
}

export function columnHref(site: Site, name: string): string {
  return `${rootOf(site)}/columns/${columnNamed(name, site.settings).slug}/`;
}

export function columnMetas(site: Site, name: string): Named[] {
  const column = columnNamed(name, site.settings);
  return [
    { name: 'ColumnName', content: column.name },
    { name: 'ColumnDescription', content: column.description },
    { name: 'ColumnKeywords', content: column.keywords.join(',') },
    { name: 'ColumnType', content: column.type },
  ];
}

/** An article as it stands in a list; `force` where it carries a warning. */
export function itemOf(root: string, entry: Entry, force: Force | undefined) {
  const language = pageLanguage(entry.language);
  return {
    href: `${root}/articles/${entry.id}`,
    title: entry.title,
    at: entry.at,
    day: beijingDay(entry.at),
    source: entry.source,
    summary: entry.summary,
    lang: language === 'zh-CN' ? '' : language,
    mark: overMark(force) ?? (entry.validity && entry.validity !== '有效' ? entry.validity : ''),
    picture: entry.picture ? `${root}/${entry.picture}` : '',
  };
}
