/** Submitting, deciding, signing. */
import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import { within } from '../core/model/organization.js';
import type { Review } from '../core/model/review.js';
import { approve, giveBack } from '../core/reviews/decide.js';
import { stuckIn } from '../core/reviews/list.js';
import { type Proven } from '../core/reviews/proof.js';
import { passOn, readReview, submit, takeBack } from '../core/reviews/reviews.js';
import { requireReady, sign } from '../core/reviews/sign.js';
import { pageOf } from './contract/pages.js';
import {
  approval,
  decidedMany,
  decideMany,
  passing,
  returning,
  review,
  reviewQuery,
  reviewRow,
  signing,
  submission,
  type ReviewBody,
} from './contract/reviews.js';
import { endpoint, type Caller, type Endpoint } from './endpoint.js';
import { asLianfaError } from './failures.js';
import { reviewBody, rowBodies } from './review-body.js';
import { proofLimits } from './proofs.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

type Means = Pick<Services, 'store' | 'vault' | 'orders' | 'changes' | 'redis' | 'config' | 'channels'>;

export function reviewEndpoints(services: Means): Endpoint[] {
  return [...submitting(services), ...deciding(services), ...together(services)];
}

/** Everybody who looks at the release or at their tasks is told. It is done whether or not they hear of it. */
async function told({ changes }: Pick<Means, 'changes'>, { release }: Review): Promise<void> {
  await changes.announce({ release, ids: [] }).catch(() => undefined);
}

function answering(services: Means) {
  return async (row: Review, caller: Caller): Promise<ReviewBody> => {
    await told(services, row);
    return reviewBody(services, row, caller);
  };
}

function submitting(services: Means): Endpoint[] {
  const { store } = services;
  const answer = answering(services);
  return [
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/submit',
        summary: { zh: '提交审签', en: 'Submit the newest revision for review' },
        needs: { permission: 'releases.write', over: 'release' },
        params: byId,
        body: submission,
        answer: { status: 201, schema: review },
      },
      async ({ params, body }, caller) =>
        answer(await submit(services, { release: params.id, ...body }, caller.actor), caller),
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/reviews',
        summary: { zh: '发布件的历次审签（新的在前）', en: 'The reviews of a release, newest first' },
        needs: { permission: 'releases.read', over: 'release' },
        params: byId,
        answer: { status: 200, schema: z.array(review) },
      },
      async ({ params }, caller) => {
        const rows = await store.reviews.find({ release: params.id }).sort({ _id: -1 }).limit(200).lean<Review[]>();
        return Promise.all(rows.map((row) => reviewBody(services, row, caller)));
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/reviews',
        summary: { zh: '审签列表', en: 'Reviews' },
        needs: { permission: 'reviews.read', over: 'places' },
        query: reviewQuery,
        answer: { status: 200, schema: pageOf(reviewRow) },
      },
      async ({ query: { state, stuck, after, limit } }, { rights }) => {
        const places = rights.places('reviews.read');
        if (stuck === 'true')
          return { items: await rowBodies(services, (await stuckIn(services, places)).slice(0, limit)) };
        const rows = await store.reviews
          .find({ ...within<Review>(places), state, ...(after !== undefined && { _id: { $lt: after } }) })
          .sort({ _id: -1 })
          .limit(limit + 1)
          .lean<Review[]>();
        const items = await rowBodies(services, rows.slice(0, limit));
        return { items, ...(rows.length > limit && { next: items.at(-1)?.id }) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/reviews/:id',
        summary: { zh: '一次审签', en: 'One review' },
        needs: { permission: 'reviews.read', over: 'review' },
        params: byId,
        answer: { status: 200, schema: review },
      },
      async ({ params }, caller) => reviewBody(services, await readReview(services, params.id), caller),
    ),
    endpoint(
      {
        method: 'post',
        path: '/reviews/:id/take-back',
        summary: { zh: '撤回送审', en: 'Take a submitted text back' },
        needs: { permission: 'releases.write', over: 'review' },
        params: byId,
        answer: { status: 200, schema: review },
      },
      async ({ params }, caller) => answer(await takeBack(services, params.id, caller.actor), caller),
    ),
    endpoint(
      {
        method: 'post',
        path: '/reviews/:id/pass-on',
        summary: {
          zh: '指定的人都不能办理时，转给其他有此角色的人',
          en: 'Open a step, whose persons cannot take it, to everybody with its role',
        },
        needs: { permission: 'chains.manage', over: 'review' },
        params: byId,
        body: passing,
        answer: { status: 200, schema: review },
      },
      async ({ params, body }, caller) => answer(await passOn(services, params.id, body.reason, caller.actor), caller),
    ),
  ];
}

