/** A built-in site's own Micropub endpoint (W3C Recommendation, 23 May 2017), so that a subordinate hub or any editor can post to it. */
import { createHash, randomBytes } from 'node:crypto';
import type { PublicAnswer, PublicRequest } from '../channel.js';
import { orderOf } from './marks.js';
import {
  Refused,
  readRequest,
  readUpload,
  updated,
  type Command,
  type IncomingRequest,
  type Properties,
} from './micropub-request.js';
import { readArticle, type Article, type Posted } from './site/article.js';
import { openColumns, settle } from './site/build.js';
import { openCatalog } from './site/catalog.js';
import { articleId } from './site/files.js';
import { articleAddress } from './site/look.js';
import { takePictures } from './site/outside-pictures.js';
import { isShown, lockArticle, putArticle, type Place } from './site/pages.js';
import { contentFrom, outsidePictures } from './site/posts.js';
import { bearerOf, type Bearer, type Scope } from './site/tokens.js';
import { keepUpload, type Upload } from './site/uploads.js';

/** Characters of what is given for one post, as JSON. */
const longestPost = 2_000_000;

/** `http` is the way to pictures that lie elsewhere. */
type Door = Place & Pick<PublicRequest, 'http' | 'frozen'>;

export async function serveMicropub(request: PublicRequest, place: Place, media: boolean): Promise<PublicAnswer> {
  const incoming: IncomingRequest = {
    method: request.method,
    query: request.query,
    headers: request.headers,
    body: request.body,
  };
  try {
    const door: Door = { ...place, http: request.http, frozen: (account) => request.frozen(account) };
    return media ? await takeFile(incoming, door) : await takeCommand(incoming, door);
  } catch (error) {
    if (error instanceof Refused) return answer(error.status, error.body, headersOf(error));
    throw error;
  }
}

function headersOf({ status }: Refused): Record<string, string> {
  if (status === 401) return { 'www-authenticate': 'Bearer' };
  return status === 503 ? { 'Retry-After': '60' } : {};
}

/** A freeze holds what others post here as well: asked before anything is done, and again right before it would be public. What takes a post away passes. @throws Refused */
async function mustNotBeFrozen({ account, frozen }: Door): Promise<void> {
  if (await frozen(account))
    throw new Refused(503, 'temporarily_unavailable', 'this site is frozen; try again once it is thawed');
}

async function takeFile(request: IncomingRequest, place: Door): Promise<PublicAnswer> {
  const { token, file } = await readUpload(request);
  mustHave('media', await bearerFor(place, token));
  // A file has a public address from the moment when it is taken.
  await mustNotBeFrozen(place);
  const { name, bytes } = file();
  return answer(201, '', { location: `${place.site.address}/${(await keep(place, name, bytes)).path}` });
}

async function keep(place: Place, name: string, bytes: Buffer): Promise<Upload> {
  const upload = await keepUpload(place.home, name, bytes);
  if (!upload) throw new Refused(400, 'invalid_request', 'this site takes pictures and common documents only');
  return upload;
}

async function takeCommand(request: IncomingRequest, place: Door): Promise<PublicAnswer> {
  const { token, command: read } = await readRequest(request);
  const bearer = await bearerFor(place, token);
  const command = read();
  switch (command.do) {
    case 'query':
      return query(place, command, bearer);
    case 'create':
      mustHave('create', bearer);
      await mustNotBeFrozen(place);
      return create(place, command, bearer);
    case 'update':
      mustHave('update', bearer);
      await mustNotBeFrozen(place);
      return update(place, command, bearer);
    case 'delete':
      mustHave('delete', bearer);
      return change(place, command.url, bearer, (article) => Promise.resolve({ ...article, state: 'withdrawn' }));
    case 'undelete':
      mustHave('undelete', bearer);
      await mustNotBeFrozen(place);
      return change(place, command.url, bearer, (article) => Promise.resolve({ ...article, state: 'public' }));
  }
}

async function bearerFor({ home }: Place, token: string | undefined): Promise<Bearer> {
  if (token === undefined) throw new Refused(401, 'unauthorized', 'no access token was provided');
  const bearer = await bearerOf(home, token);
  if (!bearer) throw new Refused(403, 'forbidden', 'the access token is not valid on this site');
  return bearer;
}

