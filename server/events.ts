/** The live page: server-sent events. A browser that comes back is told the present state at once, so no id needs to be remembered. */
import { createSession } from 'better-sse';
import { LianfaError } from '../core/errors.js';
import { eventsQuery } from './contract/events.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { followChanges } from './live.js';
import type { Services } from './services.js';

/** Milliseconds; shorter than the idle limit of common proxies (60 s). An event, for a browser is not told of comments: a line that died silently would look like a quiet one. */
const heartbeat = 15_000;

/** Streams that one person, with all their pages and keys, may hold open at a time on one server. */
const mostStreams = 100;

export function eventEndpoints({
  store,
  changes,
  queries,
  log,
}: Pick<Services, 'store' | 'changes' | 'queries' | 'log'>): Endpoint[] {
  const streams = new Map<string, number>();
  const live = followChanges(changes, queries, (error) => log.warn({ err: error }, 'a status could not be told'));
  return [
    endpoint(
      {
        method: 'get',
        path: '/events',
        summary: { zh: '实时状态（SSE）', en: 'Live status (server-sent events)' },
        query: eventsQuery,
        answer: { status: 200, mime: 'text/event-stream' },
      },
      async ({ query: { release }, request, response, remains }, { _id: caller }) => {
        if (release !== undefined && !(await store.releases.findById(release).lean()))
          throw new LianfaError('not_found', { what: release });
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
        const stop =
          release === undefined
            ? live.watchList((ids) => push('releases', { ids }))
            : live.watch(release, {
                status: (status) => push('status', status),
                placements: (ids) => push('placements', { ids }),
                release: () => push('release', null),
              });
        const alive = setInterval(() => {
          void remains().then((may) => (may ? push('alive', null) : response.end()));
        }, heartbeat);
        const end = (): void => {
          clearInterval(alive);
          stop();
        };
        session.once('disconnected', end);
        if (!session.isConnected) end();
      },
    ),
  ];
}
