/** Pictures, however their file is named: with blanks, brackets, backslashes, `![[…]]`. Each remembers how it was written, so that its file can be found. */
import type { MarkdownIt, StateInline } from 'markdown-it';

const ending = '\\.(?:png|jpe?g|gif|webp|bmp|tiff?|avif|hei[cf]|svg|ico|wmf|emf)';
const file = `[^\\n]{0,400}?${ending}(?:[?#][^\\s)]{0,400})?|[^()\\n]{1,400}?`;
const withBlanks = new RegExp(
  `!\\[((?:[^\\]\\\\\\n]|\\\\.){0,1000})\\]\\(\\s*<?(${file})>?(?:\\s+("[^"\\n]*"|'[^'\\n]*'))?(?:\\s+=(\\d*%?x?\\d*%?))?\\s*\\)`,
  'iy',
);
const embedded = /!\[\[([^\]|\n]{1,400})(?:\|([^\]\n]{0,400}))?\]\]/y;

export function addLoosePictures(markdown: MarkdownIt): void {
  const { ruler } = markdown.inline;
  const strict = ruler.__rules__.find(({ name }) => name === 'image')?.fn;
  if (!strict) throw new Error('markdown-it has no rule for pictures any more');
  ruler.at('image', (state, silent) => {
    const start = state.pos;
    if (!strict(state, silent) && !loose(state, silent)) return false;
    const token = state.tokens.at(-1);
    if (!silent && token?.type === 'image')
      token.meta = { ...token.meta, at: start, raw: state.src.slice(start, state.pos) };
    return true;
  });
}

function loose(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== '!') return false;
  const source = state.src.slice(0, state.posMax);
  embedded.lastIndex = withBlanks.lastIndex = state.pos;
  const wiki = embedded.exec(source);
  const found = wiki ?? withBlanks.exec(source);
  if (!found) return false;
  const [whole, first = '', second = '', title, size] = found;
  if (!silent) {
    const token = state.push('image', 'img', 0);
    const alt = wiki ? (/^\d+(x\d+)?$/.test(second) ? '' : second) : first;
    token.attrs = [
      ['src', state.md.normalizeLink(wiki ? first.trim() : second.trim())],
      ['alt', ''],
    ];
    if (title) token.attrPush(['title', title.slice(1, -1)]);
    token.content = alt;
    token.children = [];
    state.md.inline.parse(alt, state.md, state.env, token.children);
    const asked = size ?? (wiki && !alt ? second : '');
    if (asked) token.meta = { size: asked };
  }
  state.pos += whole.length;
  return true;
}
