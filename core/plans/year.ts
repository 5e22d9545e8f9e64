/** A year's holidays as an operator types them from the notice, checked. */
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import type { NoticedDay } from '../model/calendar-year.js';
import type { NoticedYear } from './working-days.js';

interface Typed {
  day: string;
  holiday: string;
}

/**
 * @throws LianfaError calendar_year_invalid, with the day at fault: of another year, named twice, or worked and no weekend
 * day. A day off at the weekend is right: notices name them.
 */
export function yearOf(
  year: number,
  { notice, off, working }: { notice: string; off: readonly Typed[]; working: readonly Typed[] },
): NoticedYear {
  const days: NoticedDay[] = [...off.map((one) => noticed(one, false)), ...working.map((one) => noticed(one, true))];
  const seen = new Set<string>();
  for (const { day, working: works } of days) {
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
    if (!day.startsWith(`${year}-`)) throw wrong(day, year, { zh: '不是这一年的日期。', en: 'it is of another year.' });
    if (seen.has(day)) throw wrong(day, year, { zh: '写了两遍。', en: 'it is named twice.' });
    if (works && weekday !== 0 && weekday !== 6)
      throw wrong(day, year, {
        zh: '本来就是周一至周五，不用列为上班；请核对日期。',
        en: 'it is no weekend day, and is worked anyway; check the date.',
      });
    seen.add(day);
  }
  return { year, notice, days };
}

function noticed({ day, holiday }: Typed, working: boolean): NoticedDay {
  return { day, working, holiday: { zh: holiday, en: holiday } };
}

function wrong(day: string, year: number, reason: Said): LianfaError {
  return new LianfaError('calendar_year_invalid', { day, year: String(year), reason });
}
