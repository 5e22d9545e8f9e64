import { z } from 'zod';
import { delivery, deliveryRow, resolveOrder } from '../core/deliveries/report.js';
import { deliveryQuery } from './contract/deliveries.js';
import { pageOf } from './contract/pages.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export function deliveryEndpoints({ orders, queries }: Pick<Services, 'orders' | 'queries'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/deliveries',
        summary: { zh: '一个发布件的投递列表', en: 'The deliveries of a release' },
        params: byId,
        query: deliveryQuery,
        answer: { status: 200, schema: pageOf(deliveryRow) },
      },
      ({ params, query }) => queries.deliveries(params.id, query),
    ),
    endpoint(
      {
        method: 'get',
        path: '/deliveries/:id',
        summary: { zh: '一条投递及其全部经过', en: 'One delivery with all that happened to it' },
        params: byId,
        answer: { status: 200, schema: delivery },
      },
      ({ params }) => queries.delivery(params.id),
    ),
    endpoint(
      {
        method: 'post',
        path: '/deliveries/:id/retry',
        summary: { zh: '重试（先向平台核实）', en: 'Try again; the platform is asked first' },
        params: byId,
        answer: { status: 202, schema: delivery },
      },
      async ({ params }, caller) => {
        await orders.retry(params.id, caller._id);
        return queries.delivery(params.id);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/deliveries/:id/resolve',
        summary: { zh: '人工确认结果', en: 'A person says what happened' },
        params: byId,
        body: resolveOrder,
        answer: { status: 202, schema: delivery },
      },
      async ({ params, body }, caller) => {
        await orders.resolve(params.id, body, caller._id);
        return queries.delivery(params.id);
      },
    ),
  ];
}
