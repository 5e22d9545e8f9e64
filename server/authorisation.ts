/**
 * An account's authorisation by its keeper: from the accounts page to the platform's page and back. The browser comes
 * back to one address for all channels and accounts, for platforms compare it with the one that was registered.
 */
import { Router, type Request } from 'express';
import { z } from 'zod';
import type { Said } from '../channels/channel.js';
import { openAccount } from '../core/accounts/open.js';
import { LianfaError } from '../core/errors.js';
import { authorisationLife, openAuthorisationBook, type AuthorisationBook } from './authorisation-book.js';
import { redeemAuthorisation } from './authorisation-outcome.js';
import { authorisation, authorisationAddress, type AuthorisationBody } from './contract/accounts.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';
import type { SessionData } from 'express-session';
import { activePerson, rolesOf } from '../core/people/read.js';
import { rightsOf } from '../core/people/rights.js';
import { unitsOf } from './needs.js';
import { cookieIn } from './rising.js';
import { RedisSessions } from './session-store.js';

type Means = Pick<Services, 'store' | 'channels' | 'vault' | 'callFor' | 'redis' | 'config' | 'sessionSecret' | 'log'>;

export const returnPath = '/callbacks/authorisation';
const proofCookie = 'lianfa-authorisation';

/** In place of an outcome's id where the state that came back is not one of ours: then nothing is stored either. */
const staleId = 'stale';
const stale: AuthorisationBody = {
  outcome: 'stale',
  said: {
    zh: '这次授权已用过、已过期，或不是在这个浏览器里登录后发起的，账号没有任何变化。',
    en: 'This authorisation was used before, is too old, or was not begun in this signed-in browser; nothing has changed.',
  },
  todo: {
    zh: '请在“账号”页重新点“授权”，并在十分钟内用同一浏览器完成。',
    en: 'Press “Authorise” under Accounts again and finish within ten minutes in the same browser.',
  },
};

export function authorisationEndpoints(means: Means): Endpoint[] {
  const { store, channels, vault, config } = means;
  const book = bookOf(means);
  const params = z.object({ id: z.string() });
  return [
    endpoint(
      {
        method: 'post',
        path: '/accounts/:id/authorise',
        summary: {
          zh: '开始授权：返回平台授权页的地址（须在浏览器中登录本系统）',
          en: "Begin an authorisation: answers the address of the platform's page; takes a signed-in browser",
        },
        needs: { permission: 'accounts.manage', over: 'account' },
        params,
        answer: { status: 200, schema: authorisationAddress },
      },
      async ({ params: { id }, request, response }) => {
        if (request.session?.person === undefined)
          throw unavailable(
            '须在浏览器中登录本系统后操作，接口密钥不能授权',
            'it takes a signed-in browser, not an API key',
          );
        const row = await store.accounts.findById(id).lean();
        const channel = row && channels.get(row.channel);
        if (!row || !channel) throw new LianfaError('not_found', { what: id });
        if (!channel.authorise)
          throw unavailable(
            `${channel.label.zh}的凭据不是在平台上点“同意”取得的`,
            `${channel.label.en} gives its credentials in another way`,
          );
        // The way back leads to the hub's own address, where a browser that came by another one could not prove itself.
        if (!isOwnAddress(request, config.url))
          throw unavailable(`请从 ${config.url} 打开本系统`, `open the hub at ${config.url}`);
        const state = await book.open({ account: id, session: request.sessionID });
        response.cookie(proofCookie, book.proofOf(request.sessionID), {
          httpOnly: true,
          sameSite: 'lax',
          secure: config.url.startsWith('https:'),
          path: returnPath,
          maxAge: authorisationLife * 1000,
        });
        return {
          address: channel.authorise.address(
            openAccount(channel, row, row.organization, vault),
            redirectOf(means),
            state,
          ),
        };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/authorisations/:id',
        summary: {
          zh: '一次授权的结果（十分钟内可读）',
          en: 'What became of an authorisation; can be read for ten minutes',
        },
        needs: { permission: 'accounts.manage', over: 'places' },
        params,
        answer: { status: 200, schema: authorisation },
      },
      async ({ params: { id } }) => {
        const outcome = id === staleId ? stale : await book.outcome(id);
        if (!outcome) throw new LianfaError('not_found', { what: id });
        return outcome;
      },
    ),
  ];
}

/** Where the platform sends the browser back to. It lands on the accounts page, whatever has happened. */
export function authorisationReturn(means: Means): Router {
  const book = bookOf(means);
  const router = Router();
  router.get(returnPath, async (request, response) => {
    response
      .set('Cache-Control', 'no-store')
      .redirect(303, `/accounts?authorisation=${await settled(means, book, request)}`);
  });
  return router;
}

/** The id under which the outcome can be read. */
async function settled(means: Means, book: AuthorisationBook, request: Request): Promise<string> {
  const { state, code, error } = answerQuery.parse(request.query);
  const pending = state === undefined ? undefined : await book.take(state);
  const user =
    pending && book.proves(cookieIn(request, proofCookie), pending.session)
      ? await personIn(means, pending.session, pending.account)
      : undefined;
  if (!pending || user === undefined) return staleId;
  return book.keep(
    await redeemAuthorisation(means, { account: pending.account, code, error, redirect: redirectOf(means), user }),
  );
}

const word = z.string().min(1).max(2_000).optional().catch(undefined);
const answerQuery = z.object({ state: word, code: word, error: word });

/** Who is signed in there, if still somebody is who may connect the account. */
async function personIn(means: Means, session: string, account: string): Promise<string | undefined> {
  const sessions = new RedisSessions(means.redis, means.config.redisPrefix, means.vault);
  const kept = await new Promise<SessionData | null | undefined>((done, fail) =>
    sessions.get(session, (error, data) => {
      if (error) fail(error instanceof Error ? error : new Error(String(error)));
      else done(data);
    }),
  );
  const person = kept?.person === undefined ? undefined : await activePerson(means, kept.person);
  if (!person || person.rights !== kept?.rights) return undefined;
  const rights = rightsOf(await rolesOf(means, person._id));
  const paths = (await unitsOf(means.store, 'account', account)) ?? [];
  return paths.some((path) => rights.may('accounts.manage', path)) ? person._id : undefined;
}

function isOwnAddress(request: Request, ownUrl: string): boolean {
  const origin = request.get('origin') ?? '';
  return URL.canParse(origin) && new URL(origin).origin === new URL(ownUrl).origin;
}

function redirectOf({ config }: Means): string {
  return `${config.url}${returnPath}`;
}

function bookOf({ redis, config, sessionSecret }: Means): AuthorisationBook {
  return openAuthorisationBook({ redis, prefix: config.redisPrefix, secret: sessionSecret });
}

function unavailable(zh: string, en: string): LianfaError {
  return new LianfaError('authorisation_unavailable', { reason: { zh, en } satisfies Said });
}
