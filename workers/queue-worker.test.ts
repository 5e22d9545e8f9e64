import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, type Worker } from 'bullmq';
import { startServer, type Server } from '../bench/redis-servers.js';
import { format } from '../core/format.js';
import { connectRedis, type RedisClient } from '../core/queue/connection.js';
import { openEventStream } from '../core/queue/events.js';
import { streamKey } from '../core/queue/keys.js';
import { openQueues, prefixOf } from '../core/queue/queues.js';
import { startQueueWorker } from './queue-worker.js';

const folder = mkdtempSync(join(tmpdir(), 'lianfa-worker-'));
let server: Server;
let redis: RedisClient;
let settings: { url: string; prefix: string };

beforeAll(async () => {
  server = await startServer(folder, ['save ""']);
  settings = { url: `redis://127.0.0.1:${server.port}`, prefix: 'lianfa' };
  redis = connectRedis(settings, 'worker');
});
afterAll(() => {
  redis.disconnect();
  server.end();
  rmSync(folder, { recursive: true, force: true });
});

it('works what its own and older versions queued, and hands back what a newer one has', async () => {
  const queue = new Queue('dispatch-routine', { connection: redis, prefix: prefixOf(settings, 'dispatch-routine') });
  const queues = openQueues(settings, []);
  await queue.add('dispatch', { format: format + 1, order: 'newer' }, { jobId: 'newer' });
  await queue.add('dispatch', { order: 'older' });
  await queues.addDispatch('own', 'routine');

  const worked: string[] = [];
  const told: unknown[] = [];
  let worker: Worker | undefined;
  await new Promise<void>((done) => {
    worker = startQueueWorker<{ order: string }>(
      'dispatch-routine',
      async ({ data }) => {
        worked.push(data.order);
        if (worked.length === 2) done();
        return Promise.resolve();
      },
      { connection: redis, settings, concurrency: 1 },
      (error) => told.push(error),
    );
  });
  expect(worked).toEqual(['older', 'own']);
  expect(told).toMatchObject([{ code: 'newer_version' }]);
  // It waits for whoever can read it, and no try was spent.
  expect(await queue.getJob('newer')).toMatchObject({ attemptsMade: 0, data: { order: 'newer' } });
  expect(await (await queue.getJob('newer'))?.getState()).toBe('delayed');
  await worker?.close();
  await queues.close();
  await queue.close();
});

it('leaves events of a newer version unconfirmed, for a recorder that can read them', async () => {
  const stream = openEventStream(redis, settings, 'routine');
  await stream.open();
  const key = streamKey(settings, 0, 'routine');
  await redis.xadd(key, '*', 'events', '[]');
  await redis.xadd(key, '*', 'events', '[]', 'format', String(format));
  const read = { count: 10, blockMs: 1, unconfirmed: false };
  expect(await stream.read('record-1', read)).toHaveLength(2);
  await redis.xadd(key, '*', 'events', '[{"of another":"shape"}]', 'format', String(format + 1));
  await expect(stream.read('record-1', read)).rejects.toMatchObject({ code: 'newer_version' });
  expect(await stream.length()).toBe(3);
  await expect(stream.takeOver('record-2', 0)).rejects.toMatchObject({ code: 'newer_version' });
});
