/** The body of a release made ready for a page: pictures placed and measured, headings named, tables that scroll. */
import type { CheerioAPI } from 'cheerio';
import type { Picture } from '../channel.js';
import { beginningOf } from '../graphemes.js';
import { alignByStyle, loadBody, readWords } from '../reading.js';

export interface Heading {
  id: string;
  text: string;
  level: 2 | 3;
}

export interface Body {
  html: string;
  /** The same without what only our own pages need (named headings, scrolling tables). */
  bare: string;
  toc: Heading[];
  /** Text without any white space, as it is compared. */
  text: string;
  /** The first words of its paragraphs. */
  opening: string;
  /** Hashes of the pictures on the page, in order. */
  placed: string[];
  /** Captions of pictures by hash. */
  captions: Map<string, string>;
  found: { appended: string[]; unknown: number; media: number; skippedLevel: boolean };
}

/** Text as it is compared: composed, and without white space or invisible marks. */
export function plain(text: string): string {
  return text.normalize('NFC').replace(/[\s\p{Cf}]+/gu, '');
}

/** `kept` are pictures that stay off the page although the body does not place them (a cover). */
export function shapeBody(html: string, pictures: readonly Picture[], kept: ReadonlySet<string>): Body {
  const $ = loadBody(html);
  const unknown = placePictures($, new Map(pictures.map((picture) => [picture.hash, picture])));
  const placed = $('img')
    .toArray()
    .map((element) => hashOf($(element).attr('src')) ?? '');
  const appended = pictures.filter(({ hash }) => !placed.includes(hash) && !kept.has(hash));
  for (const picture of appended) $.root().append(figure($, picture));
  placed.push(...appended.map(({ hash }) => hash));
  $('audio, video').attr('preload', 'none');
  alignByStyle($);
  const bare = $.html().trim();
  $('p[style]').removeAttr('style');
  const captions = new Map(
    $('figure')
      .toArray()
      .flatMap((element) => {
        const hash = hashOf($(element).find('img').attr('src'));
        return hash ? [[hash, readWords($(element).find('figcaption')[0]).trim()] as const] : [];
      }),
  );
  const opening = openingOf($);
  const headings = nameHeadings($);
  $('table').each((n, element) => openTable($, element, n + 1));
  $('img').attr({ loading: 'lazy', decoding: 'async' });
  return {
    html: $.html().trim(),
    bare,
    toc: headings.toc,
    text: plain(readWords($.root()[0])),
    opening,
    placed,
    captions,
    found: {
      appended: appended.map(({ hash }) => hash),
      unknown,
      media: $('audio, video').length,
      skippedLevel: headings.skipped,
    },
  };
}

export function hashOf(src: string | undefined): string | undefined {
  return /^media:([0-9a-f]{64})$/.exec(src ?? '')?.[1];
}

function placePictures($: CheerioAPI, known: ReadonlyMap<string, Picture>): number {
  let unknown = 0;
  $('img').each((_, element) => {
    const image = $(element);
    const picture = known.get(hashOf(image.attr('src')) ?? '');
    if (!picture) {
      unknown += 1;
      image.remove();
      return;
    }
    image.attr({
      alt: image.attr('alt')?.trim() || picture.alt,
      width: String(picture.width),
      height: String(picture.height),
    });
    const around = image.parent('p');
    if (around.length && !plain(around.text()) && around.children().length === 1)
      around.replaceWith($('<figure>').append(image));
  });
  $('figure').each((_, element) => {
    if (!$(element).find('img, video, audio, table').length) $(element).remove();
  });
  $('p').each((_, element) => {
    if (!$(element).contents().length) $(element).remove();
  });
  return unknown;
}

function figure($: CheerioAPI, { hash, alt, width, height }: Picture) {
  return $('<figure>').append(
    $('<img>').attr({ src: `media:${hash}`, alt, width: String(width), height: String(height) }),
  );
}

const openingLength = 100;

function openingOf($: CheerioAPI): string {
  const text = $('p')
    .toArray()
    .map((element) => readWords(element))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
  const opening = beginningOf(text, openingLength);
  return opening === text ? text : `${opening.trimEnd()}…`;
}

/** Contents are offered from three headings on. */
function nameHeadings($: CheerioAPI): { toc: Heading[]; skipped: boolean } {
  const toc: Heading[] = [];
  let last = 1;
  let skipped = false;
  $('h2, h3, h4').each((n, element) => {
    const level = Number(element.tagName.slice(1));
    if (level > last + 1) skipped = true;
    last = level;
    const id = `part-${n + 1}`;
    $(element).attr('id', id);
    const text = readWords(element).replace(/\s+/g, ' ').trim();
    if ((level === 2 || level === 3) && text) toc.push({ id, text, level });
  });
  return { toc: toc.length >= 3 ? toc : [], skipped };
}

/** A wide table scrolls by itself, by keyboard too, and the page does not. */
function openTable($: CheerioAPI, element: Parameters<CheerioAPI>[0], n: number): void {
  const table = $(element);
  table.find('thead th:not([scope])').attr('scope', 'col');
  const name = readWords(table.children('caption')[0]).replace(/\s+/g, ' ').trim() || `表格 ${n}`;
  table.wrap($('<section>').attr({ class: 'scroll', tabindex: '0', 'aria-label': name }));
}
