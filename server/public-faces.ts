/** The pages that channels show to the public from their own files (`/sites/…`, `/feeds/…`). */
import express, { Router, type RequestHandler } from 'express';
import { LianfaError } from '../core/errors.js';
import { platformRequest } from './platform-request.js';
import type { Services } from './services.js';

/** Bytes that a program may send to a public face (a picture for a CMS). */
const limit = 20 * 1024 * 1024;

/** Public pages share our origin with the dashboard; so no page runs a script that the channel itself didn't write as a file. */
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; media-src 'self' https:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

export function publicFaces({
  channels,
  config,
  callFor,
  freezes,
}: Pick<Services, 'channels' | 'config' | 'callFor' | 'freezes'>): Router {
  const router = Router();
  for (const channel of channels.values()) {
    const face = channel.publicFace;
    if (!face) continue;
    const { files, folder, memory, records, media, http } = callFor(channel, new AbortController().signal);
    const handle: RequestHandler = async (request, response) => {
      if (climbs(request.path)) throw new LianfaError('request_malformed');
      const asked = { ...platformRequest(request), path: request.path };
      const own = { files, folder, memory, records, media, http, hubUrl: config.url };
      const answer = await freezes.pass((frozen) => face.handle({ ...asked, ...own, frozen }));
      response.status(answer.status).set('Content-Security-Policy', policy).set(answer.headers);
      if (request.method === 'HEAD') response.end();
      else response.send(typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body);
    };
    router.use(face.at, express.raw({ type: () => true, limit }), handle);
  }
  return router;
}

/** Whether a path tries to leave its folder, also when decoded. @throws URIError, which is answered as malformed */
function climbs(path: string): boolean {
  return (
    decodeURIComponent(path).split(/[/\\]/).includes('..') ||
    path.includes('\0') ||
    decodeURIComponent(path).includes('\0')
  );
}
