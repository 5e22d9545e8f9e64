/** What goes out when: planned orders, and the calendar of working days beside them. */
import { z } from 'zod';
import { beijingInstant } from '../channels/beijing-calendar.js';
import { LianfaError } from '../core/errors.js';
import { orderBody } from '../core/placements/order-body.js';
import { order } from '../core/placements/report.js';
import { calendarDays, enterYear } from '../core/plans/calendar.js';
import { plansBetween } from '../core/plans/list.js';
import { yearOf } from '../core/plans/year.js';
import * as contract from './contract/plans.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { forbidden } from '../core/people/forbidden.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export function planEndpoints(services: Pick<Services, 'store' | 'orders' | 'changes'>): Endpoint[] {
  return [...calendar(services), ...pending(services)];
}

function calendar({ store }: Pick<Services, 'store'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/plans',
        summary: { zh: '某段日期内的排期：何时发出什么', en: 'What goes out when, on the days asked for' },
        needs: { permission: 'releases.read', over: 'places' },
        query: contract.daysQuery,
        answer: { status: 200, schema: contract.plans },
      },
      async ({ query }, { rights }) => {
        refuseTooLong(query);
        const places = rights.places('releases.read');
        const { plans, more } = await plansBetween(store, beginningOf(query.from), endOf(query.to), places);
        const items = plans.map(({ order: row, title, number, kind }) => ({
          ...orderBody(row),
          release: row.release,
          title,
          number,
          kind,
        }));
        return { items, more };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/calendar/days',
        summary: {
          zh: '工作日历：每天上班还是休息，依据哪份通知',
          en: 'Working days: which days are worked, by which notice',
        },
        needs: { permission: 'any' },
        query: contract.daysQuery,
        answer: { status: 200, schema: contract.calendarDays },
      },
      async ({ query }) => {
        refuseTooLong(query);
        return { days: await calendarDays(store, query.from, query.to) };
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/calendar/years/:year',
        summary: {
          zh: '录入一年的放假安排（整年替换）',
          en: 'Enter the holidays of a year, in place of what was known of it',
        },
        needs: { permission: 'calendar.manage', over: 'places' },
        params: z.object({ year: z.string().regex(/^20\d\d$/) }),
        body: contract.calendarYear,
        answer: { status: 200, schema: contract.calendarYearEntered },
      },
      async ({ params, body }, caller) => {
        // One calendar for all units: whoever keeps it does so for the hub as a whole.
        if (!caller.rights.may('calendar.manage', '')) throw forbidden('calendar.manage');
        await enterYear(store, yearOf(Number(params.year), body), caller.actor);
        return { off: body.off.length, working: body.working.length };
      },
    ),
  ];
}

function pending({ orders, changes }: Pick<Services, 'orders' | 'changes'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'post',
        path: '/orders/:id/unschedule',
        summary: {
          zh: '取消排期（已公开的内容不受影响）',
          en: 'Take a planned order back; what stands is not touched',
        },
        needs: { permission: 'releases.withdraw', over: 'order' },
        params: byId,
        answer: { status: 200, schema: order },
      },
      async ({ params }, caller) => {
        const row = await orders.unschedule(params.id, caller.actor);
        await changes.announce({ release: row.release, ids: [] }).catch(() => undefined);
        return orderBody(row);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/orders/:id/send',
        summary: { zh: '仍然发出被暂停的发布令', en: 'Send a held order all the same' },
        needs: { permission: 'releases.sign', over: 'order' },
        params: byId,
        answer: { status: 200, schema: order },
      },
      async ({ params }, caller) => {
        const row = await orders.send(params.id, caller.actor);
        await changes.announce({ release: row.release, ids: [] }).catch(() => undefined);
        return orderBody(row);
      },
    ),
  ];
}

/** Days in one answer. */
const mostDays = 400;

function refuseTooLong({ from, to }: { from: string; to: string }): void {
  const long = (Date.parse(to) - Date.parse(from)) / 86_400_000 >= mostDays;
  if (!long && from <= to) return;
  const reason = long
    ? { zh: `一次最多 ${mostDays} 天。`, en: `at most ${mostDays} days at a time.` }
    : { zh: '结束日期早于开始日期。', en: 'it lies before the beginning.' };
  throw new LianfaError('field_invalid', { field: 'to', reason });
}

function beginningOf(day: string): Date {
  return at(day, 0);
}

function endOf(day: string): Date {
  return at(day, 24);
}

function at(text: string, hour: number): Date {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const instant = beijingInstant({ year, month, day, hour, minute: 0 });
  if (!instant)
    throw new LianfaError('field_invalid', {
      field: 'from',
      reason: { zh: '没有这一天。', en: 'there is no such day.' },
    });
  return instant;
}
