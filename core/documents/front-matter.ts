/**
 * The front matter of a Markdown document: YAML, of which people in an office know that a line is "name: value". So every
 * value is the text that they typed (1.10 and 0123 are no numbers, 是 and yes no truth values), and marks that YAML gives a
 * meaning of its own are taken for words where they can be.
 */
import { isAlias, isMap, isScalar, LineCounter, parseDocument, visit, type Document, type Scalar } from 'yaml';
import type { DroppedList } from '../body/dropped.js';
import { isChineseSign } from '../body/markdown/chinese.js';
import { LianfaError } from '../errors.js';

export interface FrontMatter {
  /** Text, lists and mappings of text, under the names that the document uses. */
  values: Record<string, unknown>;
  /** What follows it. */
  body: string;
  /** Line of the file on which a field (`policy.signed`) has its value; undefined where it has none. */
  lineOf(field: string): number | undefined;
}

/** Where the front matter stands in its text, and what YAML makes of it. */
export interface FrontMatterPart {
  before: string;
  yaml: string;
  after: string;
  document: Document.Parsed;
}

const fence = /^(\s*---[^\S\n]*\n)([\s\S]*?\n|)(---|\.\.\.)[^\S\n]*(?:\n|$)/;

/** Every name that a front matter may use, in any of its blocks. */
const names =
  'title summary language source author cover columns keywords kind type draft policy emergency attachments interprets interpretation interpretations release change index number issuer signed validity topic status msgType level category event areas onset expires publishAt 发布时间 截止时间 responseType instruction short spoken contact references code name hash'.split(
    ' ',
  );
const nameStart = new RegExp(`^(\\s*(?:-\\s+)?)(${names.join('|')})\\s*(?:：\\s*|:(?![\\s/\\\\]|$))`);

/** Splits the front matter off. @throws LianfaError field_invalid, with the line at fault */
export function splitFrontMatter(text: string, dropped: DroppedList): FrontMatter {
  const part = frontMatterIn(text);
  if (!part) return { values: {}, body: text, lineOf: () => undefined };
  const { before, document, yaml, after } = part;
  keepWords(document, yaml, dropped);
  const values: unknown = document.toJS();
  const body = after.replace(/^.*\n?/, '');
  const second = /\n---[^\S\n]*\n(?:[a-z]+\s*[:：].*\n)*?title\s*[:：]\s*(.*)/i.exec(`\n${body}`);
  if (second) dropped.tell('second_document', (second[1] ?? '').slice(0, 60));
  return {
    values: values === null ? {} : Object.fromEntries(Object.entries(values as object)),
    body,
    lineOf(field) {
      const node = document.getIn(field.split('.'), true);
      const range = isScalar(node) ? node.range : undefined;
      return range ? lines(before) + lines(yaml.slice(0, range[0])) + 1 : undefined;
    },
  };
}

/** @throws LianfaError field_invalid */
export function frontMatterIn(text: string): FrontMatterPart | undefined {
  if (/^\s*\+\+\+[^\S\n]*\n/.test(text))
    throw wrong(1, {
      zh: '文件头用的是 TOML（+++）。请改用两行 --- ，每行写“名称: 值”。',
      en: 'the front matter is TOML (+++). Use two lines of ---, and "name: value" on each line between.',
    });
  const [whole, before = '', written = ''] = fence.exec(text) ?? [];
  if (whole === undefined) {
    if (new RegExp(`^\\s*---[^\\S\\n]*\\n\\s*(?:${names.join('|')})\\s*[:：]`).test(text))
      throw wrong(1, {
        zh: '文件头没有结束：请在最后一行之后另起一行写 ---。',
        en: 'it never ends: write --- on a line of its own behind it.',
      });
    return undefined;
  }
  const { document, yaml } = parsed(plainly(written), lines(before));
  return { before, yaml, after: text.slice(before.length + written.length), document };
}

