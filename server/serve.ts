/** The server role: the HTTP face over the hub. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openFreezeDesk } from '../core/freezes/desk.js';
import { openOrders } from '../core/placements/orders.js';
import { openQueries } from '../core/placements/queries.js';
import { createApp } from './app.js';
import type { Hub } from '../core/hub/hub.js';
import { announce, openChangeFeed } from '../core/queue/changes.js';
import { settleReceipt } from '../core/receipts/settle.js';
import { openClaims } from '../core/queue/claims.js';
import { createFirstPerson } from '../core/people/first-person.js';
import { reviewTasks } from '../core/reviews/hand-over.js';
import { openLeaving } from './leaving.js';

export interface RunningServer {
  address: string;
  /** Set where this start made the first user; shown once. */
  firstUser: { name: string; password: string } | undefined;
  /** Resolves when all that was under way has ended, or was broken off because it took too long. */
  close(): Promise<void>;
}

/** Milliseconds in which what is under way may end, once nobody comes in any more. */
const finishing = 8_000;

/**
 * Milliseconds for which a connection without a request is kept: longer than load balancers keep theirs (60 s and less). Of
 * two who give it up at the same time the balancer may just have sent a request, and can't know whether it was heard.
 */
const idleFor = 75_000;

/** Listens on the configured host and port. Throws where the port is taken. */
export async function serve(hub: Hub): Promise<RunningServer> {
  const { config, store, channels, queues, settings, vault } = hub;
  // A person's order must hear within seconds that Redis is away.
  const redis = hub.connect('producer');
  const firstUser = await createFirstPerson(hub);
  const claims = openClaims(redis, settings);
  const changes = await openChangeFeed(hub.connect('worker'), redis, settings, (error) => {
    hub.report(error, 'news for the screens');
  });
  const freezes = openFreezeDesk(hub, redis, settings);
  const leaving = openLeaving(config.drainSeconds);
  const app = createApp({
    leaving,
    store,
    config,
    channels,
    changes: { ...changes, announce: (change) => announce(redis, settings, [change]) },
    redis,
    vault,
    library: hub.library,
    anchors: hub.anchors,
    sessionSecret: hub.sessionSecret,
    log: hub.log,
    orders: openOrders({ store, queues, channels, vault, config, claims }),
    smsAdapters: hub.smsAdapters,
    receipts: { settle: (id) => settleReceipt({ store, claims }, id, new Date()) },
    freezes,
    queries: openQueries(store),
    taskKeepers: [reviewTasks(hub)],
    media: { prepare: (hash) => queues.addMedia(hash) },
    queueAges: () => queues.ages(),
    callFor: hub.callFor,
  });
  const server = createServer({ keepAliveTimeout: idleFor }, app);
  await new Promise<void>((done, fail) => {
    server.once('error', fail).listen(config.port, config.host, done);
  });
  const { port } = server.address() as AddressInfo;
  // What others post here becomes public by this process, so a freeze waits for its word as for a publisher's.
  const heard = freezes.beat(`server ${port}`, hub.connect('worker'), (error) => {
    hub.report(error, 'freezes at the server');
  });
  return {
    address: `http://${config.host}:${port}`,
    firstUser,
    async close() {
      await leaving.begin();
      await new Promise<void>((done) => {
        // A connection that had begun to answer when all this began is kept open by Node, though nothing comes any more.
        const idle = setInterval(() => server.closeIdleConnections(), 50);
        const late = setTimeout(() => server.closeAllConnections(), finishing);
        server.close(() => {
          clearInterval(idle);
          clearTimeout(late);
          done();
        });
        leaving.endStreams();
      });
      await changes.close();
      await heard.close();
    },
  };
}
