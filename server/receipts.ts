/** Confirming by the link in a message: nobody is signed in, and whoever has the link may. */
import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { Request } from 'express';
import type { z } from 'zod';
import { hasAnswered } from '../core/callouts/protocol.js';
import { mediaReader } from '../core/media/reader.js';
import { copyFor, type HandCopy } from '../core/placements/hand-copy.js';
import { redisKey } from '../core/queue/keys.js';
import { openReceipt } from '../core/receipts/links.js';
import { lookAt, takePicture, takeReceipt } from '../core/receipts/take.js';
import { LianfaError } from '../core/errors.js';
import { copyBody } from './copy-body.js';
import {
  copyPicture,
  receiptGiven,
  receiptHeader,
  receiptLook,
  receiptPicture,
  receiptShown,
  receiptTaken,
} from './contract/callouts.js';
import { fromOf, requireOwnOrigin } from './door.js';
import { openEndpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';
import { consume } from './sign-in-limits.js';

/** Bytes of a picture; what a phone takes is smaller. */
const limit = 15 * 1024 * 1024;
/** Requests from one address in a quarter of an hour, and pictures by one link in a day. A whole office may stand behind one address. */
const byAddress = { points: 600, duration: 15 * 60 };
const byLink = { points: 10, duration: 24 * 3600 };

/** Things with all that is to be copied for them, in one answer. */
const mostCopies = 20;

type Means = Pick<
  Services,
  'store' | 'vault' | 'redis' | 'config' | 'receipts' | 'log' | 'library' | 'media' | 'channels'
>;

export function receiptEndpoints(services: Means): Endpoint[] {
  const { redis, config, receipts, log, library, media } = services;
  const limiter = (kind: string, { points, duration }: typeof byAddress): RateLimiterRedis =>
    new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: redisKey({ prefix: config.redisPrefix }, 'receipt', kind),
      points,
      duration,
    });
  const [addresses, links] = [limiter('address', byAddress), limiter('link', byLink)];

  /** Without it there is still what to do, in words. */
  async function copyOf(placement: string): Promise<HandCopy | undefined> {
    return copyFor(services, placement).catch((error: unknown) => {
      log.warn({ err: error, placement }, 'what is to be copied could not be made');
      return undefined;
    });
  }

  async function allow(request: Request): Promise<void> {
    if (request.get('origin') !== undefined) requireOwnOrigin(request, config.url);
    await consume(addresses, request.ip ?? '');
  }

  return [
    openEndpoint(
      {
        method: 'post',
        path: '/receipts/look',
        summary: { zh: '打开叫应链接', en: 'What the link of a callout is for' },
        body: receiptLook,
        answer: { status: 200, schema: receiptShown },
      },
      async ({ body, request }) => {
        await allow(request);
        const { row, message } = await lookAt(services, body.token);
        const items: z.input<typeof receiptShown>['items'] = [];
        for (const {
          id,
          placement,
          title,
          accountName: account,
          channel,
          reason,
          cause,
          todo,
          spoken,
          state,
        } of row.items) {
          const copy = state === 'open' && items.length < mostCopies ? await copyOf(placement) : undefined;
          items.push({
            ...{ id, title, account, channel, reason, cause, todo, spoken, state },
            used: hasAnswered(row, message.n, id),
            receipts: row.receipts
              .filter(({ item }) => item === id)
              .map(({ at, name }) => ({ at: new Date(at).toISOString(), name })),
            ...(copy && { copy: copyBody(copy) }),
          });
        }
        const { unitName: unit, state } = row;
        return { unit, name: message.to.name, exercise: row.exercise === true, state, items };
      },
    ),
    openEndpoint(
      {
        method: 'post',
        path: '/receipts/copy-picture',
        summary: { zh: '下载要人工发布的图片', en: 'A picture that is to be put there by hand' },
        body: copyPicture,
        answer: { status: 200, mime: 'image/*' },
      },
      async ({ body: { token, item, hash }, request, response }) => {
        await allow(request);
        const { row } = await openReceipt(services, token);
        const of = row.items.find(({ id }) => id === item);
        const copy = of && (await copyFor(services, of.placement));
        const part = copy?.parts.find((one) => one.is === 'picture' && one.hash === hash);
        if (!of || part?.is !== 'picture') throw new LianfaError('not_found', { what: hash });
        const { bytes, mime } = await mediaReader(library, of.channel).read(hash, part.variant);
        response.type(mime).setHeader('cache-control', 'no-store').send(bytes);
      },
    ),
    openEndpoint(
      {
        method: 'post',
        path: '/receipts/picture',
        summary: { zh: '上传回执照片', en: 'Upload the picture that proves it' },
        headers: receiptHeader,
        bytes: { limit, types: ['image/*'] },
        answer: { status: 201, schema: receiptPicture },
      },
      async ({ bytes, request }) => {
        await allow(request);
        const token = request.get('x-receipt') ?? '';
        if (bytes.length === 0) throw new LianfaError('field_missing', { field: 'picture' });
        await consume(links, token.slice(0, 40));
        const picture = await takePicture(services, library, token, bytes);
        // It is kept all the same; preparation finds it again by its state.
        await media
          .prepare(picture)
          .catch((error: unknown) => log.warn({ err: error }, 'preparation could not be ordered'));
        return { picture };
      },
    ),
    openEndpoint(
      {
        method: 'post',
        path: '/receipts/confirm',
        summary: { zh: '用链接确认（回执）', en: 'Confirm by the link' },
        body: receiptGiven,
        answer: { status: 200, schema: receiptTaken },
      },
      async ({ body, request }) => {
        await allow(request);
        const { token, item, name, url, words, picture } = body;
        const given = {
          name,
          ...(item !== undefined && { item }),
          ...(url !== undefined && { url }),
          ...(words !== undefined && { words }),
          ...(picture !== undefined && { picture }),
        };
        const { row, item: done, late } = await takeReceipt(services, token, given, fromOf(request));
        // The clock tells it again where this fails.
        if (row.settleAt)
          await receipts
            .settle(row._id)
            .catch((error: unknown) => log.warn({ err: error }, 'a receipt waits for the clock'));
        return { item: done.state, state: row.state, late };
      },
    ),
  ];
}
