/** The front matter of a Markdown document. */
import { parse } from 'yaml';
import { z } from 'zod';
import { LianfaError } from '../errors.js';

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
