/** A release's body made ready for a phone: pictures sized and lazy, wide tables that scroll, unplaced pictures at the end. */
import type { CheerioAPI } from 'cheerio';
import type { ReleaseContent } from '../channel.js';
import { alignByStyle, loadBody, runningLine, readWords } from '../reading.js';

const mediaAddress = /^media:([0-9a-f]{64})$/;
const mediaAttribute = /(\s(?:src|poster)=")media:([0-9a-f]{64})"/g;

export interface ArticleBody {
  /** Media are still named `media:HASH`. */
  html: string;
  /** The media that the body shows, by hash. */
  media: string[];
  /** How many pictures were left out because the release does not hold them. */
  dropped: number;
}

export function composeBody(release: ReleaseContent): ArticleBody {
  const $ = loadBody(release.body);
  const known = new Map(release.pictures.map((picture) => [picture.hash, picture]));
  const media = new Set<string>();
  let dropped = 0;

  $('img').each((_, element) => {
    const hash = mediaAddress.exec($(element).attr('src') ?? '')?.[1];
    const picture = hash === undefined ? undefined : known.get(hash);
    if (!picture) {
      $(element).remove();
      dropped += 1;
      return;
    }
    media.add(picture.hash);
    const alt = $(element).attr('alt') || picture.alt;
    $(element).attr({ alt, width: String(picture.width), height: String(picture.height), loading: 'lazy' });
  });
  $('video, audio').each((_, element) => {
    const hash = mediaAddress.exec($(element).attr('src') ?? '')?.[1];
    if (hash !== undefined) media.add(hash);
  });
  $('table').wrap('<section class="wide" tabindex="0" aria-label="表格"></section>');
  $('a[href]').attr('rel', 'noopener');
  alignByStyle($);

  const cover = release.cover === undefined || media.has(release.cover) ? undefined : known.get(release.cover);
  const rest = release.pictures.filter((picture) => !media.has(picture.hash) && picture !== cover);
  if (cover) $.root().prepend(figure($, cover));
  for (const picture of rest) $.root().append(figure($, picture));
  for (const picture of [...(cover ? [cover] : []), ...rest]) media.add(picture.hash);
  // A warning may be all title and summary: its page must not be empty.
  if (!squeeze($.root().text())) $.root().append($('<p></p>').text(release.summary || release.title));
  return { html: $.html(), media: [...media], dropped };
}

function figure($: CheerioAPI, picture: ReleaseContent['pictures'][number]) {
  const image = $('<img>').attr({
    src: `media:${picture.hash}`,
    alt: picture.alt,
    width: String(picture.width),
    height: String(picture.height),
    loading: 'lazy',
  });
  return $('<figure></figure>').append(image);
}

/** Puts addresses in place of `media:HASH`. */
export function resolveMedia(html: string, addressOf: (hash: string) => string): string {
  return html.replace(mediaAttribute, (_, before: string, hash: string) => `${before}${addressOf(hash)}"`);
}

/** What a reader sees of some HTML: its text without any white space, and its pictures. */
export function visible(html: string): { text: string; pictures: number } {
  const $ = loadBody(html);
  return { text: squeeze(readWords($.root()[0])), pictures: $('img').length };
}

/** The running text in one line. */
export function plainLine(html: string): string {
  return runningLine(loadBody(html));
}

export function squeeze(text: string): string {
  return text.replace(/\s+/gu, '');
}
