/** Footnotes: `[1]` raised in the text, and below a rule at its end `[1]` before the note. */
import type { MarkdownIt, StateCore, Token } from 'markdown-it';

export function showFootnotes(markdown: MarkdownIt): void {
  const { rules } = markdown.renderer;
  rules['footnote_ref'] = (tokens, index) => `<sup>${numberOf(tokens[index])}</sup>`;
  rules['footnote_block_open'] = () => '<hr>\n';
  // A note that begins with a list or a table has its number on a line of its own.
  rules['footnote_open'] = (tokens, index) => (numbered(tokens, index) ? '' : `<p>${numberOf(tokens[index])}</p>\n`);
  for (const silent of ['footnote_block_close', 'footnote_close', 'footnote_anchor']) rules[silent] = () => '';
  markdown.core.ruler.before('footnote_tail', 'footnote_unused', markUnused);
  markdown.core.ruler.after('footnote_tail', 'footnote_numbers', writeNumbers);
}

/** A note that nothing in the text refers to would vanish: it is kept as a part to be told. Of two under one name the later one counts. */
function markUnused({ tokens, Token: Part }: StateCore): void {
  const open = new Set(
    tokens.flatMap(({ children }) =>
      (children ?? []).flatMap((part) => (part.type === 'footnote_ref' ? [String(part.meta?.['label'])] : [])),
    ),
  );
  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    const token = tokens[index];
    if (token?.type !== 'footnote_reference_open') continue;
    const label = String(token.meta?.['label']);
    if (open.delete(label)) continue;
    const unused = new Part('footnote_unused', '', 0);
    unused.info = label;
    unused.content = tokens[index + 2]?.content ?? '';
    tokens.push(unused);
  }
}

function writeNumbers({ tokens, Token: Part }: StateCore): void {
  for (const [index, token] of tokens.entries()) {
    const line = tokens[index + 2];
    if (token.type !== 'footnote_open' || !numbered(tokens, index) || !line) continue;
    const number = new Part('text', '', 0);
    number.content = `${numberOf(token)} `;
    line.children = [number, ...(line.children ?? [])];
  }
}

function numbered(tokens: readonly Token[], index: number): boolean {
  return tokens[index + 1]?.type === 'paragraph_open' && tokens[index + 2]?.type === 'inline';
}

function numberOf(token: Token | undefined): string {
  return `[${Number(token?.meta?.['id'] ?? 0) + 1}]`;
}
