/** Signing in and out. */
import type { Request } from 'express';
import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import { passwordFits } from '../core/people/passwords.js';
import { isSealed } from '../core/people/write.js';
import { permissionNames } from '../core/model/roles.js';
import { within } from '../core/model/organization.js';
import { rightsOf, type Rights } from '../core/people/rights.js';
import { rolesOf } from '../core/people/read.js';
import type { Person } from '../core/model/person.js';
import { hasInvisible } from '../core/text.js';
import { person, session as sessionBody, signIn } from './contract/sessions.js';
import { act } from '../core/audit/book.js';
import { cookieName, fromOf, requireOwnOrigin } from './door.js';
import { endpoint, openEndpoint, type Endpoint } from './endpoint.js';
import type { Tried } from './refusals.js';
import type { Services } from './services.js';
import { signInLimits } from './sign-in-limits.js';

export function sessionEndpoints({
  store,
  vault,
  redis,
  config,
}: Pick<Services, 'store' | 'vault' | 'redis' | 'config'>): Endpoint[] {
  const means = { store, vault };
  const limits = signInLimits(redis, config.redisPrefix);
  return [
    openEndpoint(
      {
        method: 'post',
        path: '/session',
        summary: { zh: '登录', en: 'Sign in' },
        body: signIn,
        answer: { status: 200, schema: sessionBody },
      },
      async ({ body, request, response }) => {
        if (request.get('authorization') !== undefined) throw new LianfaError('sign_in_failed');
        if (request.get('origin') !== undefined) requireOwnOrigin(request, config.url);
        const name = body.name.trim().toLowerCase();
        // Nobody's, and no store looks for it.
        if (hasInvisible(name)) throw new LianfaError('sign_in_failed');
        await limits.count(name, request.ip ?? '');
        const found = await store.people.findOne({ name }).lean();
        if (found) response.locals['tried'] = { person: found._id } satisfies Tried;
        const fits = await passwordFits(body.password, found?.passwordHash);
        if (!found?.enabled || !fits || !isSealed(means, found)) throw new LianfaError('sign_in_failed');
        await limits.forgive(name);
        const who = { person: found._id, from: fromOf(request) };
        const entry = {
          act: 'session.open',
          outcome: 'done',
          who,
          unit: found.organization,
          on: { person: found._id },
        } as const;
        await act(store, entry, () => Promise.resolve());
        await renewed(request);
        Object.assign(request.session, { person: found._id, rights: found.rights });
        return bodyOf(found, rightsOf(await rolesOf(means, found._id)));
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/session',
        summary: { zh: '当前登录用户', en: 'Who is signed in' },
        needs: { permission: 'any' },
        answer: { status: 200, schema: sessionBody },
      },
      (_, caller) => bodyOf(caller, caller.rights),
    ),
    endpoint(
      {
        method: 'get',
        path: '/people',
        summary: { zh: '人员姓名', en: 'Names of people' },
        needs: { permission: 'people.read', over: 'places' },
        answer: { status: 200, schema: z.array(person) },
      },
      async (_, { rights }) =>
        (
          await store.people
            .find(within<Person>(rights.places('people.read')), { displayName: 1 })
            .sort({ _id: 1 })
            .limit(5_000)
            .lean()
        ).map(({ _id, displayName }) => ({ id: _id, displayName })),
    ),
    endpoint(
      {
        method: 'delete',
        path: '/session',
        summary: { zh: '退出登录', en: 'Sign out' },
        needs: { permission: 'any' },
        answer: { status: 204 },
      },
      async ({ request, response }) => {
        if (request.session)
          await new Promise<void>((done, fail) =>
            request.session.destroy((error: unknown) => (error ? fail(error) : done())),
          );
        response.clearCookie(cookieName, { path: '/' });
      },
    ),
  ];
}

/** A new session id, so that one known before the sign-in is worth nothing after it. */
function renewed(request: Request): Promise<void> {
  return new Promise((done, fail) => request.session.regenerate((error: unknown) => (error ? fail(error) : done())));
}

function bodyOf(
  { _id, name, displayName, organization }: Pick<Person, '_id' | 'name' | 'displayName' | 'organization'>,
  rights: Rights,
): z.input<typeof sessionBody> {
  return {
    user: { id: _id, name, displayName, ...(organization !== undefined && { organization }) },
    roles: rights.held.map(({ role, path }) => ({ role, path })),
    may: permissionNames.filter((permission) => rights.places(permission).length > 0),
  };
}
