/**
 * Canonical HTML: the small closed set of elements in which every body is stored. sanitize-html decides what may stay;
 * then the blocks are put in order, so that everything at the top is a block and no block is empty.
 */
import { load, type CheerioAPI } from 'cheerio';
import sanitize from 'sanitize-html';
import { DroppedList, type Dropped } from './dropped.js';

export interface Canonical {
  html: string;
  /** Hashes of the pictures in the body, in order, each once, with the text beside it. */
  pictures: { hash: string; alt: string }[];
  dropped: Dropped[];
}

const blocks = ['p', 'h2', 'h3', 'h4', 'ul', 'ol', 'blockquote', 'table', 'figure', 'hr', 'video', 'audio'];
const allowedTags = [
  ...blocks,
  'li',
  'strong',
  'em',
  'u',
  's',
  'a',
  'caption',
  'thead',
  'tbody',
  'tfoot',
  'tr',
  'th',
  'td',
  'img',
  'figcaption',
  'br',
  // Kept only until the blocks are put in order.
  'div',
];

const renamed: Readonly<Record<string, string>> = {
  h1: 'h2',
  h5: 'h4',
  h6: 'h4',
  b: 'strong',
  i: 'em',
  ins: 'u',
  del: 's',
  strike: 's',
  pre: 'p',
  dt: 'p',
  dd: 'p',
  address: 'p',
  section: 'div',
  article: 'div',
  header: 'div',
  footer: 'div',
  main: 'div',
  aside: 'div',
  nav: 'div',
  center: 'div',
  dl: 'div',
  body: 'div',
  html: 'div',
};
const codeTags = ['script', 'style', 'noscript', 'template'];
const embedTags = [
  'iframe',
  'frame',
  'frameset',
  'object',
  'embed',
  'applet',
  'form',
  'input',
  'button',
  'select',
  'textarea',
  'option',
  'svg',
  'math',
  'canvas',
  'meta',
  'base',
  'link',
];
/** Their content goes with them. */
const swallowed = [
  ...codeTags,
  'iframe',
  'object',
  'applet',
  'textarea',
  'option',
  'select',
  'svg',
  'math',
  'canvas',
  'title',
  'head',
  'xml',
  'o:officedocumentsettings',
  'w:worddocument',
];
/** Mean nothing by themselves; gone without a word. */
const silent = new Set([
  'span',
  'font',
  'div',
  'head',
  'title',
  'col',
  'colgroup',
  'source',
  'wbr',
  'small',
  'label',
  'tt',
  'nobr',
  'xml',
  'img',
  'picture',
  'time',
  'big',
  'abbr',
]);

/**
 * Cleans HTML from anywhere into canonical HTML. `known` are the pictures that may be shown (`<img src="media:HASH">`);
 * any other is left out and told, and nothing is ever fetched. Cleaning what is clean changes nothing.
 */
export function canonical(html: string, known: ReadonlySet<string>, dropped = new DroppedList()): Canonical {
  let $ = cleaned(html, known, dropped);
  let result = bodyOf($);
  // Tag soup (a paragraph inside bold inside a table row) is parsed differently once it is written down; it settles after a round or two.
  for (let round = 0; round < 4; round += 1) {
    const before = result;
    $ = cleaned(before, known, new DroppedList());
    result = bodyOf($);
    if (result === before) break;
  }
  return { html: result, pictures: picturesOf($), dropped: dropped.list() };
}

function cleaned(html: string, known: ReadonlySet<string>, dropped: DroppedList): CheerioAPI {
  const clean = sanitize(tidyText(html), {
    allowedTags,
    allowedAttributes: {
      a: ['href'],
      img: ['src', 'alt'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan', 'scope'],
      ol: ['start'],
      video: ['src', 'controls'],
      audio: ['src', 'controls'],
    },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['media'], video: ['http', 'https'], audio: ['http', 'https'] },
    allowProtocolRelative: false,
    nonTextTags: swallowed,
    transformTags: { '*': (name, attributes) => cleanTag(name, attributes, known, dropped) },
  });
  // As a document: a fragment would be parsed as inside a template, where stray table rows survive.
  const $ = load(clean);
  dropUseless($);
  orderBlocks($);
  return $;
}

function bodyOf($: CheerioAPI): string {
  return ($('body').html() ?? '').trim();
}

/** Without characters that no document means to hold: control characters, halves of surrogate pairs, byte order marks. */
export function tidyText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufeff\ufffe\uffff]|\p{Surrogate}/gu, '')
    .normalize('NFC');
}

function cleanTag(
  name: string,
  attributes: sanitize.Attributes,
  known: ReadonlySet<string>,
  dropped: DroppedList,
): sanitize.Tag {
  for (const attribute of Object.keys(attributes)) {
    if (attribute.startsWith('on')) dropped.tell('handler');
    else if (attribute === 'style') dropped.tell('style');
  }
  const tagName = Object.hasOwn(renamed, name) ? (renamed[name] ?? name) : name;
  if (codeTags.includes(name)) dropped.tell('script');
  else if (embedTags.includes(name)) dropped.tell('embed');
  else if (!allowedTags.includes(tagName) && !silent.has(name) && !name.includes(':'))
    dropped.tell('element', name.slice(0, 40));
  return { tagName, attribs: cleanAttributes(tagName, attributes, known, dropped) };
}

