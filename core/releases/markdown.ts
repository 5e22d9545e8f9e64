/** Markdown with front matter. Links and raw HTML pass through here untouched: cleaning comes after, and tells what it takes out. */
import MarkdownIt from 'markdown-it';
import { parse } from 'yaml';
import { z } from 'zod';
import { LianfaError } from '../errors.js';

const markdown = new MarkdownIt({ html: true, linkify: true });
// Its own filter would leave a refused link standing as source text, and nobody would be told.
markdown.validateLink = () => true;
for (const cell of ['th_open', 'td_open']) {
  markdown.renderer.rules[cell] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    if (token) token.attrs = null;
    return self.renderToken(tokens, index, options);
  };
}

export function markdownToHtml(text: string): string {
  return markdown.render(text);
}

/** Splits the YAML front matter off. @throws LianfaError field_invalid where it is not a YAML mapping. */
export function splitFrontMatter(text: string): { header: Record<string, unknown>; body: string } {
  const match = /^\s*---[^\S\n]*\n([\s\S]*?)\n---[^\S\n]*(?:\n|$)/.exec(text);
  if (!match) return { header: {}, body: text };
  try {
    const header = z
      .record(z.string(), z.unknown())
      .parse(parse(match[1] ?? '', { schema: 'core', maxAliasCount: 20 }) ?? {});
    return { header, body: text.slice(match[0].length) };
  } catch (error) {
    const detail = error instanceof z.ZodError ? '' : ((error as Error).message.split('\n')[0] ?? '');
    throw new LianfaError(
      'field_invalid',
      {
        field: 'front matter',
        reason: {
          zh: `文件头（--- 之间）不是有效的 YAML。${detail}`,
          en: `The front matter (between ---) is not valid YAML. ${detail}`,
        },
      },
      { cause: error },
    );
  }
}
