/** Opening the link by which a person chooses a password: nobody is signed in yet. */
import { acceptLink, personOfLink } from '../core/people/links.js';
import { acceptLinkBody, linkAccepted, linkShown, lookAtLink } from './contract/people.js';
import { requireOwnOrigin } from './door.js';
import { openEndpoint, type Endpoint } from './endpoint.js';
import { fromOf } from './door.js';
import type { Services } from './services.js';
import { signInLimits } from './sign-in-limits.js';

export function linkEndpoints(services: Pick<Services, 'store' | 'vault' | 'redis' | 'config'>): Endpoint[] {
  const { redis, config } = services;
  const limits = signInLimits(redis, config.redisPrefix);
  return [
    openEndpoint(
      {
        method: 'post',
        path: '/links/look',
        summary: { zh: '查看邀请或重设链接', en: 'What a link is for' },
        body: lookAtLink,
        answer: { status: 200, schema: linkShown },
      },
      async ({ body }) => {
        const { link, person } = await personOfLink(services, body.link);
        return {
          use: link.use,
          name: person.name,
          displayName: person.displayName,
          until: link.until.toISOString(),
          code: person.factor !== undefined,
          provider: config.provider !== undefined && link.use === 'invitation',
        };
      },
    ),
    openEndpoint(
      {
        method: 'post',
        path: '/links/accept',
        summary: { zh: '用链接设定密码', en: 'Choose a password by a link' },
        body: acceptLinkBody,
        answer: { status: 200, schema: linkAccepted },
      },
      async ({ body, request }) => {
        if (request.get('origin') !== undefined) requireOwnOrigin(request, config.url);
        // By the link and not by whose it is: who has no link cannot keep its person from using it.
        const name = `link ${body.link.split('.')[0] ?? ''}`;
        await limits.count({ name, address: request.ip ?? '', device: undefined }, () => Promise.resolve());
        return { name: (await acceptLink(services, body, fromOf(request))).name };
      },
    ),
  ];
}
