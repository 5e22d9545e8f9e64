/** Signing in, in one step or two, and out. */
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { attempt, refused } from '../core/audit/attempt.js';
import { LianfaError } from '../core/errors.js';
import { permissionNames } from '../core/model/roles.js';
import type { Person } from '../core/model/person.js';
import { recoveryCodesLeft, nextCodeIn, spendCode } from '../core/people/factor.js';
import { passwordFits } from '../core/people/passwords.js';
import { activePerson, rolesOf } from '../core/people/read.js';
import { rightsOf, type Rights } from '../core/people/rights.js';
import { isSealed } from '../core/people/write.js';
import { hasInvisible } from '../core/text.js';
import { cookieName, secondStep, session as sessionBody, signedIn, signIn, ways } from './contract/sessions.js';
import { devicesOf } from './devices.js';
import { fromOf, mustFirst, requireOwnOrigin } from './door.js';
import { endpoint, openEndpoint, type Caller, type Endpoint } from './endpoint.js';
import { rise, sessionOf } from './rising.js';
import type { Services } from './services.js';
import { signInLimits, type Try } from './sign-in-limits.js';

/** Milliseconds in which the code has to follow the password, and how many codes may be tried meanwhile. */
const patience = 5 * 60 * 1000;
const mostCodes = 5;

export type SessionMeans = Pick<Services, 'store' | 'vault' | 'redis' | 'config'>;

/** How far somebody has come: in, or to where a code is asked for. */
export async function enter(
  means: SessionMeans,
  request: Request,
  response: Response,
  person: Person,
  by: 'password' | 'app' | 'recovery' | 'provider',
): Promise<z.input<typeof signedIn>> {
  const from = fromOf(request);
  const entry = { from, on: { person: person._id }, unit: person.organization, after: { by } };
  if (person.factor !== undefined && (by === 'password' || by === 'provider')) {
    await attempt(means.store, { act: 'session.first-step', who: { person: person._id, from }, ...entry }, () =>
      Promise.resolve(),
    );
    const waits = { person: person._id, rights: person.rights, until: Date.now() + patience, tries: 0 };
    await rise(request, { waits });
    return { next: 'code' };
  }
  await attempt(means.store, { act: 'session.open', who: { person: person._id, from }, ...entry }, () =>
    Promise.resolve(),
  );
  await rise(request, sessionOf(person, request, { at: Date.now(), ...from }));
  devicesOf(means).remember(request, response, person._id);
  return bodyOf(means, person);
}