function mustHave(scope: Scope, { scopes }: Bearer): void {
  if (!scopes.includes(scope)) throw new Refused(401, 'insufficient_scope', `the token lacks the scope "${scope}"`);
}

async function query(
  place: Place,
  { q, url, properties, limit }: Extract<Command, { do: 'query' }>,
  bearer: Bearer,
): Promise<PublicAnswer> {
  switch (q) {
    case 'config':
      return answer(
        200,
        JSON.stringify({
          'media-endpoint': `${place.site.address}/micropub/media`,
          'syndicate-to': [],
          q: ['config', 'source', 'syndicate-to'],
        }),
      );
    case 'syndicate-to':
      return answer(200, JSON.stringify({ 'syndicate-to': [] }));
    case 'source': {
      const picked = (all: Properties) =>
        properties.length ? Object.fromEntries(Object.entries(all).filter(([name]) => properties.includes(name))) : all;
      if (url !== undefined) {
        const { posted, state } = await postAt(place, url, bearer);
        if (state === 'withdrawn') throw unknownPost();
        return answer(
          200,
          JSON.stringify({ ...(!properties.length && { type: ['h-entry'] }), properties: picked(posted.given) }),
        );
      }
      const posts = await newestOf(place, bearer, limit);
      return answer(
        200,
        JSON.stringify({
          items: posts.map(({ id, publishedAt, posted }) => ({
            type: ['h-entry'],
            properties: picked({
              published: [publishedAt],
              ...posted.given,
              url: [articleAddress(place.site, id)],
            }),
          })),
        }),
      );
    }
    default:
      throw new Refused(400, 'invalid_request', `the query "${q}" is not supported`);
  }
}

type Post = Article & { posted: Posted };

/** The newest posts that came by the token. */
async function newestOf({ home }: Place, bearer: Bearer, limit: number): Promise<Post[]> {
  const ids = (await openCatalog(home))
    .list()
    .filter(({ posted }) => posted === bearer.name)
    .slice(-limit)
    .reverse();
  const articles = await Promise.all(ids.map(({ id }) => readArticle(home, id)));
  return articles.flatMap((article) => (article && isPost(article) ? [article] : []));
}

function isPost(article: Article): article is Post {
  return article.posted !== undefined;
}

function unknownPost(): Refused {
  return new Refused(400, 'invalid_request', 'the post with the requested URL was not found');
}

/**
 * The post of that address, a deleted one too.
 * @throws Refused where there is none, and where it did not come by this token: what the hub has signed stands or falls
 *   by the hub alone, for the ledger would go on saying that it is verified
 */
async function postAt({ home, site }: Place, url: string, bearer: Bearer): Promise<Post> {
  const prefix = articleAddress(site, '');
  const article = url.startsWith(prefix)
    ? await readArticle(home, url.slice(prefix.length).replace(/\/$/, ''))
    : undefined;
  if (!article) throw unknownPost();
  if (!isPost(article))
    throw new Refused(
      403,
      'insufficient_scope',
      'this page was published by the hub: it can be changed or taken down there only, not with a token of the site',
    );
  if (article.posted.by !== bearer.name)
    throw new Refused(403, 'insufficient_scope', 'this post came by another token, which alone may change it');
  return article;
}

