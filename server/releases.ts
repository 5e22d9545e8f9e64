/** Writing, reading, withdrawing. */
import { z } from 'zod';
import { beijingStamp } from '../channels/beijing-calendar.js';
import { createRelease, readRelease, updateRelease } from '../core/releases/revisions.js';
import type { Order } from '../core/model/order.js';
import type { Release } from '../core/model/release.js';
import { orderBody } from '../core/placements/order-body.js';
import { audience, audienceSize, order, releaseStatus, withdrawOrder } from '../core/placements/report.js';
import { pendingPlans } from '../core/plans/list.js';
import { withdraw } from '../core/reviews/sign.js';
import { releaseInput } from '../core/releases/input.js';
import { pageOf, pageQuery } from './contract/pages.js';
import { within } from '../core/model/organization.js';
import { release, releaseRow, releaseSaved, releaseUpdate, revisionRow, type ReleaseRow } from './contract/releases.js';
import { openComposing, type ComposingMeans } from './composing.js';
import { endpoint, unitFor, type Endpoint } from './endpoint.js';
import { followingOf } from './following.js';
import { proofLimits } from './proofs.js';
import { drillsAmong } from '../core/releases/drills-among.js';
import { releaseBody, revisionRowBody, rowBody } from './release-body.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export function releaseEndpoints(
  services: Pick<
    Services,
    'store' | 'vault' | 'orders' | 'queries' | 'redis' | 'config' | 'channels' | 'library' | 'media' | 'log'
  >,
): Endpoint[] {
  return [...writing(services), ...reading(services), ...ordering(services)];
}

function writing(services: ComposingMeans): Endpoint[] {
  const { store } = services;
  const compose = openComposing(services);
  return [
    endpoint(
      {
        method: 'post',
        path: '/releases',
        summary: { zh: '新建发布件', en: 'Make a release' },
        needs: { permission: 'releases.write', over: 'new' },
        body: releaseInput,
        answer: { status: 201, schema: releaseSaved },
      },
      async ({ body }, caller) => {
        const unit = await unitFor(store, caller, 'releases.write', body.organization);
        const { content, dropped } = await compose(body);
        const saved = await createRelease(store, content, { by: caller.actor, unit });
        return { release: releaseBody(saved), dropped };
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/releases/:id',
        summary: { zh: '修改发布件（生成新版本）', en: 'Change a release: makes its next revision' },
        needs: { permission: 'releases.write', over: 'release' },
        params: byId,
        body: releaseUpdate,
        answer: { status: 200, schema: releaseSaved },
      },
      async ({ params, body: { change, ...body } }, caller) => {
        const base = await store.revisions.findById(body.revision).lean();
        const { content, dropped } = await compose(
          {
            interprets: base?.interprets,
            interpretations: base?.interpretations,
            template: base?.template,
            ...body,
          },
          undefined,
          await followingOf(store, { release: params.id, change }),
        );
        const saved = await updateRelease(store, params.id, body.revision, content, { by: caller.actor });
        return { release: releaseBody(saved), dropped };
      },
    ),
  ];
}

function reading({ store, queries }: Pick<Services, 'store' | 'queries'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/releases',
        summary: { zh: '发布件列表（新的在前）', en: 'Releases, newest first' },
        needs: { permission: 'releases.read', over: 'places' },
        query: pageQuery,
        answer: { status: 200, schema: pageOf(releaseRow) },
      },
      async ({ query: { after, limit } }, { rights }) => {
        const mine = within<Release>(rights.places('releases.read'));
        const rows = await store.releases
          .find(after === undefined ? mine : { ...mine, _id: { $lt: after } })
          .sort({ _id: -1 })
          .limit(limit + 1)
          .lean();
        const page = rows.slice(0, limit);
        const counts = await queries.counts(page.map(({ _id }) => _id));
        const drills = await drillsAmong(store, page);
        const pending = await pendingPlans(
          store,
          page.map(({ _id }) => _id),
        );
        const items = page.map((row) => ({
          ...rowBody(row),
          ...(drills.has(row.revision) && { drill: true as const }),
          ...planBody(pending.get(row._id)),
          counts: counts.get(row._id) ?? [],
        }));
        return { items, ...(rows.length > limit && { next: items.at(-1)?.id }) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id',
        summary: { zh: '查看发布件（默认最新版本）', en: 'One release, with its newest revision or the one named' },
        needs: { permission: 'releases.read', over: 'release' },
        params: byId,
        query: z.object({ revision: z.string().max(80).optional() }),
        answer: { status: 200, schema: release },
      },
      async ({ params, query }) => releaseBody(await readRelease(store, params.id, query.revision)),
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/revisions',
        summary: { zh: '发布件的各个版本（旧的在前）', en: 'The revisions of a release, oldest first' },
        needs: { permission: 'releases.read', over: 'release' },
        params: byId,
        answer: { status: 200, schema: z.array(revisionRow) },
      },
      async ({ params }) => {
        const heads = { number: 1, title: 1, change: 1, createdAt: 1, createdBy: 1, signed: 1 } as const;
        const rows = await store.revisions.find({ release: params.id }, heads).sort({ number: 1 }).lean();
        return rows.map(revisionRowBody);
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/status',
        summary: { zh: '发布件在各账号上的状态汇总', en: 'How far the placements of a release are' },
        needs: { permission: 'releases.read', over: 'release' },
        params: byId,
        answer: { status: 200, schema: releaseStatus },
      },
      ({ params }) => queries.status(params.id),
    ),
  ];
}

function ordering(
  services: Pick<Services, 'store' | 'vault' | 'orders' | 'queries' | 'redis' | 'config' | 'channels'>,
): Endpoint[] {
  const { queries } = services;
  const proven = proofLimits(services);
  return [
    endpoint(
      {
        method: 'post',
        path: '/audience',
        summary: { zh: '投放范围内的账号数', en: 'How many accounts an audience holds' },
        needs: { permission: 'accounts.read', over: 'places' },
        body: audience,
        answer: { status: 200, schema: audienceSize },
      },
      ({ body }, { rights }) => queries.audienceSize(body, rights.places('accounts.read')),
    ),
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/withdraw',
        summary: { zh: '撤回（再次验证密码）', en: 'Withdraw, with the password again' },
        needs: { permission: 'releases.withdraw', over: 'release' },
        params: byId,
        body: withdrawOrder,
        answer: { status: 202, schema: order },
      },
      async ({ params, body }, caller) => {
        const { password, code, ...asked } = body;
        const on = { release: params.id };
        const proof = await proven(caller, { password, code }, { act: 'release.withdraw', on });
        return orderBody(await withdraw(services, { release: params.id, ...asked }, caller.actor, proof));
      },
    ),
  ];
}

/** That the release is planned, and for when. */
function planBody(row: Order | undefined): Pick<ReleaseRow, 'plan'> {
  if (!row?.notBefore) return {};
  return { plan: { held: row.state === 'held', notBefore: beijingStamp(row.notBefore) } };
}
