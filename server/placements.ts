import { z } from 'zod';
import { placement, placementRow, resolveOrder } from '../core/placements/report.js';
import { pageOf } from './contract/pages.js';
import { placementQuery } from './contract/placements.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export function placementEndpoints({ orders, queries }: Pick<Services, 'orders' | 'queries'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/placements',
        summary: { zh: '一个发布件的发布位列表', en: 'The placements of a release' },
        needs: { permission: 'releases.read', over: 'release' },
        params: byId,
        query: placementQuery,
        answer: { status: 200, schema: pageOf(placementRow) },
      },
      ({ params, query }) => queries.placements(params.id, query),
    ),
    endpoint(
      {
        method: 'get',
        path: '/placements/:id',
        summary: {
          zh: '一个发布位：应有、现有、依据及全部经过',
          en: 'One placement: wanted, standing, evidence, history',
        },
        needs: { permission: 'releases.read', over: 'placement' },
        params: byId,
        answer: { status: 200, schema: placement },
      },
      ({ params }) => queries.placement(params.id),
    ),
    endpoint(
      {
        method: 'post',
        path: '/placements/:id/retry',
        summary: { zh: '重试（先向平台核实）', en: 'Try again; the platform is asked first' },
        needs: { permission: 'placements.settle', over: 'placement' },
        params: byId,
        answer: { status: 202, schema: placement },
      },
      async ({ params }, caller) => {
        await orders.retry(params.id, caller._id);
        return queries.placement(params.id);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/placements/:id/resolve',
        summary: { zh: '人工确认结果', en: 'A person says what happened' },
        needs: { permission: 'placements.settle', over: 'placement' },
        params: byId,
        body: resolveOrder,
        answer: { status: 202, schema: placement },
      },
      async ({ params, body }, caller) => {
        await orders.resolve(params.id, body, caller._id);
        return queries.placement(params.id);
      },
    ),
  ];
}
