/** Who may come in: a session cookie (from our own pages only) or an API key. Every refusal says the same. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import { LianfaError } from '../core/errors.js';
import { isLoopback } from '../core/hub/config.js';
import { userOfApiKey } from '../core/people/api-keys.js';
import type { Caller } from './endpoint.js';
import type { Services } from './services.js';
import { RedisSessions } from './session-store.js';

declare module 'express-session' {
  interface SessionData {
    user?: string;
  }
}

/** Milliseconds without a request after which a session ends. */
const idle = 12 * 3600 * 1000;

export const cookieName = 'lianfa';

export interface Door {
  session: RequestHandler;
  /** @throws LianfaError sign_in_required, forbidden_origin */
  callerOf(request: Request): Promise<Caller>;
  /** Whether the caller of a request that lasts may still be here: the session or key that let it in is neither ended nor withdrawn. */
  remains(request: Request): Promise<boolean>;
}

export function createDoor({
  store,
  redis,
  config,
  sessionSecret,
}: Pick<Services, 'store' | 'redis' | 'config' | 'sessionSecret'>): Door {
  const sessions = session({
    name: cookieName,
    secret: sessionSecret,
    store: new RedisSessions(redis, config.redisPrefix),
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: 'strict', secure: config.url.startsWith('https:'), maxAge: idle, path: '/' },
  });
  const door: Door = {
    // A program with a key needs no session, and goes on working while sessions cannot be read.
    session(request: Request, response: Response, next: NextFunction) {
      if (request.get('authorization') === undefined) sessions(request, response, next);
      else next();
    },
    async callerOf(request) {
      const authorization = request.get('authorization');
      if (authorization !== undefined) {
        const user = await userOfApiKey(store, /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '');
        if (!user) throw new LianfaError('sign_in_required');
        return user;
      }
      const id = request.session.user;
      const user = id === undefined ? undefined : await store.users.findById(id).lean();
      if (!user?.enabled) throw new LianfaError('sign_in_required');
      if (!['GET', 'HEAD'].includes(request.method)) requireOwnOrigin(request, config.url);
      return user;
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
