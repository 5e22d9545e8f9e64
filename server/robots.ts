/** `/robots.txt` (RFC 9309): programs may read what channels show to the public, and nothing else of the hub. */
import { Router } from 'express';
import { headsAddresses } from './audit-heads.js';
import type { Services } from './services.js';

export function robots({ channels }: Pick<Services, 'channels'>): Router {
  const faces = [...channels.values()].flatMap(({ publicFace }) => publicFace?.at ?? []);
  // The longest rule that fits holds, so what is public is named and the rest closed.
  const text = [
    'User-agent: *',
    ...faces.map((at) => `Allow: ${at}/`),
    ...headsAddresses.map((at) => `Allow: ${at}`),
    'Disallow: /',
    '',
  ].join('\n');
  const router = Router();
  router.get('/robots.txt', (_, response) => {
    response.type('text/plain').set('Cache-Control', 'public, max-age=3600').send(text);
  });
  return router;
}
