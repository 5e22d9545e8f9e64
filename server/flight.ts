/** A release in mid-flight: pausing and resuming it, taking accounts out, what exactly is out, and sending again to those not reached. */
import { z } from 'zod';
import { idsAt, outOf } from '../core/command/out.js';
import { openShared } from '../core/shared-reading.js';
import { LianfaError } from '../core/errors.js';
import type { Actor } from '../core/model/actor.js';
import type { Freeze } from '../core/model/freeze.js';
import { orderBody } from '../core/placements/order-body.js';
import { order, placementRow } from '../core/placements/report.js';
import { resend } from '../core/reviews/resend.js';
import { narrow } from '../core/reviews/sign.js';
import { openSeals } from '../core/signatures/seals.js';
import { readStatement } from '../core/signatures/statement.js';
import {
  narrowing,
  out,
  outAccountsQuery,
  outQuery,
  paused,
  pausing,
  resending,
  resent,
  resumed,
  type OutBody,
} from './contract/flight.js';
import { pageOf } from './contract/pages.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { acknowledgementBody, bodiesOf } from './freezes.js';
import { proofLimits } from './proofs.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });
const reading = { permission: 'releases.read', over: 'release' } as const;
const stopping = { permission: 'releases.withdraw', over: 'release' } as const;

type Means = Pick<
  Services,
  'store' | 'vault' | 'orders' | 'queries' | 'redis' | 'config' | 'channels' | 'freezes' | 'changes'
>;

export function flightEndpoints(services: Means): Endpoint[] {
  return [...pauses(services), ...outs(services), ...ordering(services)];
}

function pauses({ store, freezes, changes }: Means): Endpoint[] {
  const told = (release: string): Promise<void> => changes.announce({ release, ids: [] }).catch(() => undefined);
  return [
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/pause',
        summary: {
          zh: '暂停一件发布；各发布进程都确认后才回复（最多等 15 秒）',
          en: 'Pause a release; answers when every publishing process has confirmed, after 15 s at most',
        },
        needs: stopping,
        params: byId,
        body: pausing,
        answer: { status: 201, schema: paused },
      },
      async ({ params: { id }, body: { reason } }, { actor }) => {
        const order = { scope: { kind: 'release' as const, release: id }, emergencyToo: true, reason };
        const { freeze, acknowledgement } = await freezes.freeze(order, actor);
        await told(id);
        const [body] = await bodiesOf(store, [freeze]);
        if (!body) throw new LianfaError('not_found', { what: id });
        return { freeze: body, ...(acknowledgement && { acknowledgement: acknowledgementBody(acknowledgement) }) };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/resume',
        summary: {
          zh: '恢复发布：第一人申请，另一人再按即恢复',
          en: 'Resume a release: the first person asks, another one confirms',
        },
        needs: stopping,
        params: byId,
        body: pausing,
        answer: { status: 200, schema: resumed },
      },
      async ({ params: { id }, body: { reason } }, { actor }) => {
        const holding = pausesOf(await freezes.list(), id);
        if (holding.length === 0) throw new LianfaError('not_paused');
        const after: Freeze[] = [];
        for (const one of holding) after.push(await thawed(one, reason, actor));
        await told(id);
        return { freezes: await bodiesOf(store, after), resumed: after.every((one) => one.thawed !== undefined) };
      },
    ),
  ];

  /** What one person has asked for another confirms. */
  function thawed({ _id, asked }: Freeze, reason: string, by: Actor): Promise<Freeze> {
    return asked && asked.by !== by.person ? freezes.confirmThaw(_id, by) : freezes.askThaw(_id, reason, by);
  }
}

function pausesOf(all: readonly Freeze[], release: string): Freeze[] {
  return all.filter(({ scope, inForce }) => inForce && scope.kind === 'release' && scope.release === release);
}

function outs({ store, freezes, queries }: Means): Endpoint[] {
  const shared = openShared(Date.now);
  return [
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/out',
        summary: {
          zh: '此刻已发出、在途、暂停、移出各多少，按渠道和地区',
          en: 'What is out, in flight, held and taken out at this moment, by channel and region',
        },
        needs: reading,
        params: byId,
        query: outQuery,
        answer: { status: 200, schema: out },
      },
      async ({ params: { id }, query: { region } }) => {
        const counted = await shared(JSON.stringify([id, region]), () => outOf(store, id, region));
        return {
          ...counted,
          release: id,
          at: counted.at.toISOString(),
          paused: await bodiesOf(store, pausesOf(await freezes.list(), id)),
          narrowed: await narrowedOf(id),
        };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/out/accounts',
        summary: { zh: '其中一类的账号', en: 'The accounts that are counted at one place' },
        needs: reading,
        params: byId,
        query: outAccountsQuery,
        answer: { status: 200, schema: pageOf(placementRow) },
      },
      async ({ params: { id }, query }) => {
        const ids = await idsAt(store, id, query);
        const some = ids.slice(0, query.limit);
        const rows = await store.placements
          .find({ _id: { $in: some } })
          .sort({ _id: 1 })
          .lean();
        const items = await queries.named(rows);
        const last = some.at(-1);
        return { items, ...(ids.length > some.length && last !== undefined && { next: last }) };
      },
    ),
  ];

  async function narrowedOf(release: string): Promise<OutBody['narrowed']> {
    const rows = await store.orders.find({ release }).sort({ seq: -1 }).lean();
    return rows
      .filter(({ action }) => action === 'narrow')
      .map(({ _id, at, by, reason = '', audience, statement }) => ({
        ...{ id: _id, at: at.toISOString(), by, reason, audience },
        accounts: (statement === undefined ? undefined : readStatement(statement).accounts?.number) ?? 0,
      }));
  }
}

function ordering(services: Means): Endpoint[] {
  const proven = proofLimits(services);
  const seals = openSeals(services);
  return [
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/narrow',
        summary: {
          zh: '移出账号（再次验证密码）：没发出的不再发，已公开的保留',
          en: 'Take accounts out, with the password again: what has not left never does, what is public stays',
        },
        needs: stopping,
        params: byId,
        body: narrowing,
        answer: { status: 202, schema: order },
      },
      async ({ params: { id }, body: { password, code, audience, reason } }, caller) => {
        const proof = await proven(caller, { password, code }, { act: 'release.narrow', on: { release: id } });
        return orderBody(await narrow(services, { release: id, audience, reason }, caller.actor, proof));
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/resend',
        summary: {
          zh: '重发给未送达的账号：原签发仍有效的直接再试，其余重新送审',
          en: 'Send again to those not reached: tried again where the signature still serves, else submitted anew',
        },
        needs: { permission: 'releases.write', over: 'release' },
        params: byId,
        body: resending,
        answer: { status: 202, schema: resent },
      },
      async ({ params: { id }, body: { anew } }, { actor }) => {
        const { review, ...done } = await resend({ ...services, seals }, { release: id, anew }, actor);
        return { ...done, ...(review && { review: review._id }) };
      },
    ),
  ];
}
