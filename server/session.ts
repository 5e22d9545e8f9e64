/** Signing in and out. */
import type { Request } from 'express';
import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import { passwordFits } from '../core/people/passwords.js';
import { person, session as sessionBody, signIn } from './contract/sessions.js';
import { cookieName, requireOwnOrigin } from './door.js';
import { endpoint, openEndpoint, type Caller, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';
import { signInLimits } from './sign-in-limits.js';

export function sessionEndpoints({ store, redis, config }: Pick<Services, 'store' | 'redis' | 'config'>): Endpoint[] {
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
      async ({ body, request }) => {
        if (request.get('authorization') !== undefined) throw new LianfaError('sign_in_failed');
        if (request.get('origin') !== undefined) requireOwnOrigin(request, config.url);
        const name = body.name.trim().toLowerCase();
        await limits.count(name, request.ip ?? '');
        const user = await store.users.findOne({ name }).lean();
        const fits = await passwordFits(body.password, user?.passwordHash);
        if (!user?.enabled || !fits) throw new LianfaError('sign_in_failed');
        await limits.forgive(name);
        await renewed(request);
        request.session.user = user._id;
        return { user: bodyOf(user) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/session',
        summary: { zh: '当前登录用户', en: 'Who is signed in' },
        answer: { status: 200, schema: sessionBody },
      },
      (_, caller) => ({ user: bodyOf(caller) }),
    ),
    endpoint(
      {
        method: 'get',
        path: '/people',
        summary: { zh: '人员姓名', en: 'Names of people' },
        answer: { status: 200, schema: z.array(person) },
      },
      async () =>
        (await store.users.find({}, { displayName: 1 }).sort({ _id: 1 }).limit(5_000).lean()).map(
          ({ _id, displayName }) => ({ id: _id, displayName }),
        ),
    ),
    endpoint(
      {
        method: 'delete',
        path: '/session',
        summary: { zh: '退出登录', en: 'Sign out' },
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

function bodyOf({ _id, name, displayName }: Caller): { id: string; name: string; displayName: string } {
  return { id: _id, name, displayName };
}
