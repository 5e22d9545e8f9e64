/** Writes what was read as HTML of the canonical elements; pictures as `word:NUMBER`. */
import { escape } from '../../body/text.js';
import { isBlank, type Block, type Inline, type Marks, type Paragraph, type Table } from './model.js';
import { sameMarks } from './story.js';
import { drawsSigns, signOf } from './symbols.js';

/** `top` is the highest level of heading in the whole text: it becomes the first below the title. */
export function blocksHtml(blocks: readonly Block[], top = topOf(blocks)): string {
  const out: string[] = [];
  const lists = new Lists(out);
  for (const block of blocks) {
    if (block.kind === 'paragraph' && lists.take(block)) continue;
    lists.close();
    out.push(blockHtml(block, top));
  }
  lists.close();
  return out.join('');
}

function topOf(blocks: readonly Block[]): number {
  return blocks.reduce((top, block) => (block.kind === 'paragraph' ? Math.min(top, block.heading ?? top) : top), 9);
}

function blockHtml(block: Block, top: number): string {
  switch (block.kind) {
    case 'rule':
      return '<hr>';
    case 'html':
      return block.html;
    case 'table':
      return tableHtml(block);
    case 'paragraph':
      return paragraphHtml(block, top);
  }
}

function paragraphHtml(paragraph: Paragraph, top: number): string {
  const { heading, align, inlines, number } = paragraph;
  const words = numberHtml(number) + inlinesHtml(inlines, heading !== undefined);
  if (heading !== undefined) {
    const tag = `h${Math.min(heading - top, 2) + 2}`;
    return `<${tag}>${words}</${tag}>`;
  }
  const placed = align !== 'left' && !inlines.every((inline) => inline.kind === 'picture' || isBlank([inline]));
  return `<p${placed ? ` class="${align}"` : ''}>${words}</p>`;
}

function numberHtml(number: Paragraph['number']): string {
  if (!number) return '';
  return escape(bulletOf(number) + (number.text === '' ? '' : number.gap));
}

/** A bullet as the sign that its font draws. */
function bulletOf({ text, font, format }: NonNullable<Paragraph['number']>): string {
  if (format !== 'bullet') return text;
  return Array.from(text, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    return drawsSigns(font) || code >= 0xe000
      ? (signOf(font ?? 'Symbol', code) ?? signOf('Wingdings', code) ?? '•')
      : sign;
  }).join('');
}

/** Bullets that only say "one more"; a box or a tick says more than that and stands in the text. */
const bare = /^[•·●○◦■▪▫◆◇➢➔❖◌*–—\-oØ→⬧•‣⁃]?$/;

interface OpenList {
  tag: 'ul' | 'ol';
  level: number;
  id: string;
  next: number;
}

/** Items of bulleted and plainly numbered lists become lists, where a browser prints the same number by itself. */
class Lists {
  readonly #open: OpenList[] = [];
  readonly #out: string[];

  constructor(out: string[]) {
    this.#out = out;
  }

  take({ number, heading, align, inlines }: Paragraph): boolean {
    if (!number || heading !== undefined || align !== 'left') return false;
    const tag = number.format === 'bullet' && bare.test(bulletOf(number)) ? 'ul' : number.plain ? 'ol' : undefined;
    if (!tag) return false;
    const { level, list: id, value } = number;
    while (this.#last && this.#last.level > level) this.#end();
    const last = this.#last;
    const goesOn = last?.level === level && last.tag === tag && last.id === id && (tag === 'ul' || last.next === value);
    if (last?.level === level && !goesOn) this.#end();
    if (goesOn) this.#out.push('</li>');
    else {
      this.#open.push({ tag, level, id, next: value });
      this.#out.push(tag === 'ol' && value !== 1 ? `<ol start="${value}">` : `<${tag}>`);
    }
    const now = this.#last;
    if (now) now.next = value + 1;
    this.#out.push(`<li>${inlinesHtml(inlines, false)}`);
    return true;
  }

  get #last(): OpenList | undefined {
    return this.#open.at(-1);
  }

  #end(): void {
    const list = this.#open.pop();
    if (list) this.#out.push(`</li></${list.tag}>`);
  }

  close(): void {
    while (this.#open.length > 0) this.#end();
  }
}

function tableHtml({ rows, caption }: Table): string {
  let heads = rows.findIndex(({ header }) => !header);
  if (heads < 0) heads = rows.length > 1 ? 1 : 0;
  // A head reaches as far down as its cells do.
  for (let at = 0; at < heads; at += 1)
    for (const { rowspan } of rows[at]?.cells ?? []) heads = Math.max(heads, Math.min(rows.length, at + rowspan));
  const part = (tag: string, cell: string, from: number, to: number): string =>
    from === to
      ? ''
      : `<${tag}>${rows
          .slice(from, to)
          .map(({ cells }) => rowHtml(cells, cell))
          .join('')}</${tag}>`;
  const head = caption ? `<caption>${inlinesHtml(caption, false)}</caption>` : '';
  return `<table>${head}${part('thead', 'th', 0, heads)}${part('tbody', 'td', heads, rows.length)}</table>`;
}

