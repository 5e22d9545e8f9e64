/** Who may come in: a session cookie (from our own pages only) or an API key. Every refusal says the same. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import { LianfaError } from '../core/errors.js';
import { isLoopback, type Config } from '../core/hub/config.js';
import type { Person } from '../core/model/person.js';
import { apiKeyOf, boundOf } from '../core/people/api-keys.js';
import { activePerson, rolesOf } from '../core/people/read.js';
import { rightsOf, type Bound } from '../core/people/rights.js';
import { weighty, type Role } from '../core/model/roles.js';
import { tidyLine } from '../core/text.js';
import { cookieName } from './contract/sessions.js';
import type { Caller } from './endpoint.js';
import type { Services } from './services.js';
import { idle, RedisSessions } from './session-store.js';

declare module 'express-session' {
  interface SessionData {
    person?: string;
    /** Of the person when the session began: it ends when they have changed. */
    rights?: number;
    /** When and from where somebody signed in. */
    begun?: { at: number; ip: string; agent: string };
    /** The password was right; a code is waited for. Lets nobody in. */
    waits?: { person: string; rights: number; until: number; tries: number };
    /** A second step that is being set up, sealed; and until when. */
    factor?: { sealed: string; until: number };
  }
}

/** Milliseconds after which a session ends, however busy it is. */
const longest = 7 * 24 * 3600 * 1000;

export interface Door {
  session: RequestHandler;
  /** @throws LianfaError sign_in_required, forbidden_origin */
  callerOf(request: Request): Promise<Caller>;
  /** Whether the caller of a request that lasts may still be here: the session or key that let it in is neither ended nor withdrawn. */
  remains(request: Request): Promise<boolean>;
}

export function createDoor({
  store,
  vault,
  redis,
  config,
  sessionSecret,
}: Pick<Services, 'store' | 'vault' | 'redis' | 'config' | 'sessionSecret'>): Door {
  const means = { store, vault };
  const sessions = session({
    name: cookieName,
    secret: sessionSecret,
    store: new RedisSessions(redis, config.redisPrefix, vault),
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: 'strict', secure: config.url.startsWith('https:'), maxAge: idle, path: '/' },
  });
  async function callerFor(
    request: Request,
    person: Person,
    { bound, key }: { bound?: Bound; key?: string } = {},
  ): Promise<Caller> {
    const { _id, name, displayName, organization, path } = person;
    const held = await rolesOf(means, _id);
    const must = key === undefined ? mustFirst(person, held, config.secondFactor) : undefined;
    return {
      _id,
      name,
      displayName,
      path,
      ...(organization !== undefined && { organization }),
      rights: rightsOf(held, bound),
      ...(must && { must }),
      actor: {
        person: _id,
        ...(key !== undefined && { key }),
        from: fromOf(request),
      },
    };
  }

  const door: Door = {
    // A program with a key needs no session, and goes on working while sessions cannot be read.
    session(request: Request, response: Response, next: NextFunction) {
      if (request.get('authorization') === undefined) sessions(request, response, next);
      else next();
    },
    async callerOf(request) {
      const authorization = request.get('authorization');
      if (authorization !== undefined) {
        const key = await apiKeyOf(means, /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '');
        const owner = key && (await activePerson(means, key.createdBy));
        if (!owner) throw new LianfaError('sign_in_required');
        return callerFor(request, owner, { bound: boundOf(key), key: key._id });
      }
      const { person: id, rights, begun } = request.session;
      if (begun && Date.now() - begun.at > longest) throw new LianfaError('sign_in_required');
      const person = id === undefined ? undefined : await activePerson(means, id);
      if (person?.rights !== rights || !person) throw new LianfaError('sign_in_required');
      if (!['GET', 'HEAD'].includes(request.method)) requireOwnOrigin(request, config.url);
      return callerFor(request, person);
    },
    async remains(request) {
      try {
        if (request.session) await reloaded(request.session);
        await door.callerOf(request);
        return true;
      } catch (error) {
        return !(error instanceof LianfaError) && !isGone(error);
      }
    },
  };
  return door;
}

/** Where a request comes from: what a proxy says is believed of those that are trusted alone. */
export function fromOf(request: Pick<Request, 'ip' | 'get'>): { ip: string; agent: string } {
  return { ip: request.ip ?? '', agent: tidyLine(request.get('user-agent') ?? '').slice(0, 200) };
}

/** What somebody does before anything else: a password of their own, a second step where their roles ask for it. */
export function mustFirst(
  { mustChange, factor }: Pick<Person, 'mustChange' | 'factor'>,
  held: readonly { role: Role }[],
  secondFactor: Config['secondFactor'],
): Caller['must'] {
  if (mustChange) return 'password';
  const weighs = held.some(({ role }) => weighty.includes(role));
  return secondFactor === 'required' && weighs && factor === undefined ? 'factor' : undefined;
}

function reloaded(one: Request['session']): Promise<void> {
  return new Promise((done, fail) => one.reload((error: unknown) => (error ? fail(error) : done())));
}

/** express-session's own words for a session that is no more. Any other failure is ours, and no reason to show somebody out. */
function isGone(error: unknown): boolean {
  return error instanceof Error && error.message === 'failed to load session';
}

/** A browser names the page that a changing request comes from; anything but our own is refused. @throws LianfaError forbidden_origin */
export function requireOwnOrigin(request: Request, ownUrl: string): void {
  const origin = request.get('origin');
  if (origin === undefined || !URL.canParse(origin) || !isOwn(new URL(origin), new URL(ownUrl)))
    throw new LianfaError('forbidden_origin', { url: ownUrl });
}

/** What the request calls our host proves nothing: a page elsewhere can have its own name point to us. */
function isOwn(asking: URL, own: URL): boolean {
  const hereToo = isLoopback(asking.hostname) && isLoopback(own.hostname);
  return asking.protocol === own.protocol && (hereToo ? asking.port === own.port : asking.host === own.host);
}