function cleanAttributes(
  tag: string,
  attributes: sanitize.Attributes,
  known: ReadonlySet<string>,
  dropped: DroppedList,
): sanitize.Attributes {
  switch (tag) {
    case 'a': {
      const href = attributes['href']?.trim();
      if (href === undefined) return {};
      if (isOpenAddress(href, ['http:', 'https:', 'mailto:', 'tel:'])) return { href };
      dropped.tell('link');
      return {};
    }
    case 'img': {
      const hash = /^(?:media:|\/api\/v1\/media\/)([0-9a-f]{64})$/.exec(attributes['src']?.trim() ?? '')?.[1];
      if (hash !== undefined && known.has(hash))
        return { src: `media:${hash}`, alt: (attributes['alt'] ?? '').trim().slice(0, 200) };
      dropped.tell('picture');
      return {};
    }
    case 'video':
    case 'audio': {
      const src = attributes['src']?.trim() ?? '';
      if (isOpenAddress(src, ['http:', 'https:'])) return { src, controls: '' };
      dropped.tell('media');
      return {};
    }
    case 'td':
    case 'th':
      return {
        ...span(attributes, 'colspan'),
        ...span(attributes, 'rowspan'),
        ...(tag === 'th' &&
          /^(row|col)(group)?$/.test(attributes['scope'] ?? '') && { scope: attributes['scope'] ?? '' }),
      };
    case 'ol':
      return /^\d{1,5}$/.test(attributes['start'] ?? '') && attributes['start'] !== '1'
        ? { start: attributes['start'] ?? '' }
        : {};
    default:
      return {};
  }
}

/** Whether the address names where it goes in full, by one of the given protocols. A browser skips control characters inside an address; so nothing that holds one stays. */
function isOpenAddress(address: string, protocols: readonly string[]): boolean {
  if (/[\u0000-\u0020\u007f-\u00a0\\]/.test(address) || !URL.canParse(address)) return false;
  return protocols.includes(new URL(address).protocol);
}

function span(attributes: sanitize.Attributes, name: 'colspan' | 'rowspan'): sanitize.Attributes {
  const value = Number(attributes[name]);
  return Number.isInteger(value) && value > 1 && value <= 100 ? { [name]: String(value) } : {};
}

function dropUseless($: CheerioAPI): void {
  $('img:not([src]), video:not([src]), audio:not([src])').remove();
  $('table').each((_, element) => {
    if (!$(element).find('td, th').length) $(element).remove();
  });
  $('a:not([href])').each((_, element) => {
    $(element).replaceWith($(element).contents());
  });
  $('figure').each((_, element) => {
    if (!$(element).find('img, video, audio, table').length)
      $(element).replaceWith($(element).find('figcaption').contents());
  });
}

const blockSelector = [...blocks, 'div', 'li'].join(',');

/** Divisions become paragraphs or dissolve, loose text gets a paragraph, empty paragraphs go. */
function orderBlocks($: CheerioAPI): void {
  // From the inside out, so that a division's own divisions are already settled.
  for (const element of $('div').toArray().reverse()) {
    const division = $(element);
    const alone =
      division.parent('li, td, th, figcaption, caption').length > 0 && division.parent().children().length === 1;
    if (division.children(blockSelector).length === 0 && !alone) element.tagName = 'p';
    else if (alone) division.replaceWith(division.contents());
    else {
      wrapLoose($, division);
      division.replaceWith(division.contents());
    }
  }
  $('li').each((_, element) => {
    if (!$(element).parent('ul, ol').length) $(element).wrap('<ul></ul>');
  });
  wrapLoose($, $('body'));
  $('blockquote').each((_, element) => wrapLoose($, $(element)));
  for (const element of $('p, h2, h3, h4, li, ul, ol, blockquote').toArray().reverse()) {
    const block = $(element);
    if (!block.find('img, video, audio, hr, table').length && isBlank(block.text())) block.remove();
  }
}

/** Puts runs of text and inline elements between blocks into paragraphs. */
function wrapLoose($: CheerioAPI, parent: ReturnType<CheerioAPI>): void {
  let run: ReturnType<typeof parent.contents>[number][] = [];
  const close = (): void => {
    const worth = run.some((node) => !isBlank($(node).text()) || $(node).is('img') || $(node).find('img').length > 0);
    if (worth) $(run).wrapAll('<p></p>');
    else if (run.length > 0 && run.some((node) => $(node).is('br'))) $(run).remove();
    run = [];
  };
  for (const node of parent.contents().toArray()) {
    if ($(node).is(blockSelector)) close();
    else run.push(node);
  }
  close();
}

function isBlank(text: string): boolean {
  return /^[\s\u00a0\u200b\u3000]*$/.test(text);
}

function picturesOf($: CheerioAPI): { hash: string; alt: string }[] {
  const found = new Map<string, string>();
  $('img').each((_, element) => {
    const hash = ($(element).attr('src') ?? '').slice('media:'.length);
    if (!found.has(hash)) found.set(hash, $(element).attr('alt') ?? '');
  });
  return [...found].map(([hash, alt]) => ({ hash, alt }));
}

/** Hashes that a text refers to as `media:HASH` (or by our own address), known or not. */
export function mentionedMedia(html: string): string[] {
  return [
    ...new Set([...html.matchAll(/(?:media:|\/api\/v1\/media\/)([0-9a-f]{64})/g)].map((match) => match[1] ?? '')),
  ];
}

const breaks = new Set(['p', 'h2', 'h3', 'h4', 'li', 'tr', 'br', 'figcaption', 'blockquote', 'td', 'th']);

/** The words of an HTML text, one line a block. Markup of any kind is gone; what a script held is gone with it. */
export function plainText(html: string): string {
  const spaced = sanitize(tidyText(html), {
    allowedTags: [...breaks],
    allowedAttributes: {},
    nonTextTags: swallowed,
  }).replace(/<\/?(\w+)[^>]*>/g, (_, name: string) =>
    breaks.has(name) ? (name === 'td' || name === 'th' ? ' ' : '\n') : '',
  );
  return load(spaced)
    .text()
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[\s]*/g, '\n')
    .trim();
}
