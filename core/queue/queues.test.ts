import { Redis } from 'ioredis';
import { newId } from '../ids.js';
import { openQueues } from './queues.js';

const settings = { url: process.env['TEST_REDIS_URL'] ?? '', prefix: newId('t') };
const redis = new Redis(settings.url);
const queues = openQueues(settings, ['website']);

afterAll(async () => {
  await queues.close();
  const keys = await redis.keys(`{${settings.prefix}*`);
  if (keys.length > 0) await redis.del(...keys);
  await redis.quit();
});

it('knows how long the oldest job of each queue has waited, whatever its turn', async () => {
  const job = { run: 'r', channel: 'website', steps: [] };
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now - 40_000);
  await queues.addBatches('publish', 'routine', 'website', [job]);
  await queues.addBatches('verify', 'emergency', 'website', [job], 'after');
  clock.mockReturnValue(now - 10_000);
  await queues.addBatches('publish', 'routine', 'website', [job, job]);
  clock.mockReturnValue(now);
  const ages = await queues.ages();
  clock.mockRestore();
  expect(ages.get('publish-routine-website')).toBe(40);
  expect(ages.get('verify-emergency-website')).toBe(40);
  expect([...ages.values()].filter((seconds) => seconds !== 0)).toHaveLength(2);
});