async function create(
  place: Door,
  { type, properties, files }: Extract<Command, { do: 'create' }>,
  bearer: Bearer,
): Promise<PublicAnswer> {
  if (type !== 'h-entry') throw new Refused(400, 'invalid_request', 'only h-entry is supported');
  const photos = await Promise.all(
    files
      .filter(({ field }) => field === 'photo')
      .map(async ({ name, bytes }) => `${place.site.address}/${(await keep(place, name, bytes)).path}`),
  );
  const given = givenIn(
    photos.length ? { ...properties, photo: [...(properties['photo'] ?? []), ...photos] } : properties,
  );
  const taken = await takePictures(place, outsidePictures(place.site, given), {});
  const content = await contentFrom(place.home, place.site, given, taken);
  await openColumns(place, content.columns);
  const mark = markOf(given);
  const wanted = slugFrom(properties);
  for (const id of [wanted, newSlug()]) {
    const made =
      id !== undefined &&
      (await lockArticle(place, id, async () => {
        const there = await readArticle(place.home, id);
        // The same step once more: its first answer was lost, and it stands already.
        if (there) {
          const { posted, state, key } = there;
          if (posted?.by !== bearer.name || state !== 'public' || key === undefined || key !== mark.key) return false;
          // It may have ended between its record and its page.
          if (!(await isShown(place, there))) await putArticle(place, there);
          return true;
        }
        await mustNotBeFrozen(place);
        await putArticle(place, {
          ...content,
          id,
          version: 1,
          posted: { by: bearer.name, given, taken },
          ...mark,
          revision: revisionOf(content),
          state: 'public',
          publishedAt: place.now().toISOString(),
        });
        return true;
      }));
    if (!made) continue;
    await settle(place);
    return answer(201, '', { location: articleAddress(place.site, id) });
  }
  throw new Refused(503, 'temporarily_unavailable', 'no free address was found; try again');
}

/** What is kept of a request to be given back: its properties, and neither the commands to the server (`mp-…`) nor a token. */
function givenIn(properties: Properties): Properties {
  const given = Object.fromEntries(
    Object.entries(properties).filter(([name, values]) => !/^(mp-|access_token$)/.test(name) && values.length > 0),
  );
  if (JSON.stringify(given).length > longestPost)
    throw new Refused(413, 'invalid_request', `a post is longer than ${longestPost} characters`);
  return given;
}

async function update(place: Door, command: Extract<Command, { do: 'update' }>, bearer: Bearer): Promise<PublicAnswer> {
  const next = ({ posted }: Post) => givenIn(updated(posted.given, command));
  const before = await postAt(place, command.url, bearer);
  if (before.state === 'withdrawn') throw unknownPost();
  // Before anybody has to wait for the article: other hosts may be slow.
  const taken = await takePictures(place, outsidePictures(place.site, next(before)), before.posted.taken);
  return change(place, command.url, bearer, async (article) => {
    const given = next(article);
    const { id, version, state, publishedAt, posted } = article;
    return {
      ...(await contentFrom(place.home, place.site, given, { ...posted.taken, ...taken }, article)),
      ...newerMark(given, article),
      ...{ id, version, state, publishedAt, revision: article.revision },
      posted: { ...posted, given, taken },
    };
  });
}

/** `uid` is the sender's own key; it comes back with q=source, by which the sender finds an earlier attempt. */
function markOf({ uid = [] }: Properties): { key?: string } {
  const key = uid.findLast((value) => typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value));
  return typeof key === 'string' ? { key } : {};
}

/** @throws Refused for an older order of a hub over a newer one */
function newerMark(properties: Properties, { key: old = '' }: Article): { key?: string } {
  const mark = markOf(properties);
  if ((orderOf(mark.key ?? '') ?? Infinity) < (orderOf(old) ?? 0))
    throw new Refused(409, 'conflict', 'a newer version of this post has been published already');
  return mark;
}

function slugFrom(properties: Properties): string | undefined {
  const [slug] = properties['mp-slug'] ?? [];
  return typeof slug === 'string' && articleId.test(slug) ? slug : undefined;
}

function newSlug(): string {
  return `p${Date.now().toString(36)}${randomBytes(4).toString('hex')}`;
}

function revisionOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 20);
}

async function change(
  place: Door,
  url: string,
  bearer: Bearer,
  work: (article: Post) => Promise<Article>,
): Promise<PublicAnswer> {
  const { id } = await postAt(place, url, bearer);
  await lockArticle(place, id, async () => {
    const article = await postAt(place, url, bearer);
    const next = await work(article);
    if (next.state === 'public') await mustNotBeFrozen(place);
    await putArticle(place, {
      ...next,
      version: article.version + 1,
      revision: revisionOf(next),
      revisedAt: place.now().toISOString(),
    });
  });
  await settle(place);
  return answer(204, '');
}

function answer(status: number, body: string, headers: Record<string, string> = {}): PublicAnswer {
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(body && { 'content-type': 'application/json; charset=utf-8' }),
      ...headers,
    },
    body,
  };
}
