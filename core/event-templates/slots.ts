/**
 * Texts with slots: `{{影响区域}}`. Read by Handlebars' own parser, and nothing but words and bare names is let through, so
 * there is nothing to run: no helper, no block, no path into an object, no markup that is not escaped.
 */
import Handlebars from 'handlebars';
import type { Said } from '../../channels/channel.js';
import { invalid } from '../import-given.js';

export type Part = { words: string } | { slot: string };

/** Slots of one text; its length is bounded by the schema. */
const mostSlots = 40;

/** @throws LianfaError field_invalid, naming `field` and what stands there */
export function partsOf(text: string, field: string): Part[] {
  if (text.split('{{').length > mostSlots + 1)
    throw invalid(field, { zh: `一段最多 ${mostSlots} 个要素。`, en: `at most ${mostSlots} facts in one text.` });
  return parsed(text, field).map((statement): Part => {
    if (statement.type === 'ContentStatement') return { words: (statement as hbs.AST.ContentStatement).value };
    const name = statement.type === 'MustacheStatement' ? nameOf(statement as hbs.AST.MustacheStatement) : undefined;
    if (name === undefined) throw invalid(field, notASlot);
    return { slot: name };
  });
}

function parsed(text: string, field: string): hbs.AST.Statement[] {
  try {
    return Handlebars.parse(text).body;
  } catch {
    // Its message is about tokens; what a person needs is which marks are meant.
    throw invalid(field, notASlot);
  }
}

/** A bare name in two braces on either side, and nothing besides. */
function nameOf({ path, params, hash, escaped, strip }: hbs.AST.MustacheStatement & { escaped: boolean }) {
  const plain = path.type === 'PathExpression' && escaped && params.length === 0 && (hash as unknown) === undefined;
  if (!plain || strip.open || strip.close) return undefined;
  const { parts, data, depth } = path as hbs.AST.PathExpression;
  return parts.length === 1 && !data && depth === 0 ? String(parts[0]) : undefined;
}

const notASlot: Said = {
  zh: '双花括号里只能写一个要素的名称，如 {{影响区域}}；不能有三重花括号、条件、循环或点号。',
  en: 'two braces hold the name of one fact, as {{影响区域}}; no third brace, condition, loop or dot.',
};

/** @throws LianfaError field_invalid */
export function slotsOf(text: string, field: string): string[] {
  return partsOf(text, field).flatMap((part) => ('slot' in part ? [part.slot] : []));
}

/** `values`: by name; a slot without one is left out. A Map, so that no name reaches what every object has. */
export function filled(text: string, values: ReadonlyMap<string, string>): string {
  return partsOf(text, 'text')
    .map((part) => ('slot' in part ? (values.get(part.slot) ?? '') : part.words))
    .join('');
}
