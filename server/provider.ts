/** Signing in by an OpenID Connect provider (统一身份认证): authorization code with PKCE, state and nonce. */
import { createHash, randomBytes } from 'node:crypto';
import { Router, type Request, type RequestHandler } from 'express';
import * as client from 'openid-client';
import { z } from 'zod';
import { refused } from '../core/audit/attempt.js';
import { LianfaError } from '../core/errors.js';
import { isLoopback, type Config } from '../core/hub/config.js';
import { askIdentity } from '../core/people/identities-asked.js';
import { bindIdentity, followGroups, personOfIdentity, readGroupMap, type Claimed } from '../core/people/identities.js';
import { personOfLink } from '../core/people/links.js';
import { redisKey } from '../core/queue/keys.js';
import { providerAddress, providerStart } from './contract/sessions.js';
import { requireOwnOrigin } from './door.js';
import { openEndpoint, type Endpoint } from './endpoint.js';
import { fromOf } from './door.js';
import { cookieIn } from './rising.js';
import { enter, type SessionMeans } from './session.js';

/** Where the provider sends the browser back to. */
const returnPath = '/sign-in/return';
const wayCookie = 'lianfa-way';
/** Seconds that a sign-in at the provider may take. */
const patience = 600;
/** Seconds by which the provider's clock may differ from ours. */
const tolerance = 5;
/** Seconds after which a token is too old to begin a session, expired or not. */
const oldest = 600;

type Provider = NonNullable<Config['provider']>;

/** What is remembered between the start and the return, by `state`. */
const way = z.object({
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  /** Hash of the cookie of the browser that began. */
  browser: z.string(),
  /** The invitation by which an identity is to be bound, sealed. */
  link: z.string().optional(),
});
type Way = z.output<typeof way>;

const claimsRead = z.object({
  iss: z.string(),
  sub: z.string().min(1).max(500),
  iat: z.number(),
  name: z.string().optional().catch(undefined),
  groups: z.union([z.array(z.string()), z.string().transform((one) => [one])]).optional(),
});

/** Only a path of our own, read as browsers read it. */
export function ownPath(asked: string | undefined): string {
  const start = '/';
  if (asked === undefined || asked.length > 2_000 || !/^\/[\x21-\x7e]*$/.test(asked)) return start;
  let plain: string;
  try {
    plain = decodeURIComponent(asked);
  } catch {
    return start;
  }
  for (const path of [asked, plain]) if (/^\/[/\\]|\\|\p{Cc}/u.test(path)) return start;
  const inner = 'http://own.invalid';
  return URL.canParse(asked, inner) && new URL(asked, inner).origin === inner ? asked : start;
}

export function providerEndpoints(means: SessionMeans): Endpoint[] {
  const { redis, config, vault } = means;
  const connect = connector(config.provider);
  return [
    openEndpoint(
      {
        method: 'post',
        path: '/session/provider',
        summary: { zh: '开始用统一身份认证登录', en: 'Begin to sign in by the identity provider' },
        body: providerStart,
        answer: { status: 200, schema: providerAddress },
      },
      async ({ body: { returnTo, link }, request, response }) => {
        requireOwnOrigin(request, config.url);
        const provider = await connect();
        if (link !== undefined) await personOfLink(means, link);
        const [state, nonce, verifier, browser] = [
          client.randomState(),
          client.randomNonce(),
          client.randomPKCECodeVerifier(),
          randomBytes(24).toString('base64url'),
        ] as const;
        const kept: Way = {
          nonce,
          verifier,
          returnTo: ownPath(returnTo),
          browser: hashOf(browser),
          ...(link !== undefined && { link: vault.seal(`way ${state}`, link) }),
        };
        await redis.set(wayKey(config, state), JSON.stringify(kept), 'EX', patience);
        response.cookie(wayCookie, browser, {
          httpOnly: true,
          // The provider leads the browser back from another site.
          sameSite: 'lax',
          secure: config.url.startsWith('https:'),
          path: returnPath,
          maxAge: patience * 1000,
        });
        const address = client.buildAuthorizationUrl(provider, {
          redirect_uri: config.url + returnPath,
          scope: 'openid profile email',
          state,
          nonce,
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        });
        return { address: address.href };
      },
    ),
  ];
}

