/** The live page: server-sent events. A browser that comes back is told the present state at once, so no id needs to be remembered. */
import { createSession } from 'better-sse';
import { LianfaError } from '../core/errors.js';
import { openFaultLog } from '../core/hub/fault-log.js';
import type { Release } from '../core/model/release.js';
import { within } from '../core/model/organization.js';
import { eventsQuery } from './contract/events.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { followChanges } from './live.js';
import type { Services } from './services.js';

/** Milliseconds; shorter than the idle limit of common proxies (60 s). An event, for a browser is not told of comments: a line that died silently would look like a quiet one. */
const heartbeat = 15_000;

/** Milliseconds after which a stream is closed at the latest whose session or key has ended. */
const glance = 3_000;

/** Streams that one person, with all their pages and keys, may hold open at a time on one server. */
const mostStreams = 100;

export function eventEndpoints({
  store,
  changes,
  queries,
  log,
}: Pick<Services, 'store' | 'changes' | 'queries' | 'log'>): Endpoint[] {
  const streams = new Map<string, number>();
  const report = openFaultLog(log);
  const unread = (error: unknown): void => {
    report(error, 'a status could not be told');
  };
  const live = followChanges(changes, queries, unread);
  return [
    endpoint(
      {
        method: 'get',
        path: '/events',
        summary: { zh: '实时状态（SSE）', en: 'Live status (server-sent events)' },
        needs: { permission: 'releases.read', over: 'places' },
        query: eventsQuery,
        answer: { status: 200, mime: 'text/event-stream' },
      },
      async ({ query: { release, list }, request, response, remains }, { _id: caller, rights }) => {
        const mine = within<Release>(rights.places('releases.read'));
        /** Those of the releases that the caller may know of. */
        const seen = async (ids: string[]): Promise<string[]> => {
          const rows = await store.releases.find({ ...mine, _id: { $in: ids } }, { _id: 1 }).lean();
          return rows.map(({ _id }) => _id);
        };
        const asked = release === undefined ? [] : [release].flat();
        const releases = asked.length === 0 ? [] : await seen(asked);
        if (asked.length > 0 && releases.length === 0) throw new LianfaError('not_found', { what: asked.join() });
        // Whoever has gone meanwhile would be counted for ever: their end has been told already.
        if (response.destroyed) return;
        const others = streams.get(caller) ?? 0;
        if (others >= mostStreams) throw new LianfaError('too_many_streams', { limit: String(mostStreams) });
        streams.set(caller, others + 1);
        response.once('close', () => {
          const left = (streams.get(caller) ?? 1) - 1;
          if (left > 0) streams.set(caller, left);
          else streams.delete(caller);
        });
        const session = await createSession(request, response, {
          keepAlive: null,
          headers: { 'X-Accel-Buffering': 'no' },
        });
        const push = (event: string, data: unknown): void => {
          if (session.isConnected) session.push(data, event);
        };
        const stops = releases.map((id) =>
          live.watch(id, {
            status: (status) => push('status', status),
            placements: (ids) => push('placements', { release: id, ids }),
            release: () => push('release', { release: id }),
          }),
        );
        if (asked.length === 0 || list)
          stops.push(
            live.watchList((ids) => {
              if (ids === null) push('releases', { ids });
              else void seen(ids).then((known) => known.length > 0 && push('releases', { ids: known }), unread);
            }),
          );
        const stopFreezes = changes.subscribeFreezes(() => push('freezes', null));
        const alive = setInterval(() => push('alive', null), heartbeat);
        const looking = setInterval(() => void remains().then((may) => may || response.end()), glance);
        const end = (): void => {
          clearInterval(alive);
          clearInterval(looking);
          for (const stop of stops) stop();
          stopFreezes();
        };
        session.once('disconnected', end);
        if (!session.isConnected || response.destroyed) end();
      },
    ),
  ];
}
