/** Freezing and thawing (冻结、解冻), and what is frozen now. */
import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import type { Acknowledgement, FreezeProcess } from '../core/freezes/acknowledge.js';
import { reachOf } from '../core/freezes/book.js';
import { scopeSaid } from '../core/freezes/frozen.js';
import type { Freeze } from '../core/model/freeze.js';
import { isWithin } from '../core/model/organization.js';
import type { Store } from '../core/store/store.js';
import {
  freeze,
  freezeList,
  freezeOrder,
  frozen,
  thawOrder,
  type AcknowledgementBody,
  type FreezeBody,
  type PublisherBody,
} from './contract/freezes.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });
const commander = { permission: 'freezes.set', over: 'places' } as const;

export function freezeEndpoints({
  store,
  freezes,
  channels,
}: Pick<Services, 'store' | 'freezes' | 'channels'>): Endpoint[] {
  const bodyOf = async (one: Freeze): Promise<FreezeBody> => (await bodiesOf(store, [one]))[0] ?? missing(one._id);
  return [
    endpoint(
      {
        method: 'get',
        path: '/freezes',
        summary: {
          zh: '冻结列表（新的在前）及各发布进程的确认情况',
          en: 'Freezes, newest first, and who has confirmed',
        },
        needs: { permission: 'freezes.read', over: 'places' },
        answer: { status: 200, schema: freezeList },
      },
      async (_, { rights }) => {
        const places = rights.places('freezes.read');
        const touches = (path: string): boolean =>
          places.some((place) => isWithin(path, place) || isWithin(place, path));
        const all = await freezes.list();
        const reaches = await Promise.all(all.map((one) => reachOf(store, one)));
        const mine = all.filter((_one, place) => reaches[place]?.some(touches));
        const processes = rights.places('freezes.set').length > 0 ? await freezes.processes() : undefined;
        return {
          items: await bodiesOf(store, mine),
          ...(processes && { processes: processes.map(publisherBody) }),
        };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/freezes',
        summary: {
          zh: '冻结；各发布进程都确认后才回复（最多等 15 秒）',
          en: 'Freeze; answers when every publishing process has confirmed, after 15 s at most',
        },
        needs: commander,
        body: freezeOrder,
        answer: { status: 201, schema: frozen },
      },
      async ({ body }, { actor }) => {
        const { scope } = body;
        if (scope.kind === 'channel' && !channels.has(scope.channel))
          throw new LianfaError('freeze_scope_unknown', { scope: scope.channel, field: 'scope' });
        const done = await freezes.freeze(body, actor);
        const { acknowledgement } = done;
        return {
          freeze: await bodyOf(done.freeze),
          ...(acknowledgement && { acknowledgement: acknowledgementBody(acknowledgement) }),
        };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/freezes/:id/thaw',
        summary: { zh: '申请解冻（第一人）', en: 'Ask for the thaw: the first person' },
        needs: commander,
        params: byId,
        body: thawOrder,
        answer: { status: 200, schema: freeze },
      },
      async ({ params, body }, { actor }) => bodyOf(await freezes.askThaw(params.id, body.reason, actor)),
    ),
    endpoint(
      {
        method: 'post',
        path: '/freezes/:id/thaw/confirm',
        summary: { zh: '确认解冻（第二人）', en: 'Confirm the thaw: the second person' },
        needs: commander,
        params: byId,
        answer: { status: 200, schema: freeze },
      },
      async ({ params }, { actor }) => bodyOf(await freezes.confirmThaw(params.id, actor)),
    ),
  ];
}

/** Held placements are counted no further: an index holds them, but a million take a second. */
const mostCounted = 100_000;

export async function bodiesOf(store: Store, all: readonly Freeze[]): Promise<FreezeBody[]> {
  const ids = all.flatMap(({ by, asked, thawed }) => [by, asked?.by ?? by, thawed?.confirmedBy ?? by]);
  const people = await store.people.find({ _id: { $in: [...new Set(ids)] } }, { displayName: 1 }).lean();
  const names = new Map(people.map(({ _id, displayName }) => [_id, displayName]));
  const who = (id: string): FreezeBody['by'] => ({ id, name: names.get(id) ?? id });
  return Promise.all(
    all.map(async (one) => ({
      id: one._id,
      scope: one.scope,
      said: scopeSaid(one),
      emergencyToo: one.emergencyToo,
      reason: one.reason,
      by: who(one.by),
      at: one.at.toISOString(),
      ...(one.unwritten && { unwritten: one.unwritten }),
      ...(one.recordedAt && { recordedAt: one.recordedAt.toISOString() }),
      ...(one.inForce && { held: await store.placements.countDocuments({ frozen: one._id }, { limit: mostCounted }) }),
      ...(one.asked && { asked: { ...one.asked, by: who(one.asked.by), at: one.asked.at.toISOString() } }),
      ...(one.thawed && { thawed: { by: who(one.thawed.confirmedBy), at: one.thawed.at.toISOString() } }),
    })),
  );
}

function missing(id: string): never {
  throw new LianfaError('not_found', { what: id });
}

export function acknowledgementBody({ processes, ...rest }: Acknowledgement): AcknowledgementBody {
  return { ...rest, processes: processes.map(publisherBody) };
}

function publisherBody(one: FreezeProcess): PublisherBody {
  const { name, host, pid, state, confirmedAt, inFlight, remaining, silentFor } = one;
  return { name, host, pid, state, confirmedAt, inFlight, remaining, silentFor };
}
