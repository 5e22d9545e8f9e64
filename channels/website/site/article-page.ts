/** One article's page. */
import { beijingDay, beijingMinute } from '../../beijing-calendar.js';
import { loadTemplate } from '../../templates.js';
import type { Change, PolicyHeader } from '../../channel.js';
import { emergencyWords, type Emergency } from '../../emergency.js';
import type { WebsitePayload } from '../payload.js';
import type { Article } from './article.js';
import type { Entry, Standing } from './catalog.js';
import { columnHref, columnMetas, drawPage, inScript, type Named } from './draw.js';
import { overMark, overNote } from './in-force.js';
import { articleAddress, pageLanguage, rootOf, sizeOf, type Site } from './look.js';

const main = loadTemplate<Record<string, unknown>>('website', 'article');

/** Public articles of the same site that this one interprets, and that interpret it. */
export interface Relatives {
  policies: Linkable[];
  interpretations: Linkable[];
}

type Linkable = Pick<Entry, 'id' | 'title' | 'at'>;

/** `standing`: how the article's warning stands, where it carries one. */
export function articlePage(
  site: Site,
  article: Article,
  relatives: Relatives,
  standing: Standing | undefined,
): string {
  return draw(site, article, relatives, standing, (path) => `${rootOf(site)}/${path}`, false);
}

/** Whether a page is that of the article's revision: a record is written before its page, and a crash may come between. */
export function showsRevision(page: string, { revision }: Article): boolean {
  return page.includes(`"version":${inScript(revision)}`);
}

/** The page as it will be, with its style inside; pictures come from the newsroom's own store. */
export function previewOf(payload: WebsitePayload, site: Site, signedAt: Date): string {
  const article: Article = {
    id: payload.release,
    version: 1,
    revision: payload.revision,
    state: 'public',
    publishedAt: signedAt.toISOString(),
    kind: payload.kind,
    language: payload.language,
    title: payload.title,
    summary: payload.summary,
    body: payload.body,
    toc: payload.toc,
    source: payload.source,
    columns: payload.columns,
    keywords: payload.keywords,
    pictures: payload.pictures.map((picture) => ({ ...picture, path: picture.hash })),
    attachments: payload.attachments.map((attachment) => ({ ...attachment, path: attachment.hash })),
    ...(payload.author !== undefined && { author: payload.author }),
    ...(payload.cover !== undefined && { cover: payload.cover }),
    ...(payload.policy && { policy: payload.policy }),
    ...(payload.warning && { warning: payload.warning }),
  };
  // Only its own site knows what the others are called.
  const unnamed = (ids: readonly string[] = []): Linkable[] =>
    ids.map((id) => ({ id, title: '（发布后显示标题）', at: signedAt.toISOString() }));
  return draw(
    site,
    article,
    { policies: unnamed(payload.interprets), interpretations: unnamed(payload.interpretations) },
    previewStanding(payload.warning),
    (hash) => `/api/v1/media/${hash}`,
    true,
  );
}

/** Nobody knows yet when it goes out. */
function previewStanding(warning: Emergency | undefined): Standing | undefined {
  if (warning?.status === 'Exercise') return { force: 'drill' };
  return warning?.msgType === 'Cancel' ? { force: 'lifted' } : undefined;
}

/** What the page says of a warning that is over, with a way to whoever says so. */
function overOf(site: Site, { id, language, warning }: Article, standing: Standing | undefined) {
  const mark = overMark(standing?.force, language);
  if (!standing || mark === undefined) return undefined;
  const lifts = warning?.msgType === 'Cancel' ? warning.references.find(({ release }) => release === id) : warning;
  const { by } = standing;
  return {
    mark,
    note: overNote(standing, lifts?.expires, language) ?? '',
    href: by === undefined ? '' : `${rootOf(site)}/articles/${by}`,
  };
}

