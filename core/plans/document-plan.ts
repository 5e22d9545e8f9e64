/** The plan that a document carries in its front matter: refused with its line where it names no time, or one that has passed. */
import { beijingMinute } from '../../channels/beijing-calendar.js';
import type { WrittenPlan, WrittenTime } from '../documents/header-plan.js';
import { LianfaError } from '../errors.js';
import { readPlannedTime, sayInstant, type DayEnd } from './planned-time.js';

export interface DocumentPlan {
  notBefore?: Date;
  expires?: Date;
}

/** @throws LianfaError field_invalid, naming the line */
export function documentPlan({ begins, ends }: WrittenPlan, now: Date): DocumentPlan {
  const notBefore = begins && instantOf(begins, 'begins');
  const expires = ends && instantOf(ends, 'ends');
  if (begins && notBefore && notBefore <= now)
    throw refused(begins, {
      zh: `${sayInstant(notBefore)}已经过去。`,
      en: `${beijingMinute(notBefore)}, Beijing time, has passed.`,
    });
  if (ends && expires && expires <= (notBefore ?? now))
    throw refused(ends, {
      zh: `${sayInstant(expires)}应晚于${notBefore ? '发布时间' : '现在'}。`,
      en: `${beijingMinute(expires)}, Beijing time, must be after ${notBefore ? 'the time at which it goes out' : 'now'}.`,
    });
  return { ...(notBefore && { notBefore }), ...(expires && { expires }) };
}

function instantOf(time: WrittenTime, whole: DayEnd): Date {
  const instant = readPlannedTime(time.written, whole);
  if (instant) return instant;
  throw refused(time, {
    zh: `“${time.written}”不是时间，请写成“2026-12-01 09:00”（北京时间）。`,
    en: `"${time.written}" is no time; write it like "2026-12-01 09:00", by the clock of Beijing.`,
  });
}

function refused({ field, line }: WrittenTime, { zh, en }: { zh: string; en: string }): LianfaError {
  const at = line === undefined ? { zh: '', en: '' } : { zh: `（第 ${line} 行）`, en: ` (line ${line})` };
  return new LianfaError('field_invalid', { field, reason: { zh: `${zh}${at.zh}`, en: `${en}${at.en}` } });
}
