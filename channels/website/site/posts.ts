/** Between an article and the properties (microformats2) by which Micropub speaks of it. */
import { load } from 'cheerio';
import sanitize from 'sanitize-html';
import { z } from 'zod';
import type { Picture } from '../../channel.js';
import { shapeBody } from '../body.js';
import { Refused, type Properties } from '../micropub-request.js';
import type { Article } from './article.js';
import { navigation } from './draw.js';
import type { SiteFolder } from './files.js';
import { articleAddress, type Site } from './look.js';
import { uploadAt, type Upload } from './uploads.js';

/** The closed set of elements in which every body here is kept; it repeats what the newsroom lets through, for this door leads past it. */
const clean: sanitize.IOptions = {
  allowedTags: [
    'p',
    'h2',
    'h3',
    'h4',
    'strong',
    'em',
    'u',
    's',
    'a',
    'ul',
    'ol',
    'li',
    'blockquote',
    'table',
    'caption',
    'thead',
    'tbody',
    'tfoot',
    'tr',
    'th',
    'td',
    'figure',
    'img',
    'figcaption',
    'hr',
    'br',
    'sup',
    'sub',
    'code',
    'pre',
    'ruby',
    'rt',
    'video',
    'audio',
  ],
  allowedAttributes: {
    a: ['href'],
    img: ['src', 'alt'],
    td: ['colspan', 'rowspan'],
    th: ['colspan', 'rowspan', 'scope'],
    ol: ['start'],
    li: ['value'],
    video: ['src', 'controls'],
    audio: ['src', 'controls'],
  },
  allowedClasses: { p: ['right', 'center'] },
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowProtocolRelative: false,
  transformTags: {
    h1: 'h2',
    h5: 'h4',
    h6: 'h4',
    b: 'strong',
    i: 'em',
    div: 'p',
    video: sanitize.simpleTransform('video', { controls: '' }),
    audio: sanitize.simpleTransform('audio', { controls: '' }),
  },
};

export function propertiesOf(site: Site, article: Article): Properties {
  const address = (path: string) => `${site.address}/${path}`;
  const $ = load(article.body, null, false);
  $('[id]').removeAttr('id');
  $('.scroll').each((_, element) => {
    $(element).replaceWith($(element).contents());
  });
  $('img').each((_, element) => {
    const picture = article.pictures.find(({ hash }) => `media:${hash}` === $(element).attr('src'));
    if (picture) $(element).attr('src', address(picture.path)).removeAttr('loading').removeAttr('decoding');
  });
  const cover = article.pictures.find(({ hash }) => hash === article.cover);
  return {
    name: [article.title],
    summary: [article.summary],
    content: [{ html: $.html() }],
    published: [article.publishedAt],
    category: [...article.columns, ...article.keywords],
    url: [articleAddress(site, article.id)],
    'mp-slug': [article.id],
    ...(article.revisedAt !== undefined && { updated: [article.revisedAt] }),
    ...(article.author !== undefined && { author: [article.author] }),
    ...(cover && { featured: [address(cover.path)] }),
    ...(article.key !== undefined && { uid: [article.key] }),
  };
}

type Content = Omit<
  Article,
  | 'id'
  | 'seq'
  | 'key'
  | 'posted'
  | 'revision'
  | 'state'
  | 'publishedAt'
  | 'revisedAt'
  | 'interprets'
  | 'interpretations'
>;

