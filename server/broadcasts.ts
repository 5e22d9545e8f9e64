/** 联动发布: the forced look, the countdown's stop, what one person sent alone, and the list of broadcasts. */
import { z } from 'zod';
import { look } from '../core/broadcasts/looks.js';
import { LianfaError } from '../core/errors.js';
import { inlinePictures } from '../core/media/preview-picture.js';
import { within } from '../core/model/organization.js';
import type { Review } from '../core/model/review.js';
import { orderBody } from '../core/placements/order-body.js';
import { order } from '../core/placements/report.js';
import { lookInto } from '../core/reviews/glass.js';
import { readReview } from '../core/reviews/reviews.js';
import { stop } from '../core/reviews/stop.js';
import { broadcastRow, type BroadcastRow } from './contract/broadcasts.js';
import { pageOf, pageQuery } from './contract/pages.js';
import { finding, looked, looking, review } from './contract/reviews.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { glassOf, type BroadcastMeans } from './broadcast-body.js';
import { reviewBody, rowBodies } from './review-body.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export function broadcastEndpoints(services: BroadcastMeans & Pick<Services, 'library'>): Endpoint[] {
  const { store, changes, library } = services;
  return [
    endpoint(
      {
        method: 'get',
        path: '/broadcasts',
        summary: { zh: '联动发布（新的在前）', en: 'Broadcasts, newest first' },
        needs: { permission: 'reviews.read', over: 'places' },
        query: pageQuery,
        answer: { status: 200, schema: pageOf(broadcastRow) },
      },
      async ({ query: { after, limit } }, { rights }) => {
        const mine = within<Review>(rights.places('reviews.read'));
        const rows = await store.reviews
          .find({ ...mine, broadcast: true, ...(after !== undefined && { _id: { $lt: after } }) })
          .sort({ _id: -1 })
          .limit(limit + 1)
          .lean<Review[]>();
        const items = (await Promise.all(rows.slice(0, limit).map((row) => listed(services, row)))).flat();
        return { items, ...(rows.length > limit && { next: items.at(-1)?.id }) };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/reviews/:id/looks',
        summary: {
          zh: '打开一个渠道的渠道稿（系统记下您已看过）',
          en: "Open one channel's text; that you did is remembered",
        },
        needs: { permission: 'releases.review', over: 'review' },
        params: byId,
        body: looking,
        answer: { status: 200, schema: looked },
      },
      async ({ params, body }, { _id }) => {
        const row = await readReview(services, params.id);
        if (!row.broadcast || row.state !== 'open') throw new LianfaError('not_found', { what: params.id });
        const { rendition, account, hash } = await look(services, row, body, _id);
        return {
          channel: body.channel,
          account,
          hash,
          html: await inlinePictures(rendition.preview, library),
          warnings: rendition.warnings.map(({ code, field, said }) => ({ code, field, said })),
        };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/orders/:id/stop',
        summary: { zh: '停止联动发布', en: 'Stop a broadcast, as long as nothing was handed over' },
        needs: { permission: 'releases.withdraw', over: 'order' },
        params: byId,
        answer: { status: 200, schema: order },
      },
      async ({ params }, caller) => {
        const row = await stop(services, params.id, caller.actor);
        await changes.announce({ release: row.release, ids: [] }).catch(() => undefined);
        return orderBody(row);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/reviews/:id/finding',
        summary: {
          zh: '紧急直发的事后审查意见',
          en: 'What somebody found who looked into a broadcast sent by one person',
        },
        needs: { permission: 'releases.sign', over: 'review' },
        params: byId,
        body: finding,
        answer: { status: 200, schema: review },
      },
      async ({ params, body }, caller) =>
        reviewBody(services, await lookInto(services, params.id, body.finding, caller.actor), caller),
    ),
  ];
}

async function listed({ store }: BroadcastMeans, row: Review): Promise<BroadcastRow[]> {
  const found = row.state === 'signed' ? await store.orders.findById(row.order).lean() : null;
  const bodies = await rowBodies({ store }, [row]);
  return bodies.map((body) => ({ ...body, ...glassOf(row), ...(found && { signedOrder: orderBody(found) }) }));
}
