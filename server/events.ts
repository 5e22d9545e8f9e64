/** The live page: server-sent events. Each bears the place in the news up to which all is told by it; whoever comes back with that, to whatever server, is told what was missed. */
import { createEventBuffer, createSession } from 'better-sse';
import { LianfaError } from '../core/errors.js';
import { openFaultLog } from '../core/hub/fault-log.js';
import type { Release } from '../core/model/release.js';
import { within } from '../core/model/organization.js';
import { eventsQuery } from './contract/events.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { followChanges, type LiveEvent } from './live.js';
import type { Services } from './services.js';

/** Milliseconds; shorter than the idle limit of common proxies (60 s). An event, for a browser is not told of comments: a line that died silently would look like a quiet one. */
const heartbeat = 15_000;

/** Milliseconds after which a stream is closed at the latest whose session or key has ended. */
const glance = 3_000;

type Written = { name: LiveEvent['name'] | 'alive'; text: string };
const alive: Written = { name: 'alive', text: 'null' };

/** Streams that one person, with all their pages and keys, may hold open at a time on one server. */
const mostStreams = 100;

export function eventEndpoints({
  store,
  changes,
  queries,
  log,
  leaving,
}: Pick<Services, 'store' | 'changes' | 'queries' | 'log' | 'leaving'>): Endpoint[] {
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
      async ({ query: { release, list, after }, request, response, remains }, { _id: caller, rights }) => {
        const mine = within<Release>(rights.places('releases.read'));
        /** Those of the releases that the caller may know of. */
        const known = async (ids: readonly string[]): Promise<string[]> => {
          const rows = await store.releases.find({ ...mine, _id: { $in: [...ids] } }, { _id: 1 }).lean();
          return rows.map(({ _id }) => _id);
        };
        const asked = release === undefined ? [] : [release].flat();
        const releases = asked.length === 0 ? [] : await known(asked);
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
          retry: comesAgainAfter(),
          headers: { 'X-Accel-Buffering': 'no' },
          serializer: String,
        });
        // To write behind an end that is not flushed yet is an error that nobody hears.
        const isOpen = (): boolean => session.isConnected && !response.writableEnded;
        const write = (events: readonly Pick<Written, 'name' | 'text'>[], place: string): void => {
          if (!isOpen()) return;
          const buffer = createEventBuffer({ serializer: String });
          for (const [number, { name, text }] of events.entries()) {
            buffer.event(name);
            if (number === events.length - 1) buffer.id(place);
            buffer.data(text).dispatch();
          }
          void session.batch(buffer);
        };
        const seat = live.watch(
          {
            releases,
            list: asked.length === 0 || list === 'yes',
            known,
            hear: (events, place) => {
              write(events.length > 0 ? events : [alive], place);
            },
            end: () => {
              response.end();
            },
          },
          after ?? request.get('last-event-id'),
        );
        const beating = setInterval(() => write([alive], seat.place()), heartbeat);
        const looking = setInterval(() => void remains().then((may) => may || response.end()), glance);
        const stay = leaving.onEnd(() => {
          if (isOpen()) void session.batch(createEventBuffer().retry(comesAgainAfter()).dispatch());
          response.end();
        });
        const end = (): void => {
          clearInterval(beating);
          clearInterval(looking);
          seat.leave();
          stay();
        };
        session.once('disconnected', end);
        if (!session.isConnected || response.destroyed) end();
      },
    ),
  ];
}

/** Milliseconds, spread: all who were at one server do not come to the next at once. */
function comesAgainAfter(): number {
  return 500 + Math.floor(Math.random() * 1_500);
}
