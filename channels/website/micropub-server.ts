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
import { readArticle, wasPosted, type Article } from './site/article.js';
import { settle } from './site/build.js';
import { openCatalog } from './site/catalog.js';
import { articleId } from './site/files.js';
import { articleAddress } from './site/look.js';
import { lockArticle, putArticle, type Place } from './site/pages.js';
import { contentFrom, propertiesOf } from './site/posts.js';
import { scopesOf, type Scope } from './site/tokens.js';
import { keepUpload, type Upload } from './site/uploads.js';

export async function serveMicropub(request: PublicRequest, place: Place, media: boolean): Promise<PublicAnswer> {
  const incoming: IncomingRequest = {
    method: request.method,
    query: request.query,
    headers: request.headers,
    body: request.body,
  };
  try {
    return media ? await takeFile(incoming, place) : await takeCommand(incoming, place);
  } catch (error) {
    if (error instanceof Refused)
      return answer(error.status, error.body, error.status === 401 ? { 'www-authenticate': 'Bearer' } : {});
    throw error;
  }
}

async function takeFile(request: IncomingRequest, place: Place): Promise<PublicAnswer> {
  const { token, file } = await readUpload(request);
  mustHave('media', await scopesFor(place, token));
  const { name, bytes } = file();
  return answer(201, '', { location: `${place.site.address}/${(await keep(place, name, bytes)).path}` });
}

async function keep(place: Place, name: string, bytes: Buffer): Promise<Upload> {
  const upload = await keepUpload(place.folder, name, bytes);
  if (!upload) throw new Refused(400, 'invalid_request', 'this site takes pictures and common documents only');
  return upload;
}

async function takeCommand(request: IncomingRequest, place: Place): Promise<PublicAnswer> {
  const { token, command: read } = await readRequest(request);
  const scopes = await scopesFor(place, token);
  const command = read();
  switch (command.do) {
    case 'query':
      return query(place, command);
    case 'create':
      mustHave('create', scopes);
      return create(place, command);
    case 'update':
      mustHave('update', scopes);
      return change(place, command.url, async (article) => {
        const next = updated(propertiesOf(place.site, article), command);
        return {
          ...article,
          ...(await contentFrom(place.folder, place.site, next, article)),
          ...newerMark(next, article),
          ...revised(place),
        };
      });
    case 'delete':
      mustHave('delete', scopes);
      return change(place, command.url, async (article) => ({ ...article, state: 'withdrawn', ...revised(place) }));
    case 'undelete':
      mustHave('undelete', scopes);
      return change(place, command.url, async (article) => ({ ...article, state: 'public', ...revised(place) }), true);
  }
}

async function scopesFor({ folder }: Place, token: string | undefined): Promise<readonly Scope[]> {
  if (token === undefined) throw new Refused(401, 'unauthorized', 'no access token was provided');
  const scopes = await scopesOf(folder, token);
  if (!scopes) throw new Refused(403, 'forbidden', 'the access token is not valid on this site');
  return scopes;
}

function mustHave(scope: Scope, scopes: readonly Scope[]): void {
  if (!scopes.includes(scope)) throw new Refused(401, 'insufficient_scope', `the token lacks the scope "${scope}"`);
}

async function query(
  { folder, site }: Place,
  { q, url, properties, limit }: Extract<Command, { do: 'query' }>,
): Promise<PublicAnswer> {
  switch (q) {
    case 'config':
      return answer(
        200,
        JSON.stringify({
          'media-endpoint': `${site.address}/micropub/media`,
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
        const article = await articleAt({ folder, site }, url);
        return answer(
          200,
          JSON.stringify({
            ...(!properties.length && { type: ['h-entry'] }),
            properties: picked(propertiesOf(site, article)),
          }),
        );
      }
      const newest = (await openCatalog(folder)).list().slice(-limit).reverse();
      const articles = (await Promise.all(newest.map(({ id }) => readArticle(folder, id)))).filter(
        (article) => article !== undefined,
      );
      return answer(
        200,
        JSON.stringify({
          items: articles.map((article) => ({ type: ['h-entry'], properties: picked(propertiesOf(site, article)) })),
        }),
      );
    }
    default:
      throw new Refused(400, 'invalid_request', `the query "${q}" is not supported`);
  }
}

async function articleAt(
  { folder, site }: Pick<Place, 'folder' | 'site'>,
  url: string,
  withdrawnToo = false,
): Promise<Article> {
  const prefix = articleAddress(site, '');
  const id = url.startsWith(prefix) ? url.slice(prefix.length).replace(/\/$/, '') : '';
  const article = articleId.test(id) ? await readArticle(folder, id) : undefined;
  if (!article || (article.state === 'withdrawn' && !withdrawnToo))
    throw new Refused(400, 'invalid_request', 'the post with the requested URL was not found');
  return article;
}

async function create(
  place: Place,
  { type, properties, files }: Extract<Command, { do: 'create' }>,
): Promise<PublicAnswer> {
  if (type !== 'h-entry') throw new Refused(400, 'invalid_request', 'only h-entry is supported');
  const photos = await Promise.all(
    files
      .filter(({ field }) => field === 'photo')
      .map(async ({ name, bytes }) => `${place.site.address}/${(await keep(place, name, bytes)).path}`),
  );
  const all: Properties = photos.length
    ? { ...properties, photo: [...(properties['photo'] ?? []), ...photos] }
    : properties;
  const content = await contentFrom(place.folder, place.site, all);
  const mark = markOf(all);
  const wanted = slugFrom(all);
  for (const id of [wanted, newSlug()]) {
    const made =
      id !== undefined &&
      (await lockArticle(place, id, async () => {
        const there = await readArticle(place.folder, id);
        // The same step once more: its first answer was lost, and it stands already.
        if (there)
          return wasPosted(there) && there.state === 'public' && mark.key !== undefined && there.key === mark.key;
        await putArticle(place, {
          ...content,
          id,
          posted: true,
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

function revised({ now }: Place): { revisedAt: string } {
  return { revisedAt: now().toISOString() };
}

async function change(
  place: Place,
  url: string,
  work: (article: Article) => Promise<Article>,
  withdrawnToo = false,
): Promise<PublicAnswer> {
  const { id } = await articleAt(place, url, withdrawnToo);
  await lockArticle(place, id, async () => {
    const article = await articleAt(place, url, withdrawnToo);
    // What was signed stands or falls by the hub alone: the ledger would go on saying that it is verified.
    if (!wasPosted(article))
      throw new Refused(
        403,
        'insufficient_scope',
        'this page was published by the hub: it can be changed or taken down there only, not with a token of the site',
      );
    const next = await work(article);
    await putArticle(place, { ...next, posted: true, revision: revisionOf(next) });
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
