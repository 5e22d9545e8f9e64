/** Columns (栏目): their addresses, their labels, and which articles stand on which of their pages. */
import { createHash } from 'node:crypto';
import type { Kind } from '../../channel.js';
import type { BuiltinSettings } from '../settings.js';
import type { Entry } from './catalog.js';

export interface Column {
  name: string;
  slug: string;
  type: string;
  description: string;
  keywords: string[];
}

export const perPage = 20;

/** Columns that most government sites have; an account's own list goes before these. Types: 《政府网站发展指引》网页标签规范. */
const usual: readonly Column[] = [
  column('要闻动态', 'news', '工作动态', '重要活动、重点工作和最新动态'),
  column('工作动态', 'work', '工作动态', '各项工作的进展和动态'),
  column('政策文件', 'policies', '政策文件', '规章、规范性文件和其他政策文件'),
  column('政策解读', 'interpretations', '政策解读', '政策文件的背景、内容和办理说明'),
  column('通知公告', 'notices', '通知公告', '面向社会公众的通知和公告'),
  column('应急信息', 'emergency', '应急信息', '预警、突发事件和应对措施'),
  column('新闻发布', 'live', '新闻发布', '新闻发布会和在线直播'),
  column('回应关切', 'responses', '回应关切', '对社会关切问题的回应'),
  column('数据发布', 'data', '数据发布', '统计数据和公开数据'),
];

const columnOfKind: Record<Kind, string> = {
  news: '要闻动态',
  notice: '通知公告',
  policy: '政策文件',
  interpretation: '政策解读',
  emergency: '应急信息',
  live: '新闻发布',
};

function column(name: string, slug: string, type: string, description: string): Column {
  return { name, slug, type, description, keywords: [name] };
}

/** The columns that a site has: the account's own, else the usual ones. Nobody makes another by naming it. */
export function definedColumns({ columns }: Pick<BuiltinSettings, 'columns'>): string[] {
  return (columns.length ? columns : usual).map(({ name }) => name);
}

/** The columns that a release names, as a remote site is told of them; without any, the one of its kind. */
export function columnsOf(named: readonly string[], kind: Kind): string[] {
  const names = tidy(named);
  return names.length ? names : [columnOfKind[kind]];
}

/**
 * Where an article stands on a site: in those of the named columns that the site has, else in the one of its kind, else
 * in the site's first. `unknown` are names of no column there.
 */
export function placesOf(
  named: readonly string[],
  kind: Kind,
  settings: Pick<BuiltinSettings, 'columns'>,
): { columns: string[]; unknown: string[] } {
  const defined = definedColumns(settings);
  const names = tidy(named);
  const columns = names.filter((name) => defined.includes(name));
  const ofKind = defined.includes(columnOfKind[kind]) ? [columnOfKind[kind]] : defined.slice(0, 1);
  return { columns: columns.length ? columns : ofKind, unknown: names.filter((name) => !defined.includes(name)) };
}

function tidy(named: readonly string[]): string[] {
  return [...new Set(named.map((name) => name.trim().slice(0, 40)).filter(Boolean))];
}

export function columnNamed(name: string, settings: Pick<BuiltinSettings, 'columns'>): Column {
  const own = settings.columns.find((entry) => entry.name === name);
  if (own)
    return {
      name,
      slug: own.slug,
      type: own.type ?? name,
      description: own.description ?? `${name}栏目发布的信息`,
      keywords: own.keywords ?? [name],
    };
  const known = usual.find((entry) => entry.name === name);
  if (known && !settings.columns.some(({ slug }) => slug === known.slug)) return known;
  return column(
    name,
    `c-${createHash('sha256').update(name).digest('hex').slice(0, 10)}`,
    name,
    `${name}栏目发布的信息`,
  );
}

/**
 * Pages count from the oldest: page n holds the n-th twenty, and once full it never changes. The newest page, the
 * column's front, holds what is not yet a full page and the page before it.
 */
export function fullPages(count: number): number {
  return Math.max(0, Math.floor(count / perPage) - 1);
}

/** Articles of page `n` (from 1), newest first; of the front if `n` is one more than the full pages. */
export function pageOf(list: readonly Entry[], n: number): Entry[] {
  const end = n > fullPages(list.length) ? list.length : n * perPage;
  return list.slice((n - 1) * perPage, end).reverse();
}

/** The page on which the article at this place (from 0, oldest first) stands. */
export function pageAt(place: number, count: number): number {
  return Math.min(Math.floor(place / perPage), fullPages(count)) + 1;
}
