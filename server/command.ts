/** The command screen (指挥屏): the board of one release, the rows behind its numbers, and one act for a group of them. */
import { z } from 'zod';
import { announceAct } from '../core/audit/book.js';
import { board, onDuty, troubles } from '../core/command/board.js';
import { troubled } from '../core/command/causes.js';
import { onDutyFor } from '../core/command/on-duty.js';
import { openBoards } from '../core/command/read-board.js';
import { LianfaError } from '../core/errors.js';
import { boardQuery, retried, retryOrder, troublesQuery } from './contract/command.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });
const reading = { permission: 'releases.read', over: 'release' } as const;

export function commandEndpoints({
  store,
  queries,
  orders,
}: Pick<Services, 'store' | 'queries' | 'orders'>): Endpoint[] {
  const boards = openBoards(store, queries);
  return [
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/board',
        summary: {
          zh: '指挥屏：各地区、原因、速率、未确认单位、来文链',
          en: 'The command screen: places, causes, pace, who has not confirmed, messages',
        },
        needs: reading,
        params: byId,
        query: boardQuery,
        answer: { status: 200, schema: board },
      },
      ({ params, query }) => boards.board(params.id, query),
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/on-duty',
        summary: {
          zh: '未确认单位的值班电话（限有权查看值班表的范围）',
          en: 'Whom to telephone where nobody has confirmed, within the rosters that one may see',
        },
        needs: reading,
        params: byId,
        answer: { status: 200, schema: onDuty },
      },
      // Of one person's rights, so it is no part of the board, which many share.
      async ({ params: { id } }, { rights }) => ({
        items: await onDutyFor(store, id, (path) => rights.may('duty.read', path), new Date()),
      }),
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/troubles',
        summary: {
          zh: '失败、等待或需人工处理的发布位，附总数',
          en: 'Placements that failed, wait or need a person, and how many there are',
        },
        needs: reading,
        params: byId,
        query: troublesQuery,
        answer: { status: 200, schema: troubles },
      },
      ({ params, query }) => boards.troubles(params.id, query),
    ),
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/retry',
        summary: {
          zh: '整组重试（逐个先向平台核实）',
          en: 'Try a group again; of each the platform is asked first',
        },
        needs: { permission: 'placements.settle', over: 'release' },
        params: byId,
        body: retryOrder,
        answer: { status: 202, schema: retried },
      },
      async ({ params: { id }, body: { after, limit, ...group } }, { _id: by, actor }) => {
        const filter = troubled(id, group);
        const rows = await store.placements
          .find(after === undefined ? filter : { ...filter, _id: { $gt: after } }, { _id: 1 })
          .sort({ _id: 1 })
          .limit(limit + 1)
          .lean();
        const some = rows.slice(0, limit).map(({ _id }) => _id);
        let count = 0;
        const entry = { act: 'placement.retry-group', on: { release: id }, before: group, who: actor };
        await announceAct(store, { ...entry, outcome: 'done', after: { asked: some.length } });
        for (const placement of some) if (await retriedOne(placement, by)) count += 1;
        return { retried: count, ...(rows.length > limit && { next: some.at(-1) ?? '' }) };
      },
    ),
  ];

  /** Somebody else may have been quicker: then there is nothing to do. */
  async function retriedOne(placement: string, by: string): Promise<boolean> {
    try {
      await orders.retry(placement, by);
      return true;
    } catch (error) {
      if (error instanceof LianfaError && error.code === 'move_forbidden') return false;
      throw error;
    }
  }
}