/** Lines as YAML wants them: blanks for tabs, a colon of its own kind with a blank behind it, no marks at the beginning of a value. */
function plainly(yaml: string): string {
  let literal = -1;
  return yaml
    .split('\n')
    .map((line) => {
      const depth = line.search(/\S/);
      if (literal >= 0 && (depth < 0 || depth > literal)) return line;
      literal = /:\s*[|>][+-]?\d?[+-]?\s*$/.test(line) ? depth : -1;
      const spaced = line.replace(/^[\t ]+/, (blanks) => blanks.replaceAll('\t', '  ')).replace(nameStart, '$1$2: ');
      return /^\s*(?:-\s+)?[^\s:'"[\]{}#-][^:]*:\s+[*&!@`%]/.test(spaced) ? quoted(spaced) : spaced;
    })
    .join('\n');
}

const valueLine = /^(\s*(?:-\s+)?[^\s:'"[\]{}#-][^:]*:\s+)(\S.*?)\s*$/;

function quoted(line: string): string {
  return line.replace(valueLine, (_, name: string, value: string) => `${name}${JSON.stringify(value)}`);
}

/** What YAML refuses is taken for words where one line is at fault. */
function parsed(written: string, linesBefore: number): { document: Document.Parsed; yaml: string } {
  const mended = new Set<number>();
  for (let yaml = written; ;) {
    const counter = new LineCounter();
    const document = parseDocument(yaml, { schema: 'failsafe', lineCounter: counter, prettyErrors: false });
    const [error] = document.errors;
    if (!error) {
      if (document.contents !== null && !isMap(document.contents) && !isEmpty(document.contents))
        throw wrong(linesBefore + 1, {
          zh: '每行要写成“名称: 值”，冒号后空一格。',
          en: 'each line must read "name: value", with a blank behind the colon.',
        });
      refuseReferences(document, yaml, linesBefore);
      return { document, yaml };
    }
    const line = counter.linePos(error.pos[0]).line;
    const all = yaml.split('\n');
    const text = all[line - 1] ?? '';
    const words =
      /^(?:BAD_SCALAR_START|BLOCK_AS_IMPLICIT_KEY|UNEXPECTED_TOKEN)$/.test(error.code) && valueLine.test(text);
    if (!words || mended.has(line)) throw refusal(error.code, linesBefore, all, line);
    mended.add(line);
    all[line - 1] = quoted(text);
    yaml = all.join('\n');
  }
}

function refusal(code: string, linesBefore: number, all: readonly string[], at: number): LianfaError {
  // What is never closed is missed at the end; it began further up.
  const opened = all.findLastIndex((text, index) => index < at && /:\s*["'[{]/.test(text)) + 1;
  const unclosed = /^(?:MISSING_CHAR|BAD_INDENT)$/.test(code) && opened > 0;
  const row = unclosed ? opened : at;
  const line = linesBefore + row;
  const name = /^\s*(?:-\s+)?([^:：\s]+)/.exec(all[row - 1] ?? '')?.[1] ?? '';
  if (code === 'DUPLICATE_KEY')
    return wrong(line, { zh: `“${name}”写了两遍，请只留一处。`, en: `"${name}" is written twice; keep one.` }, name);
  if (unclosed)
    return wrong(
      line,
      { zh: `“${name}”的引号或括号没有配对。`, en: `a quote or bracket of "${name}" is never closed.` },
      name,
    );
  return wrong(line, {
    zh: '这一行读不懂。每行写成“名称: 值”，冒号后空一格；值里有特殊符号时，给整个值加上双引号。',
    en: 'this line cannot be read. Write "name: value", with a blank behind the colon; put a value with special signs into double quotes.',
  });
}

function refuseReferences(document: Document.Parsed, yaml: string, linesBefore: number): void {
  visit(document, {
    Node(_, node) {
      const marked =
        isAlias(node) || node.anchor !== undefined || (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org'));
      if (!marked) return;
      throw wrong(linesBefore + lines(yaml.slice(0, node.range?.[0] ?? 0)) + 1, {
        zh: '用了 YAML 的引用或类型标记（&、*、!），请直接写出内容。',
        en: 'it uses references or tags of YAML (&, *, !); write the content itself.',
      });
    },
  });
}

/** In these, a `#` is as likely a word as a comment, and nothing of them may be lost. */
const wholeLines = new Set(['title', 'summary']);

/** What YAML would fold or leave out of a value: joined as Chinese is, kept, or told. */
function keepWords(document: Document.Parsed, yaml: string, dropped: DroppedList): void {
  visit(document, {
    Scalar(key, node, path) {
      const [start, end] = node.range ?? [0, 0];
      const raw = yaml.slice(start, end);
      if (raw.includes('\n')) node.value = unfolded(node, raw);
      if (key === 'key' || node.type !== 'PLAIN') return;
      const comment = /^[^\S\n]+(#.*)$/m.exec(yaml.slice(end, end + 500).split('\n')[0] ?? '')?.[1]?.trim();
      if (comment === undefined) return;
      const field = fieldOf(path);
      if (wholeLines.has(field)) node.value = `${String(node.value)} ${comment}`;
      else dropped.tell('header_comment', `${field}: ${comment}`.slice(0, 80));
    },
  });
}

function fieldOf(path: readonly unknown[]): string {
  return path
    .flatMap((step) =>
      typeof step === 'object' && step !== null && 'key' in step && isScalar(step.key) ? [String(step.key.value)] : [],
    )
    .join('.');
}

function unfolded(node: Scalar, raw: string): string {
  const value = String(node.value);
  if (node.type === 'BLOCK_LITERAL') return value.trimEnd();
  const broken = node.type === 'PLAIN' ? /(\S)\s*\n\s*(?=(\S))/gu : /(\S) (?=(\S))/gu;
  return (node.type === 'PLAIN' ? raw : value)
    .replace(broken, (_, before: string, after: string) =>
      isChineseSign(before) && isChineseSign(after) ? before : `${before} `,
    )
    .trimEnd();
}

function isEmpty(node: unknown): boolean {
  return isScalar(node) && (node.value === null || node.value === '');
}

function lines(text: string): number {
  return text.split('\n').length - 1;
}

function wrong(line: number, reason: { zh: string; en: string }, field?: string): LianfaError {
  return new LianfaError('field_invalid', {
    field: field !== undefined && names.includes(field) ? field : 'front matter',
    reason: { zh: `第 ${line} 行，${reason.zh}`, en: `line ${line}: ${reason.en}` },
  });
}
