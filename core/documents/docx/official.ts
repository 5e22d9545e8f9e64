/**
 * What an official document (GB/T 9704) says of itself before its text: letterhead, number, title; and who signed it.
 * Found where they stand, by style, size, place and form.
 */
import { isBlank, wordsOf, type Block, type Inline, type Lost, type Paragraph } from './model.js';
import { scriptSigns } from './symbols.js';

export interface Official {
  title: string | undefined;
  /** 文号 */
  number: string | undefined;
  /** 发文机关 */
  issuer: string | undefined;
  /** The text, without what is said above. */
  blocks: Block[];
  lost: Lost[];
}

const numberForm =
  /^(?:[（(]|(?:发文字号|文号)[:：]\s*)?([\p{Script=Han}A-Za-z]{1,16}\s*[〔［[【（(〈]\s*(?:19|20)\d\d\s*[〕］\]】）)〉]\s*(?:第\s*)?[\d０-９]{1,5}\s*号)[）)]?(?:\s*(签发人[:：].*))?$/u;
const orderForm = /^第\s*[\d〇一二三四五六七八九十百]{1,5}\s*号$/;
const secretForm = /^(?:绝密|机密|秘密)(?:$|[★☆\s])/;
const urgentForm = /^(?:(?:特|加|平)急|特提|急件)$/;
const copyForm = /^(?:份号[:：]?\s*)?(?:№|No\.?)?\s*\d{6}$/;
const signerForm = /^签发人[:：]/;
const attachmentForm = /^附\s*(?:件|表|录)\s*[\d一二三四五六七八九十]*[:：]?$/;
const dateForm = /^[（(]?[\d０-９〇○零一二三四五六七八九十]{4}\s*年.{1,8}[日号][）)]?$/;
/** Paragraphs that are looked at from the top. */
const lookAt = 30;
const longestTitle = 200;
/** Half-points from which letters are a letterhead's. */
const letterheadSize = 52;

const lineOf = (block: Block | undefined): string =>
  block?.kind === 'paragraph' ? wordsOf(block.inlines).replace(/\s+/g, ' ').trim() : '';
const isMark = (line: string): boolean =>
  secretForm.test(line) || urgentForm.test(line) || copyForm.test(line) || signerForm.test(line);

/** Without blanks between Chinese signs: a letterhead is often set wide. */
const tight = (line: string): string => line.replace(/(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])/g, '');

export function findOfficial(blocks: readonly Block[]): Official {
  // What another program wrote has no look by which a letterhead is known; a title of its own is found in the HTML.
  const foreign = blocks.findIndex(({ kind }) => kind === 'html');
  const top = blocks.slice(0, foreign < 0 ? lookAt : Math.min(lookAt, foreign));
  const numberAt = numberPlace(top);
  const head = letterheadOf(top, numberAt);
  const taken = new Set<number>(head);
  if (numberAt >= 0) taken.add(numberAt);
  const titleAt = titlePlace(top, taken, numberAt);
  for (const at of titleAt) taken.add(at);
  const lines = head.map((at) => lineOf(top[at]));
  const numberLine = numberAt < 0 ? '' : lineOf(top[numberAt]);
  const found = numberForm.exec(numberLine);
  const lost = lines
    .concat(found?.[2] ?? [])
    .map((line): Lost => ({ kind: secretForm.test(line) ? 'wordSecret' : 'wordLetterhead', name: line, at: '' }));
  const number = (found?.[1] ?? numberLine).replace(/\s+/g, '');
  const body = blocks.flatMap((block, at) => (taken.has(at) ? kept(block) : [block]));
  return {
    title: titleAt.length === 0 ? undefined : joined(titleAt.map((at) => titleLine(top[at]))),
    number: number || undefined,
    issuer: number ? (issuerOf(lines) ?? signatureOf(body)) : undefined,
    blocks: body,
    lost,
  };
}

function numberPlace(top: readonly Block[]): number {
  for (const [at, block] of top.entries()) {
    const line = lineOf(block);
    if (line.length > 120) return -1;
    if (numberForm.test(line)) return at;
    if (orderForm.test(line) && at > 0 && /令$/.test(tight(lineOf(top[at - 1])))) return at;
  }
  return -1;
}

/** What stands above the number, or at the very top, and is no title: the issuer in red and large, how secret, how urgent, which copy. */
function letterheadOf(top: readonly Block[], numberAt: number): number[] {
  const head: number[] = [];
  for (const [at, block] of top.entries()) {
    if (at === numberAt) continue;
    if (block.kind !== 'paragraph') break;
    const line = lineOf(block);
    const isHead =
      isMark(line) ||
      (block.style !== 'title' && (block.red || block.size >= letterheadSize || /[^。；]文件$|令$/.test(tight(line))));
    const above = at < numberAt;
    if (isHead && (above || isMark(line) || (numberAt < 0 && isLetterhead(top, at)))) head.push(at);
    else if (!above) break;
  }
  return head;
}

/** In red and large at the top, with a title of its own below. */
function isLetterhead(top: readonly Block[], at: number): boolean {
  const block = top[at];
  if (block?.kind !== 'paragraph' || !block.red || block.size < letterheadSize) return false;
  return top
    .slice(at + 1, at + 4)
    .some((next) => next.kind === 'paragraph' && next.align === 'center' && !next.red && lineOf(next) !== '');
}

