/** When a document says that it goes out, in the words that stand in its front matter. What they mean is read in core/plans. */
import { LianfaError } from '../errors.js';
import type { FrontMatter } from './front-matter.js';
import { isNothing } from './header-values.js';

/** A time as it is written, under the name that the document uses. */
export interface WrittenTime {
  field: string;
  written: string;
  line: number | undefined;
}

export interface WrittenPlan {
  begins?: WrittenTime;
  ends?: WrittenTime;
}

/** The names under which a front matter may say it. */
export const planNames = { begins: ['publishAt', '发布时间'], ends: ['expires', '截止时间'] } as const;

/** @throws LianfaError field_invalid where it is said twice, or is no text */
export function planIn(front: FrontMatter): WrittenPlan {
  const [begins, ends] = [timeIn(front, planNames.begins), timeIn(front, planNames.ends)];
  return { ...(begins && { begins }), ...(ends && { ends }) };
}

function timeIn({ values, lineOf }: FrontMatter, names: readonly string[]): WrittenTime | undefined {
  const [field, twice] = names.filter((name) => !isNothing(values[name]));
  if (field === undefined) return undefined;
  const written = values[field];
  if (twice !== undefined)
    throw refused(twice, {
      zh: `与“${field}”说的是同一件事，请只留一处。`,
      en: `it says the same as "${field}"; keep one.`,
    });
  if (typeof written !== 'string') throw refused(field, { zh: '这里要写一个时间。', en: 'this must be one time.' });
  return { field, written: written.trim(), line: lineOf(field) };
}

function refused(field: string, reason: { zh: string; en: string }): LianfaError {
  return new LianfaError('field_invalid', { field, reason });
}
