/** When an order may leave, as it is asked for. */
import { beijingMinute } from '../../channels/beijing-calendar.js';
import { lastInstant } from '../../channels/emergency.js';
import { LianfaError } from '../errors.js';
import type { Order } from '../model/order.js';
import { sayInstant } from '../plans/planned-time.js';
import { tolerances } from '../plans/verdict.js';

export interface Timing {
  notBefore?: Date | undefined;
  expires?: Date | undefined;
  /** Minutes. */
  tolerance?: number | undefined;
}

/** The fields of an order that say when. @throws LianfaError plan_in_past, field_invalid, field_missing */
export function timed({ notBefore, expires, tolerance }: Timing, lane: Order['lane'], now: Date): Partial<Order> {
  if (notBefore && notBefore <= now)
    throw new LianfaError('plan_in_past', { field: 'notBefore', at: sayInstant(notBefore) });
  if (tolerance !== undefined && !notBefore) throw new LianfaError('field_missing', { field: 'notBefore' });
  for (const [field, at] of Object.entries({ notBefore, expires }))
    if (at && at.getTime() > lastInstant)
      throw wrong(field, { zh: '时间最晚到 9999 年 12 月 31 日。', en: 'it is after the year 9999.' });
  if (expires && expires <= (notBefore ?? now))
    throw wrong('expires', {
      zh: `截止时间（${sayInstant(expires)}）应晚于排定时间和现在。`,
      en: `it (${beijingMinute(expires)}, Beijing time) must be after the planned time, and after now.`,
    });
  return {
    ...(notBefore && { notBefore, tolerance: tolerance ?? tolerances[lane], state: 'planned' as const }),
    ...(expires && { expires }),
  };
}

function wrong(field: string, reason: { zh: string; en: string }): LianfaError {
  return new LianfaError('field_invalid', { field, reason });
}
