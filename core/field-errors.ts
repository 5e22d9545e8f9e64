/** Says what is wrong with an input, by field, in both languages. */
import { z } from 'zod';
import type { Said } from '../channels/channel.js';
import { LianfaError } from './errors.js';

const chinese = z.locales.zhCN().localeError;
const english = z.locales.en().localeError;

/** Checks `value`. @throws LianfaError field_missing or field_invalid for the first field at fault; `under` goes before its path. */
export function checkFields<T>(schema: z.ZodType<T>, value: unknown, under = ''): T {
  const result = schema.safeParse(value, { reportInput: true, error: english });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  // A key that nobody knows is itself the field at fault.
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const field = [under, ...(issue?.path ?? []), ...unknown].filter((part) => part !== '').join('.') || 'body';
  if (issue && isMissing(issue)) throw new LianfaError('field_missing', { field }, { cause: result.error });
  throw new LianfaError('field_invalid', { field, reason: reasonOf(schema, value, issue) }, { cause: result.error });
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'too_small') return issue.origin === 'string' && issue.minimum === 1;
  return issue.code !== 'unrecognized_keys' && issue.code !== 'custom' && issue.input === undefined;
}

function reasonOf(schema: z.ZodType, value: unknown, issue: z.core.$ZodIssue | undefined): Said {
  const zh = schema.safeParse(value, { error: chinese }).error?.issues[0]?.message;
  return { zh: zh ?? '格式不符', en: issue?.message ?? 'not of the right form' };
}
