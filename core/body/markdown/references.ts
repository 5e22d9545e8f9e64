/** `[名]: 地址` at the end of a text gives a link its address. What only looks like one is a note in words, and stays one. */
import type { MarkdownIt, StateCore, Token } from 'markdown-it';

const addressLike = /^(?:[a-z][a-z0-9+.-]*:|[./#\\])|[/\\]|\.[a-z0-9]{2,5}$/i;

export function keepNotes(markdown: MarkdownIt): void {
  const { ruler } = markdown.block;
  const strict = ruler.__rules__.find(({ name }) => name === 'reference')?.fn;
  if (!strict) throw new Error('markdown-it has no rule for link definitions any more');
  ruler.at('reference', (state, start, end, silent) => {
    const line = state.src.slice((state.bMarks[start] ?? 0) + (state.tShift[start] ?? 0), state.eMarks[start]);
    const target = /^\[[^\]]+\]:\s*<?([^\s>]*)/.exec(line)?.[1];
    return (!target || addressLike.test(target)) && strict(state, start, end, silent);
  });
  markdown.core.ruler.before('strip_references', 'reference_kept', keepDefinitions);
}

/** The parser forgets definitions; whoever tells the author which of them nothing used needs them still. */
function keepDefinitions({ tokens, env, Token: Part }: StateCore): void {
  for (const [label, { href }] of Object.entries(env.references ?? {})) {
    const kept = new Part('reference_unused', '', 0);
    kept.info = label;
    kept.content = href;
    tokens.push(kept);
  }
}

/** The definition of a picture goes unused where the picture is named by its hash meanwhile. */
const picture = /\.(?:png|jpe?g|gif|webp|bmp|tiff?|avif|hei[cf])$/i;

/** Without the definitions that a link or a picture uses. */
export function unusedOnly(tokens: readonly Token[]): Token[] {
  const used = new Set(addressesIn(tokens));
  return tokens.filter(
    ({ type, content }) => type !== 'reference_unused' || !(used.has(content) || picture.test(content)),
  );
}

function addressesIn(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) => [
    ...(token.type === 'link_open' ? [String(token.attrGet('href'))] : []),
    ...(token.type === 'image' ? [String(token.attrGet('src'))] : []),
    ...addressesIn(token.children ?? []),
  ]);
}
