/** The two ways beside ours: a bare loop that records nothing, and one BullMQ job per delivery with global `fetch`. */
import { Queue, Worker } from 'bullmq';
import { Agent, request } from 'undici';
import { connectRedis } from '../core/queue/connection.js';
import type { WeiboAccount } from './ground.js';

/** One post as a form, the same that the adapter sends. */
export function formOf({ settings, credentials }: WeiboAccount, words: string): string {
  const status = `【${words}】请按要求执行。 ${settings.linkTemplate.replaceAll('{release}', 'bench')}`;
  return new URLSearchParams({ access_token: credentials.accessToken, status, rip: settings.rip }).toString();
}

const headers = { 'content-type': 'application/x-www-form-urlencoded' };
const inFlight = 128;

/** Seconds. Throws where one post is not accepted. */
export async function bareLoop(url: string, accounts: readonly WeiboAccount[], words: string): Promise<number> {
  const dispatcher = new Agent({ connections: inFlight, pipelining: 1 });
  const bodies = accounts.map((account) => formOf(account, words));
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
        const answer = await request(`${url}/2/statuses/share.json`, { dispatcher, method: 'POST', headers, body });
        const text = await answer.body.text();
        if (answer.statusCode !== 200) throw new Error(`the bare loop was refused: ${text}`);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  await dispatcher.close();
  return seconds;
}

/** Seconds, from the first `addBulk` to the last job completed. */
export async function jobPerDelivery(
  url: string,
  redisUrl: string,
  accounts: readonly WeiboAccount[],
  words: string,
): Promise<number> {
  const settings = { url: redisUrl, prefix: 'bench' };
  const connection = connectRedis(settings, 'worker');
  const queue = new Queue('one-by-one', {
    connection,
    prefix: '{bench}',
    defaultJobOptions: { removeOnComplete: true },
  });
  let done = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const worker = new Worker<{ body: string }>(
    'one-by-one',
    async (job) => {
      const answer = await fetch(`${url}/2/statuses/share.json`, { method: 'POST', headers, body: job.data.body });
      if (!answer.ok) throw new Error(await answer.text());
      await answer.json();
    },
    { connection, prefix: '{bench}', concurrency: inFlight },
  );
  worker.on('error', (error) => {
    throw error;
  });
  worker.on('failed', (_job, error) => {
    throw error;
  });
  worker.on('completed', () => {
    if (++done === accounts.length) finish();
  });
  await worker.waitUntilReady();
  const began = performance.now();
  for (let at = 0; at < accounts.length; at += 1_000)
    await queue.addBulk(
      accounts.slice(at, at + 1_000).map((account) => ({ name: 'post', data: { body: formOf(account, words) } })),
    );
  await finished;
  const seconds = (performance.now() - began) / 1_000;
  await worker.close();
  await queue.close();
  connection.disconnect();
  return seconds;
}
