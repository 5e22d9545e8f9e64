/** The HTTP face as one Express app. Listening, and closing what it stands on, is for the caller. */
import express, { type Express, type RequestHandler } from 'express';
import { LianfaError } from '../core/errors.js';
import { mySecurityEndpoints } from './account.js';
import { accountEndpoints } from './accounts.js';
import { alertInletEndpoints } from './alert-inlets.js';
import { alertEndpoints } from './alerts.js';
import { audienceEndpoints } from './audiences.js';
import { auditEndpoints } from './audit.js';
import { headsFeed } from './audit-heads.js';
import { authorisationEndpoints, authorisationReturn } from './authorisation.js';
import { calloutEndpoints } from './callouts.js';
import { callbackRouter } from './callbacks.js';
import { chainEndpoints } from './chains.js';
import { channelEndpoints } from './channels.js';
import { dashboard, dashboardFolder } from './dashboard.js';
import { documentEndpoints } from './documents.js';
import { commandEndpoints } from './command.js';
import { flightEndpoints } from './flight.js';
import { commentEndpoints } from './comments.js';
import { comparingEndpoints } from './comparing.js';
import { createDoor } from './door.js';
import { drillEndpoints } from './drills.js';
import { dutyEndpoints } from './duty.js';
import { mount, type Endpoint } from './endpoint.js';
import { eventTemplateEndpoints } from './event-templates.js';
import { eventEndpoints } from './events.js';
import { answerErrors } from './failures.js';
import { firstStepEndpoints } from './first-steps.js';
import { freezeEndpoints } from './freezes.js';
import { health } from './health.js';
import { identityEndpoints } from './identities.js';
import { linkEndpoints } from './links.js';
import { mediaEndpoints } from './media.js';
import { noticeEndpoints } from './notices.js';
import { openApiDocument } from './openapi.js';
import { organizationEndpoints } from './organizations.js';
import { planEndpoints } from './plans.js';
import { peopleEndpoints } from './people.js';
import { personalNoticeEndpoints } from './personal-notices.js';
import { placementEndpoints } from './placements.js';
import { broadcastEndpoints } from './broadcasts.js';
import { previewEndpoints } from './preview.js';
import { providerEndpoints, providerReturn } from './provider.js';
import { publicFaces } from './public-faces.js';
import { keepRefusals } from './refusals.js';
import { receiptEndpoints } from './receipts.js';
import { releaseEndpoints } from './releases.js';
import { reportEndpoints } from './reports.js';
import { reviewEndpoints } from './reviews.js';
import { robots } from './robots.js';
import type { Services } from './services.js';
import { sessionEndpoints } from './session.js';
import { taskEndpoints } from './tasks.js';

/** Everything under `/api/v1`. `/releases/import` stands before `/releases/:id`. */
export function apiEndpoints(services: Services): Endpoint[] {
  return [
    ...sessionEndpoints(services),
    ...firstStepEndpoints(services),
    ...providerEndpoints(services),
    ...linkEndpoints(services),
    ...mySecurityEndpoints(services),
    ...personalNoticeEndpoints(services),
    ...peopleEndpoints(services),
    ...identityEndpoints(services),
    ...channelEndpoints(services),
    ...organizationEndpoints(services),
    ...accountEndpoints(services),
    ...audienceEndpoints(services),
    ...authorisationEndpoints(services),
    ...mediaEndpoints(services),
    ...previewEndpoints(services),
    ...documentEndpoints(services),
    ...releaseEndpoints(services),
    ...alertEndpoints(services),
    ...alertInletEndpoints(services),
    ...eventTemplateEndpoints(services),
    ...chainEndpoints(services),
    ...reviewEndpoints(services),
    ...broadcastEndpoints(services),
    ...commentEndpoints(services),
    ...comparingEndpoints(services),
    ...taskEndpoints(services),
    ...placementEndpoints(services),
    ...commandEndpoints(services),
    ...flightEndpoints(services),
    ...reportEndpoints(services),
    ...planEndpoints(services),
    ...eventEndpoints(services),
    ...noticeEndpoints(services),
    ...auditEndpoints(services),
    ...freezeEndpoints(services),
    ...drillEndpoints(services),
    ...dutyEndpoints(services),
    ...calloutEndpoints(services),
    ...receiptEndpoints(services),
  ];
}

/** `folder`: the built dashboard. */
export function createApp(services: Services, folder = dashboardFolder()): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // We speak plain HTTP; where the public address is https there is a proxy before us, which says who really asks. Anybody
  // else inside the network could say the same.
  const { url, proxies } = services.config;
  const secure = url.startsWith('https:');
  app.set('trust proxy', secure ? ['loopback', ...proxies] : false);
  const { router, measure } = health(services);
  app.use(securityHeaders(secure), noKeyInAddress, measure, services.leaving.handle);
  app.use(router);

  const endpoints = apiEndpoints(services);
  // When it is asked for: making it takes a fifth of a second, which no start has to wait for.
  let document: ReturnType<typeof openApiDocument> | undefined;
  app.get('/api/openapi.json', (_, response) => {
    response.json((document ??= openApiDocument(endpoints, url)));
  });
  app.use('/api/v1', neverStored);
  const door = createDoor(services);
  mount(app, endpoints, door, services.store);
  app.use('/api', (request) => {
    throw new LianfaError('not_found', { what: request.originalUrl });
  });

  app.use(headsFeed(services));
  app.use(authorisationReturn(services));
  app.use(providerReturn(services, door.session));
  app.use(callbackRouter(services));
  app.use(robots(services));
  app.use(publicFaces(services));
  app.use(dashboard(folder));
  app.use((request) => {
    throw new LianfaError('not_found', { what: request.path });
  });
  app.use(keepRefusals(services));
  app.use(answerErrors(services.log));
  return app;
}

/** `secure`: the public comes by https, and is never to come otherwise again (RFC 6797). */
function securityHeaders(secure: boolean): RequestHandler {
  const headers = {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'X-Frame-Options': 'SAMEORIGIN',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(secure && { 'Strict-Transport-Security': 'max-age=31536000' }),
  };
  return (_, response, next) => {
    response.set(headers);
    next();
  };
}

/** Before anything else looks at the address, so that no log has it. */
const noKeyInAddress: RequestHandler = (request, _, next) => {
  if (!/lf_[0-9a-z]{10,40}_/i.test(request.url)) return next();
  request.url = '/';
  request.originalUrl = '/';
  throw new LianfaError('key_in_address');
};

const neverStored: RequestHandler = (_, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};
