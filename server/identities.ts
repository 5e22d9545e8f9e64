/** Identities of the provider that came without an invitation: whose they are, an admin of the hub as a whole says. They are listed in GET /tasks. */
import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import { confirmIdentity, refuseIdentity } from '../core/people/identities-asked.js';
import { identityConfirm } from './contract/people.js';
import { endpoint, type Caller, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const params = z.object({ id: z.string() });
const needs = { permission: 'people.manage', over: 'places' } as const;

/** Whose it is nobody knows yet, so it is of the hub as a whole. @throws LianfaError not_found */
function requireWhole({ rights }: Caller, id: string): void {
  if (!rights.may('people.manage', '')) throw new LianfaError('not_found', { what: id });
}

export function identityEndpoints(means: Pick<Services, 'store' | 'vault'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'post',
        path: '/identities/:id/confirm',
        summary: { zh: '确认统一身份是谁的（核对本人报来的核对码）', en: 'Say whose an identity is, by its number' },
        needs,
        params,
        body: identityConfirm,
        answer: { status: 204 },
      },
      async ({ params: { id }, body: { person } }, caller) => {
        requireWhole(caller, id);
        await confirmIdentity(means, caller.actor, id, person);
      },
    ),
    endpoint(
      {
        method: 'delete',
        path: '/identities/:id',
        summary: { zh: '不认可这个统一身份', en: 'Refuse an identity' },
        needs,
        params,
        answer: { status: 204 },
      },
      async ({ params: { id } }, caller) => {
        requireWhole(caller, id);
        await refuseIdentity(means, caller.actor, id);
      },
    ),
  ];
}
