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

export interface RunningServer {
  address: string;
  /** Set where this start made the first user; shown once. */
  firstUser: { name: string; password: string } | undefined;
  close(): Promise<void>;
}

/** Listens on the configured host and port. Throws where the port is taken. */
export async function serve(hub: Hub): Promise<RunningServer> {
  const { config, store, channels, queues, settings, vault } = hub;
  // A person's order must hear within seconds that Redis is away.
  const redis = hub.connect('producer');
  const firstUser = await createFirstPerson(hub);
  const claims = openClaims(redis, settings);
  const changes = await openChangeFeed(hub.connect('worker'), hub.settings);
  const freezes = openFreezeDesk(hub, redis, settings);
  const app = createApp({
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
    callFor: hub.callFor,
  });
  const server = createServer(app);
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
      await new Promise<void>((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      });
      await heard.close();
    },
  };
}
