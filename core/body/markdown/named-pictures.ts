/** The pictures that a Markdown text names, so that their files can be found and named by hash instead. */
import { htmlPictures, type NamedPicture } from '../html-pictures.js';
import { parseMarkdown } from './markdown.js';
import { inlineParts } from './parts.js';

/** The pictures that a Markdown text names, in Markdown and in HTML inside it, each with its line (the first is 1). */
export function markdownPictures(text: string): NamedPicture[] {
  const tokens = parseMarkdown(text);
  const inLines = inlineParts(tokens).flatMap(({ children, line, content }) => {
    let from = 0;
    return flat(children).flatMap((token): NamedPicture[] => {
      const raw = token.type === 'image' ? token.meta?.['raw'] : token.content;
      if (typeof raw !== 'string' || (token.type !== 'image' && token.type !== 'html_inline')) return [];
      const at = Math.max(from, content.indexOf(raw, from));
      from = at;
      const place = line + content.slice(0, at).split('\n').length;
      if (token.type === 'html_inline') return htmlPictures(raw).map((picture) => ({ ...picture, line: place }));
      const title = token.attrGet('title');
      const named = decoded(String(token.attrGet('src') ?? ''));
      const as = (to: string): string =>
        `![${token.content.replace(/\n/g, ' ')}](${to}${title === null ? '' : ` ${JSON.stringify(title)}`})`;
      return [{ named, line: place, raw, as }];
    });
  });
  const inBlocks = tokens.flatMap(({ type, content, map }) =>
    type === 'html_block'
      ? htmlPictures(content).map((picture) => ({ ...picture, line: (map?.[0] ?? 0) + picture.line }))
      : [],
  );
  return [...inLines, ...inBlocks].sort((a, b) => a.line - b.line);
}

/** A picture may stand in the words of another one, or of a link. */
function flat(children: ReturnType<typeof inlineParts>[number]['children']): typeof children {
  return children.flatMap((token) => [token, ...flat(token.type === 'image' ? [] : (token.children ?? []))]);
}

function decoded(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}
