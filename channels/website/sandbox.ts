/**
 * A remote CMS that speaks Micropub: a site under every number, each with its own token, posts and public pages.
 * Answered: create (form, multipart, JSON), update, delete, undelete, q=config, source, syndicate-to; the media endpoint.
 * Failures may be scripted by status (`500`, `429`) or by the protocol's code (`insufficient_scope`).
 *
 * Controls: `later {"on":true}` answers 202 and shows nothing until `appear {}`; `slugs {"ignored":true}`;
 * `lists {"off":true}` takes the list of newest posts away; `expire {"site":"3"}` ends a token;
 * `page {"url":"…","html":"…"}` changes what the public sees.
 */
import { createHash } from 'node:crypto';
import sanitize from 'sanitize-html';
import { z } from 'zod';
import type { SandboxAnswer, SandboxKit, SandboxPlatform, SandboxRequest } from '../sandbox.js';
import { Refused, readRequest, readUpload, updated, type Command, type Properties } from './micropub-request.js';

interface Post {
  slug: string;
  title: string;
  properties: Properties;
  state: 'public' | 'later' | 'deleted';
}

interface SandboxSite {
  posts: Map<string, Post>;
  tokenAge: number;
}

const json = { 'content-type': 'application/json; charset=utf-8' };
const page = { 'content-type': 'text/html; charset=utf-8' };
const keptFiles = 500;

