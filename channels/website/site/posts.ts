/** Between an article and the properties (microformats2) by which Micropub speaks of it. */
import { load } from 'cheerio';
import sanitize from 'sanitize-html';
import { z } from 'zod';
import type { Picture } from '../../channel.js';
import { shapeBody } from '../body.js';
import { Refused, type Properties } from '../micropub-request.js';
import type { Article } from './article.js';
import { definedColumns } from './columns.js';
import type { SiteHome } from './files.js';
import type { Site } from './look.js';
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

type Content = Omit<
  Article,
  | 'id'
  | 'version'
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

/**
 * What of an article the properties say; the rest stays as it was in `old`. `taken`: pictures from elsewhere that lie on
 * this site already.
 * @throws Refused for what this site cannot show
 */
export async function contentFrom(
  home: SiteHome,
  site: Site,
  properties: Properties,
  taken: Readonly<Record<string, string>>,
  old?: Article,
): Promise<Content> {
  const photos = photosOf(properties);
  const featured = textOf(properties['featured']?.[0]);
  const { body, uploads, links } = await resolve(
    home,
    site,
    cleaned(properties),
    [...photos.map(({ url }) => url), ...(featured ? [featured] : [])],
    taken,
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
  const columns = categories.filter(
    (name) => definedColumns(site.settings).includes(name) || old?.columns.includes(name),
  );
  const author = textOf(properties['author']?.[0]).trim();
  return {
    kind: old?.kind ?? 'news',
    language: old?.language ?? 'zh-Hans',
    title,
    summary: textOf(properties['summary']?.[0]).replace(/\s+/g, ' ').trim() || shaped.opening,
    body: shaped.html,
    toc: shaped.toc,
    source: old?.source ?? (author || site.settings.sponsor || site.organization),
    columns: columns.length ? columns : definedColumns(site.settings).slice(0, 1),
    keywords: categories.filter((name) => !columns.includes(name)),
    pictures: [...pictures.values()],
    attachments: old?.attachments ?? [],
    uploads: links,
    ...(author && { author }),
    ...(cover !== undefined && { cover }),
  };
}

/** Addresses of pictures that do not lie on this site, each once. */
export function outsidePictures(site: Site, properties: Properties): string[] {
  const $ = load(cleaned(properties), null, false);
  const all = [
    ...$('img')
      .toArray()
      .map((element) => $(element).attr('src') ?? ''),
    ...photosOf(properties).map(({ url }) => url),
    textOf(properties['featured']?.[0]),
  ];
  return [...new Set(all)].filter((url) => /^https?:/i.test(url) && !url.startsWith(`${site.address}/`));
}

function cleaned(properties: Properties): string {
  return sanitize(htmlOf(properties), clean);
}

function photosOf({ photo = [] }: Properties): { url: string; alt: string }[] {
  return photo.map((one) => ({ url: textOf(one), alt: altOf(one) }));
}

/** Pictures must lie on this site: a page here asks nothing of anybody else. */
async function resolve(
  home: SiteHome,
  site: Site,
  html: string,
  further: string[],
  taken: Readonly<Record<string, string>>,
): Promise<{ body: string; uploads: Map<string, Upload>; links: string[] }> {
  const $ = load(html, null, false);
  const prefix = `${site.address}/`;
  const known = async (url: string): Promise<Upload | undefined> => {
    return uploadAt(home, url.startsWith(prefix) ? url.slice(prefix.length) : (taken[url] ?? ''));
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
