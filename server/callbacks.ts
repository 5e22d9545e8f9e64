/**
 * What platforms tell us by themselves, at `/callbacks/<channel>/<account>`. The news is stored before the platform gets
 * its yes; where storing fails or takes too long it gets none, and will tell us again.
 */
import express, { Router, type Request, type Response } from 'express';
import { setTimeout as pause } from 'node:timers/promises';
import { openAccount } from '../core/accounts/open.js';
import { LianfaError } from '../core/errors.js';
import { platformRequest } from './platform-request.js';
import type { Services } from './services.js';

/** Milliseconds; the strictest platform (WeChat) waits 5 s and then asks again. */
const answerWithin = 4_000;
/** Bytes of one callback; the largest in use are some kilobytes of XML. */
const limit = 1024 * 1024;

export function callbackRouter({
  store,
  channels,
  vault,
  orders,
  log,
}: Pick<Services, 'store' | 'channels' | 'vault' | 'orders' | 'log'>): Router {
  const router = Router();
  router.all(
    '/callbacks/:channel/:account',
    express.raw({ type: () => true, limit }),
    async (request: Request<{ channel: string; account: string }>, response: Response) => {
      const channel = channels.get(request.params.channel);
      const row =
        channel?.callback &&
        (await store.accounts.findOne({ _id: request.params.account, channel: channel.name }).lean());
      if (!channel?.callback || !row) throw new LianfaError('not_found', { what: request.path });
      const account = openAccount(channel, row, row.organization, vault);
      const answer = channel.callback(account, platformRequest(request), new Date());
      if (answer.news.length > 0 && !(await stored(orders.callbackNews(channel.name, row._id, answer.news)))) {
        log.error({ channel: channel.name, account: row._id }, 'callback could not be stored in time');
        response.status(503).type('text/plain').send('not stored; please tell us again');
        return;
      }
      response.status(answer.status).set('Content-Type', answer.mime).send(answer.body);
    },
  );
  return router;
}

/** Whether the work was done in time. */
async function stored(work: Promise<void>): Promise<boolean> {
  const stop = new AbortController();
  const late = pause(answerWithin, false, { signal: stop.signal }).catch(() => false);
  const done = await Promise.race([
    work.then(
      () => true,
      () => false,
    ),
    late,
  ]);
  stop.abort();
  return done;
}