function deciding(services: Means): Endpoint[] {
  const answer = answering(services);
  const proven = proofLimits(services);
  return [
    endpoint(
      {
        method: 'post',
        path: '/reviews/:id/approve',
        summary: { zh: '审核通过', en: 'Pass a text at a step' },
        needs: { permission: 'releases.review', over: 'review' },
        params: byId,
        body: approval,
        answer: { status: 200, schema: review },
      },
      async ({ params, body }, caller) =>
        answer(await approve(services, { review: params.id, ...body }, caller.actor), caller),
    ),
    endpoint(
      {
        method: 'post',
        path: '/reviews/:id/return',
        summary: { zh: '退回修改', en: 'Return a text to who wrote it' },
        needs: { permission: 'releases.review', over: 'review' },
        params: byId,
        body: returning,
        answer: { status: 200, schema: review },
      },
      async ({ params, body }, caller) =>
        answer(await giveBack(services, { review: params.id, ...body }, caller.actor), caller),
    ),
    endpoint(
      {
        method: 'post',
        path: '/reviews/:id/sign',
        summary: { zh: '签发（再次验证密码）', en: 'Sign, with the password again' },
        needs: { permission: 'releases.sign', over: 'review' },
        params: byId,
        body: signing,
        answer: { status: 202, schema: review },
      },
      async ({ params, body }, caller) => {
        // Before the proof: a code is spent by it, and would be missing at the next try.
        await requireReady(services, params.id);
        const proof = await proven(caller, body, { act: 'review.sign', on: { review: params.id } });
        const { counts, consents, glass } = body;
        const asked = { review: params.id, accounts: counts?.total, consents, glass };
        return answer(await sign(services, asked, caller.actor, proof), caller);
      },
    ),
  ];
}

function together(services: Means): Endpoint[] {
  const proven = proofLimits(services);
  type Many = z.output<typeof decideMany>;

  async function one(body: Many, of: Many['reviews'][number], caller: Caller, proof?: Proven): Promise<Review> {
    const row = await services.store.reviews.findById(of.id, { path: 1 }).lean();
    const permission = body.decision === 'sign' ? 'releases.sign' : 'releases.review';
    if (!row || !caller.rights.may(permission, row.path)) throw new LianfaError('not_found', { what: of.id });
    const at = { review: of.id, step: of.step ?? '' };
    if (body.decision === 'approve') return approve(services, at, caller.actor);
    if (body.decision === 'return') return giveBack(services, { ...at, reason: body.reason }, caller.actor);
    if (!proof) throw new LianfaError('field_missing', { field: 'password' });
    return sign(services, { review: of.id, accounts: of.counts?.total }, caller.actor, proof);
  }

  return [
    endpoint(
      {
        method: 'post',
        path: '/reviews/decide',
        summary: { zh: '批量审核、退回或签发，逐件答复', en: 'Decide on many, with an answer for each' },
        needs: { permission: 'releases.review', over: 'places' },
        body: decideMany,
        answer: { status: 200, schema: decidedMany },
      },
      async ({ body }, caller) => {
        const proof = body.decision === 'sign' ? await proven(caller, body, { act: 'review.sign', on: {} }) : undefined;
        const answers: z.input<typeof decidedMany>['answers'] = [];
        // One after another: each is an act of its own, and the book takes them in one line anyhow.
        for (const of of body.reviews)
          answers.push({ id: of.id, ...(await settled(() => one(body, of, caller, proof))) });
        const refused = answers.filter(({ error }) => error).length;
        return { done: answers.length - refused, refused, answers };
      },
    ),
  ];

  async function settled(
    work: () => Promise<Review>,
  ): Promise<Pick<z.input<typeof decidedMany>['answers'][number], 'review' | 'error'>> {
    try {
      const row = await work();
      // It is decided: what fails from here on is the telling.
      await told(services, row).catch(() => undefined);
      const [body] = await rowBodies(services, [row]).catch(() => []);
      return { ...(body && { review: body }) };
    } catch (error) {
      // Each has an answer of its own: those before it were done.
      const known = asLianfaError(error, 'POST');
      if (known.code === 'internal') throw error;
      return { error: known.toJSON() };
    }
  }
}