function rowHtml(cells: Table['rows'][number]['cells'], tag: string): string {
  const written = cells.map(({ colspan, rowspan, blocks }) => {
    const spans = (colspan > 1 ? ` colspan="${colspan}"` : '') + (rowspan > 1 ? ` rowspan="${rowspan}"` : '');
    const [only, ...more] = blocks;
    const alone = only?.kind === 'paragraph' && more.length === 0 && (!only.number || !isListed(only));
    const words = alone ? numberHtml(only.number) + inlinesHtml(only.inlines, tag === 'th') : blocksHtml(blocks);
    return `<${tag}${spans}>${words}</${tag}>`;
  });
  return `<tr>${written.join('')}</tr>`;
}

function isListed({ number }: Paragraph): boolean {
  return number !== undefined && (number.plain || (number.format === 'bullet' && bare.test(bulletOf(number))));
}

/** `loud` words are bold by themselves. */
function inlinesHtml(inlines: readonly Inline[], loud: boolean): string {
  const shown = trimmed(withoutTabs(inlines));
  let html = '';
  for (let at = 0; at < shown.length;) {
    const href = hrefOf(shown[at]);
    let end = at + 1;
    while (href !== undefined && end < shown.length && hrefOf(shown[end]) === href) end += 1;
    const inside = shown
      .slice(at, end)
      .map((inline) => inlineHtml(inline, loud))
      .join('');
    html += href === undefined ? inside : `<a href="${escape(href)}">${inside}</a>`;
    at = end;
  }
  return html;
}

function hrefOf(inline: Inline | undefined): string | undefined {
  if (inline?.kind === 'text' || inline?.kind === 'ruby') return inline.marks.href;
  return inline?.kind === 'picture' ? inline.href : undefined;
}

function inlineHtml(inline: Inline, loud: boolean): string {
  switch (inline.kind) {
    case 'text':
      return marked(escape(inline.text), inline.marks, loud);
    case 'ruby':
      return marked(`<ruby>${escape(inline.base)}<rt>${escape(inline.over)}</rt></ruby>`, inline.marks, loud);
    case 'break':
      return '<br>';
    case 'note':
      return `<sup>[${escape(inline.mark)}]</sup>`;
    case 'picture':
      return `<img src="word:${inline.picture}" alt="${escape(inline.alt)}">`;
    case 'tab':
      return escape(inline.leader);
  }
}

function marked(html: string, { bold, italic, underline, strike, script }: Marks, loud: boolean): string {
  // Blanks have no look but their line.
  if (/^\s+$/.test(html) && !underline) return html;
  let whole = html;
  if (script) whole = `<${script}>${whole}</${script}>`;
  if (strike) whole = `<s>${whole}</s>`;
  if (underline) whole = `<u>${whole}</u>`;
  if (italic) whole = `<em>${whole}</em>`;
  if (bold && !loud) whole = `<strong>${whole}</strong>`;
  return whole;
}

const wide = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;

/** A tab parts words: by a wide blank beside Chinese ones, by a narrow one else. One at the start only indents. */
function withoutTabs(inlines: readonly Inline[]): Inline[] {
  const out: Inline[] = [];
  for (const [at, inline] of inlines.entries()) {
    if (inline.kind !== 'tab' || inline.leader !== '') {
      const last = out.at(-1);
      if (inline.kind === 'text' && last?.kind === 'text' && sameMarks(last.marks, inline.marks))
        out[out.length - 1] = { ...last, text: last.text + inline.text };
      else out.push(inline);
      continue;
    }
    const [before, after] = [out.at(-1), inlines[at + 1]];
    if (before === undefined || before.kind === 'break') continue;
    const beside =
      (before.kind === 'text' ? before.text.slice(-1) : '') + (after?.kind === 'text' ? after.text.slice(0, 1) : '');
    out.push({ kind: 'text', text: wide.test(beside) ? '\u3000' : ' ', marks: {} });
  }
  return out;
}

/** Without empty lines at its ends. */
function trimmed(inlines: Inline[]): Inline[] {
  let [from, to] = [0, inlines.length];
  while (from < to && inlines[from]?.kind === 'break') from += 1;
  while (to > from && inlines[to - 1]?.kind === 'break') to -= 1;
  return inlines.slice(from, to);
}