/** Where the title stands: by style; else in the middle; else in the largest letters; else the first heading or short line. */
function titlePlace(top: readonly Block[], taken: ReadonlySet<number>, numberAt: number): number[] {
  const free = (at: number): boolean => top[at]?.kind === 'paragraph' && !taken.has(at);
  const paragraph = (at: number): Paragraph | undefined => {
    const block = top[at];
    return block?.kind === 'paragraph' ? block : undefined;
  };
  const run = (from: number, like: (next: Paragraph, first: Paragraph) => boolean): number[] => {
    const first = paragraph(from);
    const places: number[] = [];
    for (let at = from; first && places.length < 6; at += 1) {
      const next = paragraph(at);
      if (!next || taken.has(at) || (at > from && !like(next, first))) break;
      places.push(at);
    }
    return fit(top, places);
  };
  const styled = top.findIndex(
    (block, at) =>
      free(at) && block.kind === 'paragraph' && /^(?:title|标题)$/.test(block.style) && lineOf(block) !== '',
  );
  if (styled >= 0) return run(styled, ({ style }, first) => style === first.style);
  const start = Math.max(0, numberAt + 1);
  const early = top
    .slice(0, start + 8)
    .map((_, at) => at)
    .filter((at) => free(at) && at >= firstText(top, taken));
  const alike = (next: Paragraph, first: Paragraph): boolean =>
    next.align === first.align &&
    Math.abs(next.size - first.size) <= 2 &&
    next.bold === first.bold &&
    next.heading === first.heading &&
    isTitleLine(lineOf(next)) &&
    !/^[（(]/.test(lineOf(next));
  for (const at of early) {
    const block = paragraph(at);
    if (!block || endsHead(lineOf(block))) break;
    if (block.align === 'center' && block.number === undefined && isTitleLine(lineOf(block))) return run(at, alike);
  }
  const usual = usualSize(top);
  for (const at of early.slice(0, 5)) {
    const block = paragraph(at);
    if (!block || endsHead(lineOf(block))) break;
    if (block.size >= usual + 4 && !block.number && !block.heading && isTitleLine(lineOf(block))) return run(at, alike);
  }
  const first = early.find((at) => !attachmentForm.test(lineOf(top[at])));
  const block = first === undefined ? undefined : paragraph(first);
  if (first === undefined || !block || block.number || !isTitleLine(lineOf(block))) return [];
  return block.heading !== undefined || /^[^。；;：:]{1,64}$/.test(lineOf(block)) ? [first] : [];
}

function firstText(top: readonly Block[], taken: ReadonlySet<number>): number {
  return top.findIndex((block, at) => !taken.has(at) && lineOf(block) !== '');
}

/** A title of several lines is one as long as it fits. */
function fit(top: readonly Block[], places: readonly number[]): number[] {
  const fitting: number[] = [];
  let length = 0;
  for (const at of places) {
    length += lineOf(top[at]).length;
    if (length > longestTitle) break;
    fitting.push(at);
  }
  return fitting;
}

function isTitleLine(line: string): boolean {
  return (
    line !== '' &&
    line.length <= longestTitle &&
    !dateForm.test(line) &&
    !attachmentForm.test(line) &&
    !isMark(line) &&
    !numberForm.test(line) &&
    !/[。；]$/.test(line)
  );
}

/** The text has begun: somebody is addressed, or a whole sentence said. */
function endsHead(line: string): boolean {
  return /[：:]$/.test(line) && !attachmentForm.test(line) ? true : line.includes('。') && line.length > 30;
}

function usualSize(top: readonly Block[]): number {
  const letters = new Map<number, number>();
  for (const block of top)
    if (block.kind === 'paragraph') letters.set(block.size, (letters.get(block.size) ?? 0) + lineOf(block).length);
  return [...letters].sort(([, one], [, other]) => other - one)[0]?.[0] ?? 0;
}

function issuerOf(lines: readonly string[]): string | undefined {
  const names = lines
    .filter((line) => !isMark(line))
    .map((line) => tight(line).replace(/(?:文件|令)$/, ''))
    .filter((line) => line !== '');
  return names.length === 0 ? undefined : [...new Set(names)].join('、').slice(0, 200);
}

/** Above the date near the end. */
function signatureOf(blocks: readonly Block[]): string | undefined {
  for (let at = blocks.length - 1; at > 0 && at > blocks.length - 20; at -= 1) {
    if (!dateForm.test(lineOf(blocks[at]))) continue;
    const line = tight(lineOf(blocks[at - 1]));
    return /^[\p{Script=Han}（）()、]{3,60}$/u.test(line) ? line : undefined;
  }
  return undefined;
}

function titleLine(block: Block | undefined): string {
  if (block?.kind !== 'paragraph') return '';
  const words = block.inlines.map((inline): string => {
    if (inline.kind !== 'text') return wordsOf([inline]);
    return inline.marks.script ? (scriptSigns(inline.text, inline.marks.script) ?? inline.text) : inline.text;
  });
  return (block.number ? block.number.text + block.number.gap : '') + words.join('').replace(/\s+/g, ' ').trim();
}

/** Lines of one title: parted by a blank only where words of letters meet. */
function joined(lines: readonly string[]): string {
  return lines.reduce(
    (whole, line) =>
      whole === '' ? line : /[\x21-\x7e]$/.test(whole) && /^[\x21-\x7e]/.test(line) ? `${whole} ${line}` : whole + line,
    '',
  );
}

/** Pictures of a line that is taken out stay. */
function kept(block: Block): Block[] {
  if (block.kind !== 'paragraph') return [block];
  const pictures = block.inlines.filter((inline: Inline) => inline.kind === 'picture' || inline.kind === 'note');
  return isBlank(pictures) ? [] : [{ ...block, heading: undefined, number: undefined, inlines: pictures }];
}
