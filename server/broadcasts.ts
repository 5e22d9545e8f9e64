/** 联动发布: the forced look, the countdown's stop, what one person sent alone, and the list of broadcasts. */
import { z } from 'zod';
import { channelsReached } from '../core/broadcasts/channels.js';
import { look, notLookedAt } from '../core/broadcasts/looks.js';
import { countdown } from '../core/broadcasts/rule.js';
import { doubtfulWords } from '../core/broadcasts/words.js';
import { LianfaError } from '../core/errors.js';
import { mediaFolder } from '../core/media/files.js';
import { inlinePictures } from '../core/media/preview-picture.js';
import { within } from '../core/model/organization.js';
import type { Review } from '../core/model/review.js';
import { orderBody } from '../core/placements/order-body.js';
import { reachOf } from '../core/placements/orders.js';
import { order } from '../core/placements/report.js';
import { wantedConsents } from '../core/reviews/broadcast.js';
import { chainOf } from '../core/reviews/chains.js';
import { lookInto, mayBreakGlass } from '../core/reviews/glass.js';
import { readReview } from '../core/reviews/reviews.js';
import { stop } from '../core/reviews/stop.js';
import { broadcastRow, type BroadcastRow } from './contract/broadcasts.js';
import { pageOf, pageQuery } from './contract/pages.js';
import { finding, looked, looking, review, type ReviewBody } from './contract/reviews.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { rowBody, reviewBody } from './review-body.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export type BroadcastMeans = Pick<Services, 'store' | 'vault' | 'orders' | 'changes' | 'redis' | 'config' | 'channels'>;

export function broadcastEndpoints(services: BroadcastMeans): Endpoint[] {
  const { store, changes } = services;
  const folder = mediaFolder(services.config.dataFolder);
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
        const items = await Promise.all(rows.slice(0, limit).map((row) => listed(services, row)));
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
          html: await inlinePictures(rendition.preview, folder),
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

async function listed({ store }: BroadcastMeans, row: Review): Promise<BroadcastRow> {
  const found = row.state === 'signed' ? await store.orders.findById(row.order).lean() : null;
  return { ...rowBody(row), ...glassOf(row), ...(found && { signedOrder: orderBody(found) }) };
}

export function glassOf({ glass }: Review): Pick<ReviewBody, 'glass'> {
  if (!glass) return {};
  const { by, at, reason, due, closed } = glass;
  return {
    glass: {
      ...{ by, reason, at: new Date(at).toISOString() },
      ...(due && { due: new Date(due).toISOString() }),
      ...(closed && { closed: { ...closed, at: new Date(closed.at).toISOString() } }),
    },
  };
}

/** What the signatures of a broadcast take, for whoever looks at it. */
export async function broadcastOf(
  means: BroadcastMeans,
  row: Review,
  person: string,
): Promise<Pick<ReviewBody, 'broadcast'>> {
  if (!row.broadcast) return {};
  const { store } = means;
  const [release, text] = await Promise.all([
    store.releases.findById(row.release).lean(),
    store.revisions.findById(row.revision).lean(),
  ]);
  if (!release || !text) return {};
  const chain = await chainOf(means, row);
  const open = row.state === 'open';
  const of = { release, audience: row.audience, reach: reachOf(text) };
  const reached = open
    ? await channelsReached(store, of).catch(() => new Map<string, number>())
    : new Map<string, number>();
  const names = [...reached.keys()];
  const missing = open ? await notLookedAt(means, row, names, person) : names;
  const left = chain.steps.length - row.step;
  const next = open ? ({ 2: 'first', 1: 'second' } as const)[left] : undefined;
  return {
    broadcast: {
      ...(row.first && { first: { by: row.first.person, at: new Date(row.first.at).toISOString() } }),
      ...(next && { next }),
      channels: names.map((channel) => ({
        channel,
        accounts: reached.get(channel) ?? 0,
        seen: !missing.includes(channel),
      })),
      consents: open ? await wantedConsents(means, row, new Date()) : [],
      words: doubtfulWords(text),
      ...(text.emergency?.status === 'Exercise' && { exercise: row.live ? ('live' as const) : ('test' as const) }),
      countdown,
      glass: open && (await mayBreakGlass(means, person, row, chain)) !== undefined,
    },
  };
}
