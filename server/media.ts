/** Pictures and files. Bytes come in as they are and go out only as what they were found to be. */
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { OpenFile } from '../channels/files.js';
import { announceAct } from '../core/audit/book.js';
import { LianfaError } from '../core/errors.js';
import { mediaFile } from '../core/media/files.js';
import { ingest } from '../core/media/library.js';
import type { Medium } from '../core/model/medium.js';
import { medium, type MediumBody } from './contract/media.js';
import { endpoint, unitFor, type Endpoint } from './endpoint.js';
import { fileName, fileNameHeader } from './file-name.js';
import type { Services } from './services.js';

/** Bytes of one picture or file. */
const limit = 50 * 1024 * 1024;

export function mediaEndpoints({
  store,
  channels,
  library,
  media,
  log,
}: Pick<Services, 'store' | 'channels' | 'library' | 'media' | 'log'>): Endpoint[] {
  const variants = [...channels.values()].reduce((sum, { limits }) => sum + Object.keys(limits.pictures).length, 0);
  return [
    endpoint(
      {
        method: 'post',
        path: '/media',
        summary: { zh: '上传图片或附件', en: 'Upload a picture or file' },
        needs: { permission: 'media.write', over: 'new' },
        bytes: { limit, types: ['application/octet-stream', 'image/*'] },
        headers: fileNameHeader,
        answer: { status: 201, schema: medium },
      },
      async ({ bytes, request }, caller) => {
        if (bytes.length === 0) throw new LianfaError('field_missing', { field: 'file' });
        const { organization: unit = '' } = await unitFor(store, caller, 'media.write', undefined);
        const taken = await ingest(store, library, { bytes, name: fileName(request), by: caller._id, unit });
        const entry = { act: 'media.add', outcome: 'done' as const, who: caller.actor, unit: unit || undefined };
        await announceAct(store, { ...entry, on: { medium: taken._id }, note: taken.name });
        if (taken.state === 'preparing') {
          // The picture is kept all the same; preparation finds it again by its state.
          await media
            .prepare(taken._id)
            .catch((error: unknown) => log.warn({ err: error, medium: taken._id }, 'preparation could not be ordered'));
        }
        return mediumBody(taken);
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/media/:hash/state',
        summary: { zh: '图片处理进度', en: 'How far a picture is prepared' },
        needs: { permission: 'media.read', over: 'medium' },
        params: z.object({ hash: z.string() }),
        answer: { status: 200, schema: medium },
      },
      async ({ params: { hash } }) => {
        const found = await store.media.findById(hash).lean();
        if (!found) throw new LianfaError('not_found', { what: hash });
        return {
          ...mediumBody(found),
          prepared: found.state === 'preparing' && variants > 0 ? Math.min(1, found.variants.length / variants) : 1,
        };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/media/:hash',
        summary: { zh: '查看图片或下载附件', en: 'Show a picture, download a file' },
        needs: { permission: 'media.read', over: 'medium' },
        params: z.object({ hash: z.string() }),
        answer: { status: 200, mime: 'application/octet-stream' },
      },
      async ({ params: { hash }, response }) => {
        const found = await store.media.findById(hash).lean();
        const file = found && (await library.open(mediaFile(hash)));
        if (!file) throw new LianfaError('not_found', { what: hash });
        response.status(200).set({
          'Content-Type': found.mime,
          'Content-Length': String(found.bytes),
          'Cache-Control': 'private, max-age=31536000, immutable',
          'Content-Security-Policy': "default-src 'none'; sandbox",
        });
        if (found.width === undefined) response.attachment(found.name).type(found.mime);
        await pipeline(partsOf(file), response)
          .catch((error: unknown) => log.warn({ err: error, medium: hash }, 'medium not sent whole'))
          .finally(() => file.close());
      },
    ),
  ];
}

/** Bytes that are read at once. */
const part = 1024 * 1024;

async function* partsOf({ size, read }: OpenFile): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; at += part) yield await read(at, Math.min(size, at + part) - 1);
}

function mediumBody({ _id, name, mime, bytes, width, height, state }: Medium): MediumBody {
  return { hash: _id, name, mime, bytes, width, height, state };
}