export function websiteSandbox(): SandboxPlatform {
  const sites = new Map<string, SandboxSite>();
  const files = new Map<string, { mime: string; bytes: Buffer }>();
  const rules = { later: false, slugsIgnored: false, noLists: false };
  let kit: SandboxKit;
  let made = 0;

  function siteAt(name: string): SandboxSite {
    const site = sites.get(name) ?? { posts: new Map<string, Post>(), tokenAge: 0 };
    sites.set(name, site);
    return site;
  }

  const tokenOf = (name: string) =>
    `${createHash('sha256')
      .update(`token ${name} ${sites.get(name)?.tokenAge ?? 0}`)
      .digest('hex')
      .slice(0, 32)}`;
  const urlOf = (name: string, slug: string) => `${kit.url}/sites/${name}/posts/${slug}`;

  function mayEnter(name: string, token: string | undefined): void {
    if (token === undefined) throw new Refused(401, 'unauthorized', 'no access token was provided');
    if (token !== tokenOf(name)) throw new Refused(403, 'forbidden', 'the access token is not valid');
  }

  function postAt(name: string, url: string): Post {
    const prefix = urlOf(name, '');
    const post = url.startsWith(prefix) ? siteAt(name).posts.get(url.slice(prefix.length)) : undefined;
    if (!post) throw new Refused(400, 'invalid_request', 'the post with the requested URL was not found');
    return post;
  }

  function create(name: string, command: Extract<Command, { do: 'create' }>): SandboxAnswer {
    if (command.type !== 'h-entry') throw new Refused(400, 'invalid_request', 'only h-entry is supported');
    const { 'mp-slug': wanted, ...given } = command.properties;
    const properties: Properties = { ...given };
    for (const file of command.files)
      properties[file.field] = [...(properties[file.field] ?? []), keep(name, file.mime, file.bytes)];
    if (!properties['name'] && !properties['content'])
      throw new Refused(400, 'invalid_request', 'a post needs a name or content');
    const { posts } = siteAt(name);
    const asked = textOf(wanted)
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .slice(0, 80);
    made += 1;
    const slug = rules.slugsIgnored || !asked || posts.has(asked) ? `post-${made}` : asked;
    const title = textOf(properties['name']) || textOf(properties['content']).slice(0, 40);
    posts.set(slug, {
      slug,
      title,
      properties: { published: [kit.now().toISOString()], ...properties },
      state: rules.later ? 'later' : 'public',
    });
    kit.accepted({ account: name, call: 'create', id: slug, subject: `${title} ${slug}` });
    return { status: rules.later ? 202 : 201, headers: { location: urlOf(name, slug) }, body: '' };
  }

  function keep(name: string, mime: string, bytes: Buffer): string {
    const id = `${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}`;
    files.delete(id);
    files.set(id, { mime, bytes });
    for (const oldest of files.keys()) if (files.size > keptFiles) files.delete(oldest);
    return `${kit.url}/sites/${name}/media/${id}`;
  }

  function query(name: string, { q, url, properties, limit }: Extract<Command, { do: 'query' }>): SandboxAnswer {
    switch (q) {
      case 'config':
        return answer({ 'media-endpoint': `${kit.url}/sites/${name}/micropub/media`, 'syndicate-to': [] });
      case 'syndicate-to':
        return answer({ 'syndicate-to': [] });
      case 'source': {
        if (url === undefined) {
          if (rules.noLists) throw new Refused(400, 'invalid_request', 'the request names no url');
          const items = [...siteAt(name).posts.values()]
            .filter(({ state }) => state !== 'deleted')
            .slice(-limit)
            .reverse();
          return answer({
            items: items.map((post) => ({
              type: ['h-entry'],
              properties: { ...post.properties, url: [urlOf(name, post.slug)] },
            })),
          });
        }
        const post = postAt(name, url);
        if (post.state === 'deleted') throw new Refused(410, 'invalid_request', 'the post was deleted');
        if (!properties.length) return answer({ type: ['h-entry'], properties: post.properties });
        return answer({
          properties: Object.fromEntries(Object.entries(post.properties).filter(([key]) => properties.includes(key))),
        });
      }
      default:
        throw new Refused(400, 'invalid_request', `the query "${q}" is not supported`);
    }
  }

  async function micropub(name: string, request: SandboxRequest): Promise<SandboxAnswer> {
    const { command: read, token } = await readRequest(request);
    mayEnter(name, token);
    const command = read();
    switch (command.do) {
      case 'query':
        return query(name, command);
      case 'create':
        return create(name, command);
      case 'update': {
        const post = postAt(name, command.url);
        post.properties = updated(post.properties, command);
        post.title = textOf(post.properties['name']) || post.title;
        return { status: 204, body: '' };
      }
      case 'delete':
        postAt(name, command.url).state = 'deleted';
        return { status: 204, body: '' };
      case 'undelete':
        postAt(name, command.url).state = 'public';
        return { status: 204, body: '' };
    }
  }

  async function media(name: string, request: SandboxRequest): Promise<SandboxAnswer> {
    const { token, file: read } = await readUpload(request);
    mayEnter(name, token);
    const file = read();
    return { status: 201, headers: { location: keep(name, file.mime, file.bytes) }, body: '' };
  }

  function read(name: string, rest: string[]): SandboxAnswer {
    const [kind = '', id = ''] = rest;
    if (kind === '')
      return { status: 200, headers: page, body: indexPage(name, sites.get(name)?.posts ?? new Map(), kit.url) };
    const file = kind === 'media' ? files.get(id) : undefined;
    if (file) return { status: 200, headers: { 'content-type': file.mime }, body: file.bytes };
    const post = kind === 'posts' ? sites.get(name)?.posts.get(id) : undefined;
    if (!post || post.state === 'later')
      return { status: 404, headers: page, body: shell('未找到', '<p>没有这个页面。</p>') };
    if (post.state === 'deleted')
      return { status: 410, headers: page, body: shell('已删除', '<p>这篇文章已删除。</p>') };
    return { status: 200, headers: page, body: postPage(post) };
  }

  return {
    name: 'website',
    open(opened) {
      kit = opened;
    },
    callOf: nameOfCall,
    async handle(request) {
      const [, first, name, ...rest] = request.path.split('/');
      if (first !== 'sites' || name === undefined || !/^\d{1,7}$/.test(name))
        return { status: 404, headers: page, body: shell('未找到', '<p>没有这个站点。</p>') };
      try {
        if (rest[0] === 'micropub')
          return rest[1] === 'media' ? await media(name, request) : await micropub(name, request);
        return read(name, rest);
      } catch (error) {
        if (error instanceof Refused) return { status: error.status, headers: json, body: error.body };
        throw error;
      }
    },
    failure,
    account: (n) => ({
      name: `仿真网站 ${n + 1}`,
      settings: { type: 'micropub', endpoint: `${kit.url}/sites/${n}/micropub` },
      credentials: { token: tokenOf(String(n)) },
    }),
    publicPage: () =>
      shell(
        '仿真网站',
        `<ul>${[...sites]
          .filter(([, { posts }]) => posts.size)
          .slice(-200)
          .map(
            ([name, { posts }]) =>
              `<li><a href="/sites/${name}/">第 ${Number(name) + 1} 个网站</a>：${posts.size} 篇</li>`,
          )
          .join('')}</ul>`,
      ),
    controls: {
      later: (body) => {
        rules.later = z.object({ on: z.boolean() }).parse(body).on;
      },
      slugs: (body) => {
        rules.slugsIgnored = z.object({ ignored: z.boolean() }).parse(body).ignored;
      },
      lists: (body) => {
        rules.noLists = z.object({ off: z.boolean() }).parse(body).off;
      },
      appear: () => {
        for (const { posts } of sites.values())
          for (const post of posts.values()) if (post.state === 'later') post.state = 'public';
      },
      expire: (body) => {
        siteAt(z.object({ site: z.coerce.string() }).parse(body).site).tokenAge += 1;
      },
      page: (body) => {
        const { url, html } = z.object({ url: z.string(), html: z.string() }).parse(body);
        const name = /\/sites\/(\d+)\//.exec(url)?.[1] ?? '';
        postAt(name, url).properties['content'] = [{ html }];
      },
    },
  };
}