/** What of an article the properties say; the rest stays as it was in `old`. @throws Refused for what this site cannot show */
export async function contentFrom(
  folder: SiteFolder,
  site: Site,
  properties: Properties,
  old?: Article,
): Promise<Content> {
  const html = sanitize(htmlOf(properties), clean);
  const photos = [...(properties['photo'] ?? [])].map((photo) => ({ url: textOf(photo), alt: altOf(photo) }));
  const featured = textOf(properties['featured']?.[0]);
  const { body, uploads, links } = await resolve(
    folder,
    site,
    html,
    [...photos.map(({ url }) => url), ...(featured ? [featured] : [])],
    old?.pictures ?? [],
  );
  const cover = featured ? uploads.get(featured)?.hash : undefined;
  const pictures = new Map<string, Article['pictures'][number]>();
  for (const [url, { hash, path, width = 0, height = 0 }] of uploads) {
    if (!pictures.has(hash))
      pictures.set(hash, {
        hash,
        path,
        width,
        height,
        alt:
          photos.find((photo) => photo.url === url)?.alt ??
          old?.pictures.find((entry) => entry.hash === hash)?.alt ??
          '',
      });
  }
  const shaped = shapeBody(
    body,
    [...pictures.values()] satisfies Picture[],
    new Set(cover === undefined ? [] : [cover]),
  );
  const title =
    textOf(properties['name']?.[0]).replace(/\s+/g, ' ').trim() || [...shaped.opening].slice(0, 40).join('');
  if (!title) throw new Refused(400, 'invalid_request', 'a post needs a name or content');
  const categories = [
    ...new Set((properties['category'] ?? []).map((value) => textOf(value).trim().slice(0, 40)).filter(Boolean)),
  ];
  const columns = categories.filter((name) => navigation(site).includes(name) || old?.columns.includes(name));
  const author = textOf(properties['author']?.[0]).trim();
  return {
    kind: old?.kind ?? 'news',
    language: old?.language ?? 'zh-Hans',
    title,
    summary: textOf(properties['summary']?.[0]).replace(/\s+/g, ' ').trim() || shaped.opening,
    body: shaped.html,
    toc: shaped.toc,
    source: old?.source ?? (author || site.settings.sponsor || site.organization),
    columns: columns.length ? columns : navigation(site).slice(0, 1),
    keywords: categories.filter((name) => !columns.includes(name)),
    pictures: [...pictures.values()],
    attachments: old?.attachments ?? [],
    uploads: links,
    ...(author && { author }),
    ...(cover !== undefined && { cover }),
  };
}

/** Pictures must lie on this site: a page here asks nothing of anybody else. */
async function resolve(
  folder: SiteFolder,
  site: Site,
  html: string,
  further: string[],
  present: Article['pictures'],
): Promise<{ body: string; uploads: Map<string, Upload>; links: string[] }> {
  const $ = load(html, null, false);
  const prefix = `${site.address}/`;
  const known = async (url: string): Promise<Upload | undefined> => {
    const path = url.startsWith(prefix) ? url.slice(prefix.length) : '';
    return present.find((picture) => picture.path === path) ?? uploadAt(folder, path);
  };
  const uploads = new Map<string, Upload>();
  for (const url of [
    ...$('img')
      .toArray()
      .map((element) => $(element).attr('src') ?? ''),
    ...further,
  ]) {
    const upload = await known(url);
    if (upload?.width === undefined)
      throw new Refused(400, 'invalid_request', `upload the picture to the media endpoint first: ${url.slice(0, 200)}`);
    uploads.set(url, upload);
  }
  $('img').each((_, element) => {
    $(element).attr('src', `media:${uploads.get($(element).attr('src') ?? '')?.hash ?? ''}`);
  });
  const links: string[] = [];
  for (const element of $('a').toArray()) {
    const upload = await known($(element).attr('href') ?? '');
    if (upload) links.push(upload.path);
  }
  return { body: $.html(), uploads, links };
}

function htmlOf(properties: Properties): string {
  const [content] = properties['content'] ?? [];
  const { html } = z.object({ html: z.string().optional() }).catch({}).parse(content);
  if (html !== undefined) return html;
  return textOf(content)
    .split(/\n{2,}/)
    .filter((part) => part.trim())
    .map(
      (part) =>
        `<p>${part
          .trim()
          .replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
          .replace(/\n/g, '<br>')}</p>`,
    )
    .join('');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const parsed = z
    .object({
      value: z.string().optional(),
      html: z.string().optional(),
      properties: z.object({ name: z.array(z.string()) }).optional(),
    })
    .catch({})
    .parse(value);
  return parsed.value ?? parsed.html?.replace(/<[^>]*>/g, ' ') ?? parsed.properties?.name[0] ?? '';
}

function altOf(value: unknown): string {
  return z.object({ alt: z.string() }).catch({ alt: '' }).parse(value).alt;
}