function draw(
  site: Site,
  article: Article,
  relatives: Relatives,
  standing: Standing | undefined,
  fileAddress: (path: string) => string,
  inline: boolean,
): string {
  const root = rootOf(site);
  const column = article.columns[0] ?? '';
  const { policy } = article;
  const state = validityOf(policy);
  const over = overOf(site, article, standing);
  const { warning } = article;
  const words = emergencyWords({ emergency: warning, language: article.language, source: article.source });
  const linked = (list: readonly Linkable[]) =>
    list.map(({ id, title, at }) => ({ href: `${root}/articles/${id}`, title, at, day: beijingDay(at) }));
  return drawPage(
    site,
    {
      title: `${article.title}_${site.settings.siteName}`,
      language: article.language,
      metas: [...columnMetas(site, column), ...articleMetas(site, article, fileAddress)],
      properties: properties(site, article),
      canonical: articleAddress(site, article.id),
      data: structured(site, article, relatives),
      place: { column, exact: false },
      ...(warning && {
        alternate: { type: 'application/cap+xml', title: 'CAP 1.2', href: `${root}/articles/${article.id}/cap.xml` },
      }),
      main: main({
        // A headline breaks at its own blank first.
        parts: article.title.split(' '),
        lang: pageLanguage(article.language),
        at: article.publishedAt,
        time: beijingMinute(article.publishedAt),
        source: article.source,
        author: article.author ?? '',
        revised: article.revisedAt
          ? { ...changeWords[article.change ?? 'other'], at: article.revisedAt, time: beijingMinute(article.revisedAt) }
          : undefined,
        over,
        trail: [
          { name: '首页', href: `${root}/` },
          { name: column, href: columnHref(site, column) },
        ],
        validity: state.mark,
        validityNote: state.note,
        warning:
          warning && words
            ? {
                level: over ? 'over' : warning.level,
                headline: words.headline,
                drill: words.drill ? words.drillWord : '',
                facts: words.facts,
              }
            : undefined,
        header: policy ? documentHeader(policy, article.title, beijingDay(article.publishedAt)) : [],
        policies: linked(relatives.policies),
        interpretations: linked(relatives.interpretations),
        toc: article.toc,
        body: article.body.replace(/src="media:([0-9a-f]{64})"/g, (_, hash: string) => {
          const picture = article.pictures.find((entry) => entry.hash === hash);
          return `src="${fileAddress(picture?.path ?? '')}"`;
        }),
        attachments: article.attachments.map(({ path, name, mime, bytes }) => ({
          href: fileAddress(path),
          name,
          type: typeName(name, mime),
          size: sizeOf(bytes),
        })),
      }),
    },
    inline,
  );
}

/** 《政府网站发展指引》: an article page carries the labels of site, column and article together. */
function articleMetas(site: Site, article: Article, fileAddress: (path: string) => string): Named[] {
  const picture = firstPicture(article);
  const optional = {
    Keywords: article.keywords.join(','),
    Author: article.author ?? '',
    Description: article.summary,
    Image: picture ? new URL(fileAddress(picture.path), `${site.address}/`).href : '',
    Url: articleAddress(site, article.id),
    description: article.summary,
  };
  return [
    { name: 'ArticleTitle', content: article.title },
    { name: 'PubDate', content: beijingMinute(article.publishedAt) },
    { name: 'ContentSource', content: article.source },
    ...Object.entries(optional)
      .filter(([, content]) => content)
      .map(([name, content]) => ({ name, content })),
  ];
}

function properties(site: Site, article: Article): Named[] {
  const picture = firstPicture(article);
  return [
    { name: 'og:type', content: 'article' },
    { name: 'og:title', content: article.title },
    { name: 'og:site_name', content: site.settings.siteName },
    { name: 'og:url', content: articleAddress(site, article.id) },
    ...(article.summary ? [{ name: 'og:description', content: article.summary }] : []),
    ...(picture ? [{ name: 'og:image', content: `${site.address}/${picture.path}` }] : []),
  ];
}