/** `sessions`: gives the request its session. */
export function providerReturn(means: SessionMeans, sessions: RequestHandler): Router {
  const { config } = means;
  const connect = connector(config.provider);
  const router = Router();
  router.get(returnPath, sessions, async (request, response) => {
    response.set('Cache-Control', 'no-store').clearCookie(wayCookie, { path: returnPath });
    try {
      const kept = await take(means, request);
      const claimed = await claimedBy(await connect(), config, request, kept.way);
      const known =
        kept.link === undefined
          ? await personOfIdentity(means, claimed)
          : await bindIdentity(means, kept.link, claimed, fromOf(request));
      if (!known)
        throw new LianfaError('identity_waiting', { number: await askIdentity(means, claimed, fromOf(request)) });
      const map = await readGroupMap(config.provider?.groupsFile);
      const body = await enter(means, request, response, await followGroups(means, known, claimed, map), 'provider');
      response.redirect(
        303,
        'next' in body ? `/sign-in?step=code&back=${encodeURIComponent(kept.way.returnTo)}` : kept.way.returnTo,
      );
    } catch (error) {
      if (!(error instanceof LianfaError)) throw error;
      await refused(
        means.store,
        { act: 'session.open', from: fromOf(request), on: {}, after: { by: 'provider' } },
        error,
      );
      const number = error.code === 'identity_waiting' ? `&number=${error.details['number'] as string}` : '';
      response.redirect(303, `/sign-in?problem=${error.code}${number}`);
    }
  });
  return router;
}

/** What was begun in this very browser, once. @throws LianfaError provider_refused */
async function take({ redis, config, vault }: SessionMeans, request: Request): Promise<{ way: Way; link?: string }> {
  const state = typeof request.query['state'] === 'string' ? request.query['state'] : '';
  const text = await redis.getdel(wayKey(config, state));
  const kept = text === null ? undefined : way.parse(JSON.parse(text));
  if (kept?.browser !== hashOf(cookieIn(request, wayCookie) ?? '') || !kept) throw new LianfaError('provider_refused');
  return { way: kept, ...(kept.link !== undefined && { link: String(vault.open(`way ${state}`, kept.link)) }) };
}

/** @throws LianfaError provider_refused, provider_clock, provider_unreachable */
async function claimedBy(
  provider: client.Configuration,
  config: Config,
  request: Request,
  { nonce, verifier }: Way,
): Promise<Claimed & { name?: string | undefined }> {
  const address = new URL(config.url + request.originalUrl);
  const state = address.searchParams.get('state') ?? '';
  const tokens = await client
    .authorizationCodeGrant(provider, address, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    })
    .catch((error: unknown) => {
      throw refusalOf(error);
    });
  const claims = claimsRead.safeParse(tokens.claims());
  if (!claims.success) throw new LianfaError('provider_refused', {}, { cause: claims.error });
  const { iss, sub, iat, groups, name } = claims.data;
  if (Math.abs(Date.now() / 1000 - iat) > oldest) throw new LianfaError('provider_clock');
  return { issuer: iss, subject: sub, groups, name };
}

function refusalOf(error: unknown): LianfaError {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return new LianfaError('provider_clock', {}, { cause: error });
  const away = name === 'TypeError' || code === 'OAUTH_TIMEOUT';
  return new LianfaError(away ? 'provider_unreachable' : 'provider_refused', {}, { cause: error });
}

/** Finds the provider's addresses and keys when it is first needed; tries again after a failure. @throws LianfaError provider_off, provider_unreachable */
function connector(provider: Provider | undefined): () => Promise<client.Configuration> {
  let found: Promise<client.Configuration> | undefined;
  return () => {
    if (!provider) return Promise.reject(new LianfaError('provider_off'));
    found ??= discover(provider).catch((error: unknown) => {
      found = undefined;
      throw new LianfaError('provider_unreachable', {}, { cause: error });
    });
    return found;
  };
}

async function discover({ issuer, clientId, clientSecret }: Provider): Promise<client.Configuration> {
  const address = new URL(issuer);
  const inside = address.protocol === 'http:' && isLoopback(address.hostname);
  const found = await client.discovery(
    address,
    clientId,
    { client_secret: clientSecret, [client.clockTolerance]: tolerance },
    client.ClientSecretBasic(clientSecret),
    { execute: inside ? [client.allowInsecureRequests] : [], timeout: 10 },
  );
  // The token comes straight from the provider; its signature is checked all the same.
  client.enableNonRepudiationChecks(found);
  return found;
}

function wayKey({ redisPrefix: prefix }: Config, state: string): string {
  return redisKey({ prefix }, 'way', createHash('sha256').update(state).digest('hex'));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
