/** What Markdown says to a program and no channel can show: taken out of the text and told. Marks that were left without effect are told, too. */
import type { Token } from 'markdown-it';
import type { DroppedList } from '../dropped.js';
import { inlineParts, wordsBeside } from './parts.js';
import { unusedOnly } from './references.js';

/** The tokens without what cannot be shown. */
export function withoutUnread(tokens: readonly Token[], dropped: DroppedList): Token[] {
  const kept = unusedOnly(tokens).filter(
    (token, index, all) => !isContents(all, index, dropped) && !isTold(token, dropped),
  );
  for (const { children } of inlineParts(kept)) {
    for (const [index, token] of children.entries()) readInline(children, index, token, dropped);
  }
  for (const [index, token] of kept.entries()) if (token.type === 'heading_open') readHeading(kept[index + 1], dropped);
  return kept;
}

function isTold({ type, info, content }: Token, dropped: DroppedList): boolean {
  if (type === 'formula_block') dropped.tell('formula', content.slice(0, 40));
  if (type === 'fence' && info.trim()) dropped.tell('code_language', info.trim().split(/\s/)[0] ?? '');
  if (type === 'reference_unused') dropped.tell('unused_reference', `[${info}]: ${content}`.slice(0, 80));
  else if (type === 'footnote_unused') dropped.tell('unused_footnote', info.slice(0, 40), content.slice(0, 20));
  else return false;
  return true;
}

const contents = /^(?:\[\[?(?:toc|目录)\]\]?|@\[toc\](?:\(.*\))?|\{\{?\s*toc\s*\}?\}|\{:toc\})$/i;

/** A paragraph that asks for a table of contents: its three tokens. */
function isContents(tokens: readonly Token[], index: number, dropped: DroppedList): boolean {
  const at = [index, index - 1, index + 1].find((place) => contents.test(tokens[place]?.content.trim() ?? ''));
  const asked = at === undefined ? undefined : tokens[at];
  if (at === undefined || asked?.type !== 'inline' || tokens[at - 1]?.type !== 'paragraph_open') return false;
  if (at === index) dropped.tell('contents', asked.content.trim());
  return true;
}

const attributes =
  /^\{(?::\s*)?(?:[#.][\w-]+|[\w-]+=(?:"[^"]*"|'[^']*'|[^\s{}]+))(?:\s+(?:[#.][\w-]+|[\w-]+=(?:"[^"]*"|'[^']*'|[^\s{}]+)))*\s*\}/;

function readInline(children: readonly Token[], index: number, token: Token, dropped: DroppedList): void {
  if (token.type === 'formula') dropped.tell('formula', token.content.slice(0, 40));
  if (token.type === 'image' || token.type === 'link_open') {
    const tip = token.attrGet('title');
    if (tip) dropped.tell('tip', String(tip).slice(0, 80));
    token.attrs = token.attrs?.filter(([name]) => name !== 'title') ?? null;
  }
  const size = token.meta?.['size'];
  if (typeof size === 'string') dropped.tell('attributes', size);
  if (token.type !== 'text') return;
  if (/^(?:image|link_close|code_inline|strong_close|em_close)$/.test(children[index - 1]?.type ?? ''))
    token.content = token.content.replace(attributes, (mark) => {
      dropped.tell('attributes', mark.slice(0, 60));
      return '';
    });
  for (const [mark] of token.content.matchAll(idle))
    dropped.tell('idle_mark', mark.slice(0, 20), wordsBeside(children, index));
}

/** `# 标题 {#id}` */
function readHeading(line: Token | undefined, dropped: DroppedList): void {
  const last = line?.children?.at(-1);
  if (last?.type !== 'text') return;
  const [, words, mark = ''] = /^(.*?)\s*(\{[^{}]*\})$/.exec(last.content) ?? [];
  if (words === undefined || !attributes.test(mark)) return;
  last.content = words;
  dropped.tell('attributes', mark.slice(0, 60));
}

/** Marks that somebody meant and that came to nothing: unpaired, with blanks inside, or of another dialect. */
const idle = new RegExp(
  [
    /\*\*+|~~|==(?=[^=\s])|\[\[[^\]]*\]\]|\[\^[^\]\s]+\]|^:::+.*|^#{1,6}(?=[^\s#])/,
    // Boxes of MkDocs and GitHub, underlines, abbreviations, comments, and calls of site generators.
    /^(?:!!!|\?\?\?)\+?\s*[a-z].*|^\[![A-Z]+\]|(?<![A-Za-z\d])\+\+[^+\s][^+]*\+\+|^\*\[[^\]]+\]:|%%[^%]+%%|\{[{%][<%]?[^{}]*[>%]?[}%]\}/,
    // A row that would have made a table of the lines around it, had it as many cells as the first.
    /^\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?$/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);
