/** What the public reads: `/sites/<site>/…`, straight from the site's files; with its search, and its Micropub endpoint. */
import type { PublicAnswer, PublicFace, PublicRequest } from '../channel.js';
import { serveMicropub } from './micropub-server.js';
import { serveFile } from './served-file.js';
import { siteSlug } from './settings.js';
import { siteHome } from './site/files.js';
import { readSite, rootOf } from './site/look.js';
import type { Place } from './site/pages.js';
import { keepTime } from './site/redraw.js';
import { searchPage } from './site/search.js';
import { typeOf } from './site/types.js';

/** Nothing from elsewhere is loaded, and no script but our own file runs. Sound and film may come from where the release says, on play. */
const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self' https: http:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

const common: Record<string, string> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** `now` is the clock by which a warning is in force; the machine's unless told. */
type SiteRequest = PublicRequest & { now?(): Date };

export const face = { at: '/sites', handle } satisfies PublicFace;

async function handle(request: SiteRequest): Promise<PublicAnswer> {
  const parts = partsOf(request.path);
  if (!parts) return plainAnswer(404, '页面不存在 / No such page');
  const [slug, ...rest] = parts;
  if (slug === undefined || !siteSlug.test(slug)) return plainAnswer(404, '站点不存在 / No such site');
  const home = siteHome(request, slug);
  const site = await readSite(home);
  if (!site) return plainAnswer(404, '站点不存在 / No such site');
  const path = rest.join('/');
  const { memory, now = () => new Date() } = request;
  const place: Place = { home, site, account: site.account, memory, now };
  if (path === 'micropub' || path === 'micropub/media') return serveMicropub(request, place, path === 'micropub/media');
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return {
      ...plainAnswer(405, '不支持此操作 / Method not allowed'),
      headers: { ...common, 'content-type': 'text/plain; charset=utf-8', allow: 'GET, HEAD' },
    };
  if (!/^(assets|media|files)\//.test(path)) await keepTime(place);
  const answer = await read(request, place, path);
  return request.method === 'HEAD' ? { ...answer, body: '' } : answer;
}

/** The path's parts if each is one that we could have written; undefined for anything that could lead elsewhere. */
export function partsOf(path: string): string[] | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const parts = decoded.split('/').slice(1);
  const named = parts.at(-1) === '' ? parts.slice(0, -1) : parts;
  return path.startsWith('/') && named.every((part) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(part))
    ? parts
    : undefined;
}

async function read(request: PublicRequest, { home, site, now }: Place, path: string): Promise<PublicAnswer> {
  if (path === '' && !request.path.endsWith('/')) return moved(`/sites/${home.slug}/`);
  if (path === 'search')
    return html(200, await searchPage(home, site, request.query.get('q') ?? '', now()), {
      'cache-control': 'no-store',
    });
  for (const file of path === '' || path.endsWith('/') ? [`${path}index.html`] : [path, `${path}/index.html`]) {
    const answer = await serveFile(request, home.public, file, headersOf(file, request.query));
    if (answer) return answer;
  }
  const target = site.settings.redirects[`/${path}`];
  if (target !== undefined && Object.hasOwn(site.settings.redirects, `/${path}`))
    return moved(target.startsWith('/') ? `${rootOf(site)}${target}` : target);
  const gone = /^articles\/([^/]+)\/?(index\.html|cap\.xml)?$/.exec(path)?.[1];
  const notice = gone === undefined ? undefined : await home.public.read(`articles/${gone}/gone.html`);
  if (notice) return html(410, notice);
  return html(404, (await home.public.read('404.html')) ?? '页面不存在');
}

function headersOf(path: string, query: URLSearchParams): Record<string, string> {
  return {
    ...common,
    'cache-control': cacheRule(path, query),
    'content-type': typeOf(path),
    ...(path.startsWith('files/') && !path.endsWith('.pdf') && { 'content-disposition': 'attachment' }),
  };
}

/** Pages are asked for each time (a correction or withdrawal shows at once); what is named by its content may be kept. */
function cacheRule(path: string, query: URLSearchParams): string {
  if (path.startsWith('assets/') && query.has('v')) return 'public, max-age=31536000, immutable';
  return path.startsWith('media/') || path.startsWith('files/')
    ? 'public, max-age=3600'
    : 'public, max-age=0, must-revalidate';
}

function html(
  status: number,
  body: Buffer | string,
  headers: Record<string, string> = { 'cache-control': 'public, max-age=0, must-revalidate' },
): PublicAnswer {
  return { status, headers: { ...common, 'content-type': 'text/html; charset=utf-8', ...headers }, body };
}

function moved(location: string): PublicAnswer {
  return { status: 301, headers: { ...common, location, 'content-type': 'text/plain; charset=utf-8' }, body: '' };
}

function plainAnswer(status: number, body: string): PublicAnswer {
  return { status, headers: { ...common, 'content-type': 'text/plain; charset=utf-8' }, body };
}