function structured(site: Site, article: Article, { policies }: Relatives): unknown {
  const organization = { '@type': 'GovernmentOrganization', name: site.settings.sponsor ?? site.organization };
  const picture = firstPicture(article);
  return {
    '@context': 'https://schema.org',
    '@graph': [
      {
        '@type': article.kind === 'news' || article.kind === 'live' ? 'NewsArticle' : 'Article',
        headline: article.title,
        inLanguage: pageLanguage(article.language),
        url: articleAddress(site, article.id),
        mainEntityOfPage: articleAddress(site, article.id),
        datePublished: article.publishedAt,
        dateModified: article.revisedAt ?? article.publishedAt,
        version: article.revision,
        publisher: organization,
        // A name of more than four characters is a unit's.
        author: article.author
          ? { '@type': [...article.author].length > 4 ? 'GovernmentOrganization' : 'Person', name: article.author }
          : organization,
        articleSection: article.columns,
        ...(article.summary && { description: article.summary }),
        ...(article.keywords.length && { keywords: article.keywords }),
        ...(picture && { image: `${site.address}/${picture.path}` }),
        ...(policies.length && { isBasedOn: policies.map(({ id }) => articleAddress(site, id)) }),
        isPartOf: { '@type': 'WebSite', name: site.settings.siteName, url: `${site.address}/` },
      },
      {
        '@type': 'BreadcrumbList',
        itemListElement: [
          { '@type': 'ListItem', position: 1, name: site.settings.siteName, item: `${site.address}/` },
          {
            '@type': 'ListItem',
            position: 2,
            name: article.columns[0],
            item: new URL(columnHref(site, article.columns[0] ?? ''), site.address).href,
          },
          { '@type': 'ListItem', position: 3, name: article.title },
        ],
      },
    ],
  };
}

/** 更正 and 续报 are said by name; what a Micropub client or a warning changes is an update. */
const changeWords: Readonly<Record<Change | 'other', { mark: string; done: string }>> = {
  correction: { mark: '已更正', done: '更正' },
  update: { mark: '续报', done: '更新' },
  other: { mark: '', done: '更新' },
};

function firstPicture(article: Article): Article['pictures'][number] | undefined {
  return article.pictures.find(({ hash }) => hash === article.cover) ?? article.pictures[0];
}

/** What must stand on the page of a document that has been amended or abolished (国办发〔2017〕47号). */
function validityOf(policy: PolicyHeader | undefined): { mark: string; note: string } {
  const mark = policy?.validity?.trim() ?? '';
  const notes: Record<string, string> = {
    已修改: '本文件已被修改，请同时查阅修改后的文件。',
    失效: '本文件已失效，不再作为行政管理的依据。',
    已失效: '本文件已失效，不再作为行政管理的依据。',
    废止: '本文件已被废止，不再执行。',
    已废止: '本文件已被废止，不再执行。',
    部分失效: '本文件部分条款已失效，请核对后使用。',
  };
  return mark === '' || mark === '有效'
    ? { mark: '', note: '' }
    : { mark, note: notes[mark] ?? '请核对本文件的效力后使用。' };
}

/** The header of a public document, in the order of gov.cn. */
export function documentHeader(
  policy: PolicyHeader | undefined,
  title?: string,
  published?: string,
): { name: string; value: string; wide: boolean }[] {
  const rows: [string, string | undefined, boolean?][] = [
    ['索引号', policy?.index],
    ['主题分类', policy?.topic],
    ['发文机关', policy?.issuer],
    ['成文日期', policy?.signed && chineseDate(policy.signed)],
    ['标题', title, true],
    ['发文字号', policy?.number],
    ['发布日期', published && chineseDate(published)],
    ['有效性', policy?.validity],
    ['主题词', policy?.keywords?.join(' ')],
  ];
  return rows.flatMap(([name, value, wide = false]) => (value ? [{ name, value, wide }] : []));
}

function chineseDate(day: string): string {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  return year === undefined ? day : `${year}年${Number(month)}月${Number(date)}日`;
}

function typeName(name: string, mime: string): string {
  return (/\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1] ?? mime.split('/')[1] ?? '文件').toUpperCase();
}