function nameOfCall({ method, path, query, headers, body }: SandboxRequest): string {
  if (!/^\/sites\/\d+\/micropub/.test(path)) return 'page';
  if (path.endsWith('/media')) return 'media';
  if (method === 'GET') return query.get('q') ?? 'query';
  const text = headers['content-type']?.startsWith('multipart/') ? '' : body.toString('utf8');
  return /^\s*\{/.test(text)
    ? (/"action"\s*:\s*"(update|delete|undelete)"/.exec(text)?.[1] ?? 'create')
    : (new URLSearchParams(text).get('action') ?? 'create');
}

const statusOf: Readonly<Record<string, number>> = {
  invalid_request: 400,
  unauthorized: 401,
  insufficient_scope: 401,
  forbidden: 403,
  not_found: 404,
};

function failure(call: string, code: string): SandboxAnswer {
  const named = statusOf[code];
  if (named !== undefined)
    return {
      status: named,
      headers: json,
      body: JSON.stringify({ error: code, error_description: `scripted for ${call}` }),
    };
  const status = /^[1-5]\d\d$/.test(code) ? Number(code) : 500;
  const protocol = Object.entries(statusOf).find(([, value]) => value === status)?.[0];
  if (status < 500 && protocol)
    return {
      status,
      headers: json,
      body: JSON.stringify({ error: protocol, error_description: `scripted for ${call}` }),
    };
  return {
    status,
    headers: { ...page, ...(status === 429 && { 'retry-after': '60' }) },
    body: status === 500 ? '' : shell(String(status), `<p>${status}</p>`),
  };
}

function textOf(values: unknown[] | undefined): string {
  const [first] = values ?? [];
  if (typeof first === 'string') return first;
  const { html, value } = z
    .object({ html: z.string().optional(), value: z.string().optional() })
    .catch({})
    .parse(first);
  return html ?? value ?? '';
}

/** What this CMS lets into its pages. */
function cleaned(html: string): string {
  return sanitize(html, {
    allowedTags: [...sanitize.defaults.allowedTags, 'img', 'video', 'audio', 's', 'u'],
    allowedAttributes: {
      a: ['href'],
      img: ['src', 'alt', 'width', 'height'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan', 'scope'],
      video: ['src', 'controls'],
      audio: ['src', 'controls'],
    },
  });
}

function answer(body: unknown): SandboxAnswer {
  return { status: 200, headers: json, body: JSON.stringify(body) };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function shell(title: string, main: string): string {
  return `<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>body{font:1rem/1.8 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}img{max-width:100%;height:auto}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.3rem .6rem}</style></head><body>${main}</body></html>`;
}

function postPage({ title, properties }: Post): string {
  const [content] = properties['content'] ?? [];
  const body = typeof content === 'string' ? `<p>${escaped(content)}</p>` : cleaned(textOf([content]));
  const pictures = (properties['photo'] ?? [])
    .map(
      (photo) =>
        `<img class="u-photo" src="${escaped(textOf([photo]))}" alt="${escaped(z.object({ alt: z.string() }).catch({ alt: '' }).parse(photo).alt)}">`,
    )
    .join('');
  return shell(
    title,
    `<article class="h-entry"><h1 class="p-name">${escaped(title)}</h1><time class="dt-published">${escaped(textOf(properties['published']))}</time>${pictures}<div class="e-content">${body}</div></article>`,
  );
}

function indexPage(name: string, posts: Map<string, Post>, url: string): string {
  const items = [...posts.values()]
    .filter(({ state }) => state === 'public')
    .reverse()
    .map((post) => `<li><a href="${url}/sites/${name}/posts/${post.slug}">${escaped(post.title)}</a></li>`);
  return shell(`仿真网站 ${Number(name) + 1}`, `<h1>仿真网站 ${Number(name) + 1}</h1><ul>${items.join('')}</ul>`);
}