export function sessionEndpoints(means: SessionMeans): Endpoint[] {
  const { store, redis, config } = means;
  const limits = signInLimits(redis, config.redisPrefix);
  const devices = devicesOf(means);

  /** What is refused is kept, always with the same fields; what was typed is not. */
  async function refuse(act: string, request: Request, person: Person | undefined, error: unknown): Promise<never> {
    if (error instanceof LianfaError) {
      const on: Record<string, string> = person ? { person: person._id } : {};
      await refused(store, { act, from: fromOf(request), on, unit: person?.organization }, error);
    }
    throw error;
  }

  async function counted(act: string, one: Try, request: Request, person: Person | undefined): Promise<void> {
    try {
      await limits.count(one, (refusal) => refuse(act, request, person, refusal).catch(() => undefined));
    } catch (refusal) {
      // The first of a window is entered right there, and the others are not.
      if (request.res) request.res.locals['refusalEntered'] = true;
      throw refusal;
    }
  }

  return [
    openEndpoint(
      {
        method: 'post',
        path: '/session',
        summary: { zh: '登录（第一步）', en: 'Sign in, the first step' },
        body: signIn,
        answer: { status: 200, schema: signedIn },
      },
      async ({ body, request, response }) => {
        if (request.get('authorization') !== undefined) throw new LianfaError('sign_in_failed');
        if (request.get('origin') !== undefined) requireOwnOrigin(request, config.url);
        const name = body.name.normalize('NFKC').trim().toLowerCase();
        // Nobody's, and no store looks for it.
        const found = hasInvisible(name) ? null : await store.people.findOne({ name }).lean();
        const person = found ?? undefined;
        const one = { name, address: request.ip ?? '', device: devices.known(request, person?._id) };
        await counted('session.open', one, request, person);
        const fits = await passwordFits(body.password, person?.passwordHash);
        if (!person?.enabled || !fits || !isSealed(means, person))
          return refuse('session.open', request, person, new LianfaError('sign_in_failed'));
        await limits.forgive(one);
        return enter(means, request, response, person, 'password');
      },
    ),
    openEndpoint(
      {
        method: 'post',
        path: '/session/code',
        summary: { zh: '登录（第二步：动态口令或恢复码）', en: 'Sign in, the second step: a code, or a recovery code' },
        body: secondStep,
        answer: { status: 200, schema: signedIn },
      },
      async ({ body: { code }, request, response }) => {
        requireOwnOrigin(request, config.url);
        const { waits } = request.session ?? {};
        const person = waits && (await activePerson(means, waits.person));
        if (!waits || person?.rights !== waits.rights || Date.now() > waits.until || waits.tries >= mostCodes)
          return refuse('session.code', request, person, new LianfaError('sign_in_required'));
        request.session.waits = { ...waits, tries: waits.tries + 1 };
        const device = devices.known(request, person._id);
        const one = { name: `code ${person._id}`, address: request.ip ?? '', device };
        await counted('session.code', one, request, person);
        const by = await spendCode(means, person, code).catch((error: unknown) =>
          refuse('session.code', request, person, error),
        );
        await limits.forgive(one);
        const body = await enter(means, request, response, person, by);
        return by === 'recovery' ? { ...body, recoveryCodesLeft: await recoveryCodesLeft(means, person._id) } : body;
      },
    ),
    openEndpoint(
      {
        method: 'get',
        path: '/session/ways',
        summary: { zh: '可用的登录方式', en: 'How one can sign in here' },
        answer: { status: 200, schema: ways },
      },
      () => ({ provider: config.provider !== undefined }),
    ),
    endpoint(
      {
        method: 'get',
        path: '/session',
        summary: { zh: '当前登录用户', en: 'Who is signed in' },
        needs: { permission: 'any', early: true },
        answer: { status: 200, schema: sessionBody },
      },
      async (_, caller) => {
        const person = await activePerson(means, caller._id);
        if (!person) throw new LianfaError('sign_in_required');
        return shown(means, person, caller.rights, caller.must);
      },
    ),
    endpoint(
      {
        method: 'delete',
        path: '/session',
        summary: { zh: '退出登录', en: 'Sign out' },
        needs: { permission: 'any', early: true },
        answer: { status: 204 },
      },
      async ({ request, response }, { actor, organization }) => {
        if (request.session) {
          await attempt(
            store,
            { act: 'session.close', who: actor, on: { person: actor.person }, unit: organization },
            () => Promise.resolve(),
          );
          await new Promise<void>((done, fail) =>
            request.session.destroy((error: unknown) => (error ? fail(error) : done())),
          );
        }
        response.clearCookie(cookieName, { path: '/' });
      },
    ),
  ];
}

async function bodyOf(means: SessionMeans, person: Person): Promise<z.input<typeof sessionBody>> {
  const held = await rolesOf(means, person._id);
  return shown(means, person, rightsOf(held), mustFirst(person, held, means.config.secondFactor));
}

async function shown(
  means: SessionMeans,
  { _id, name, displayName, organization, factor }: Person,
  rights: Rights,
  must: Caller['must'],
): Promise<z.input<typeof sessionBody>> {
  return {
    user: { id: _id, name, displayName, ...(organization !== undefined && { organization }) },
    roles: rights.held.map(({ role, path }) => ({ role, path })),
    may: permissionNames.filter((permission) => rights.places(permission).length > 0),
    ...(must && { must }),
    ...(factor !== undefined && { code: { inSeconds: await nextCodeIn(means, _id) } }),
  };
}
