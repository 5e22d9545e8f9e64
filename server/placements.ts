/** Placements: lists, one with its history, and a person's word on one: try again, or this is what happened. */
import { z } from 'zod';
import { act } from '../core/audit/book.js';
import { placement, placementRow, resolveOrder } from '../core/placements/report.js';
import { copyFor } from '../core/placements/hand-copy.js';
import { copyBody } from './copy-body.js';
import { handCopy } from './contract/callouts.js';
import { pageOf } from './contract/pages.js';
import { placementQuery } from './contract/placements.js';
import { endpoint, type Caller, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export function placementEndpoints(
  services: Pick<Services, 'store' | 'orders' | 'queries' | 'channels' | 'config'>,
): Endpoint[] {
  const { store, orders, queries } = services;

  /** Kept in the book of acts, or not done. */
  async function onOne(
    id: string,
    { actor }: Caller,
    what: { act: 'placement.retry' | 'placement.settle'; after?: object; note?: string },
    work: () => Promise<void>,
  ): Promise<z.input<typeof placement>> {
    const row = await store.placements.findById(id, { release: 1, organization: 1, state: 1 }).lean();
    const on = { placement: id, ...(row && { release: row.release }) };
    const before = row && { state: row.state };
    await act(store, { ...what, outcome: 'done', who: actor, unit: row?.organization, on, before }, work);
    return queries.placement(id);
  }

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
        method: 'get',
        path: '/placements/:id/copy',
        summary: {
          zh: '人工转发的稿件：按次序复制的文字和图片，及要撤下的旧文',
          en: 'What is to be copied by hand, in its order, and what it takes the place of',
        },
        needs: { permission: 'releases.read', over: 'placement' },
        params: byId,
        answer: { status: 200, schema: z.object({ copy: handCopy.optional() }) },
      },
      async ({ params: { id } }) => {
        const copy = await copyFor(services, id);
        return copy ? { copy: copyBody(copy) } : {};
      },
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
      ({ params: { id } }, caller) => onOne(id, caller, { act: 'placement.retry' }, () => orders.retry(id, caller._id)),
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
      ({ params: { id }, body }, caller) => {
        const { note, ...after } = body;
        return onOne(id, caller, { act: 'placement.settle', after, note }, () => orders.resolve(id, body, caller._id));
      },
    ),
  ];
}
