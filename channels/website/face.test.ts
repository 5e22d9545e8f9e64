import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { request } from 'undici';
import { filesInFolder } from '../files.js';
import { recordsInProcess } from '../records-in-process.js';
import { channel } from './adapter.js';
import { face, partsOf } from './face.js';
import { accountOf, builtinSettings, openGround, releaseOf, type Ground } from './fixtures/ground.js';
import { articleId, siteHome } from './site/files.js';
import { safeExtension, typeOf } from './site/types.js';

let ground: Ground;
const account = accountOf({
  ...builtinSettings,
  redirects: { '/old/page.html': '/articles/r000000001', '/away': 'https://www.example.gov.cn/' },
});

beforeAll(async () => {
  ground = await openGround();
  const release = releaseOf();
  await channel.publish(account, channel.render(release, account), ground.publishCall('k', release));
  await writeFile(join(ground.folder, 'secret.html'), 'top secret');
});
afterAll(async () => {
  await ground.close();
});

function ask(path: string, method = 'GET', headers: Record<string, string> = {}) {
  return face.handle({
    method,
    path,
    query: new URLSearchParams(),
    headers,
    body: Buffer.alloc(0),
    files: ground.files,
    folder: ground.folder,
    hubUrl: ground.hubUrl,
    memory: ground.memory,
    records: ground.records,
    media: ground.call().media,
    http: ground.call().http,
    frozen: () => Promise.resolve(false),
  });
}

describe('the public face', () => {
  it.each([
    ['/example/', 200, 'text/html'],
    ['/example/rss.xml', 200, 'application/rss+xml'],
    ['/example/atom.xml', 200, 'application/atom+xml'],
    ['/example/feed.json', 200, 'application/feed+json'],
    ['/example/warnings.xml', 200, 'application/atom+xml'],
    ['/example/robots.txt', 200, 'text/plain'],
    ['/example/sitemap.xml', 200, 'application/xml'],
    ['/example/assets/site.css', 200, 'text/css'],
    ['/example/assets/site.js', 200, 'text/javascript'],
    ['/example/columns/notices', 200, 'text/html'],
    ['/example/nothing', 404, 'text/html'],
    ['/example/articles/none', 404, 'text/html'],
    ['/nowhere/', 404, 'text/plain'],
    ['/', 404, 'text/plain'],
  ])('answers %s with %i and %s', async (path, status, type) => {
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain(type);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('spares a reader what has not changed', async () => {
    const { headers } = await ask('/example/articles/r000000001');
    expect((await ask('/example/articles/r000000001', 'GET', { 'if-none-match': headers['etag'] ?? '' })).status).toBe(
      304,
    );
    expect((await ask('/example/articles/r000000001', 'GET', { 'if-none-match': '"else"' })).status).toBe(200);
  });

  describe('a file', () => {
    const path = `/example/files/${'e'.repeat(32)}.pdf`;
    const content = '%PDF-1.7 0123456789';
    beforeAll(async () => {
      await mkdir(join(ground.folder, 'example/public/files'), { recursive: true });
      await writeFile(join(ground.folder, 'example/public', path.slice('/example/'.length)), content);
    });

    it.each([
      ['bytes=0-3', 206, '%PDF', `bytes 0-3/${content.length}`],
      ['bytes=9-', 206, '0123456789', `bytes 9-18/${content.length}`],
      ['bytes=-4', 206, '6789', `bytes 15-18/${content.length}`],
      ['bytes=15-999', 206, '6789', `bytes 15-18/${content.length}`],
      ['bytes=-999', 206, content, `bytes 0-18/${content.length}`],
      ['bytes=19-', 416, '', `bytes */${content.length}`],
      ['bytes=-0', 416, '', `bytes */${content.length}`],
      ['bytes=5-2', 200, content, undefined],
      ['bytes=0-1,4-5', 200, content, undefined],
      ['lines=1-2', 200, content, undefined],
      ['bytes=-', 200, content, undefined],
    ])('is sent in part as %s asks: %i', async (range, status, body, contentRange) => {
      const answer = await request(`${ground.hubUrl}/sites${path}`, { headers: { range } });
      expect([answer.statusCode, await answer.body.text(), answer.headers['content-range']]).toEqual([
        status,
        body,
        contentRange,
      ]);
      expect(answer.headers).toMatchObject({ 'accept-ranges': 'bytes', 'content-type': 'application/pdf' });
    });

    it('is sent whole to one who goes on with an older file', async () => {
      const { headers } = await ask(path, 'HEAD');
      expect(headers['content-length']).toBe(String(content.length));
      const part = async (since: string) => (await ask(path, 'GET', { range: 'bytes=0-3', 'if-range': since })).status;
      expect(await part(headers['etag'] ?? '')).toBe(206);
      expect(await part(headers['last-modified'] ?? '')).toBe(206);
      for (const other of ['"another"', `W/${headers['etag'] ?? ''}`, new Date(0).toUTCString()])
        expect(await part(other)).toBe(200);
      expect(await ask(path, 'HEAD', { range: 'bytes=0-3' })).toMatchObject({ status: 200, body: '' });
    });

    it('is judged by its mark before its date', async () => {
      const { headers } = await ask(path);
      const [etag = '', modified = '', old] = [headers['etag'], headers['last-modified'], new Date(0).toUTCString()];
      const status = async (asked: Record<string, string>) => (await ask(path, 'GET', asked)).status;
      expect(await status({ 'if-modified-since': modified })).toBe(304);
      expect(await status({ 'if-modified-since': old })).toBe(200);
      expect(await status({ 'if-modified-since': 'yesterday' })).toBe(200);
      expect(await status({ 'if-none-match': '"else"', 'if-modified-since': modified })).toBe(200);
      expect(await status({ 'if-none-match': `"else", W/${etag}` })).toBe(304);
      expect(await status({ 'if-match': etag })).toBe(200);
      expect(await status({ 'if-match': '"else"' })).toBe(412);
      expect(await status({ 'if-unmodified-since': old })).toBe(412);
    });
  });

  it('sends readers of old addresses on', async () => {
    expect(await ask('/example')).toMatchObject({ status: 301, headers: { location: '/sites/example/' } });
    expect(await ask('/example/old/page.html')).toMatchObject({
      status: 301,
      headers: { location: '/sites/example/articles/r000000001' },
    });
    expect(await ask('/example/away')).toMatchObject({
      status: 301,
      headers: { location: 'https://www.example.gov.cn/' },
    });
  });

  it('answers HEAD without a body, and nothing but reading', async () => {
    expect(await ask('/example/', 'HEAD')).toMatchObject({ status: 200, body: '' });
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await ask('/example/', method)).status).toBe(405);
  });

  it('never shows what lies outside a site’s public folder', async () => {
    const outside = [
      '/example/../../secret.html',
      '/example/%2e%2e/%2e%2e/secret.html',
      '/example/..%2f..%2fsecret.html',
      '/example/..%5c..%5csecret.html',
      '/../secret.html',
      '/example/../private/words.sqlite',
      '/example/./private/words.sqlite',
      '/example//private/words.sqlite',
      '/example/private/words.sqlite',
      '/example/.drawn',
      '/example/%00',
      '/example/%E0%A4%A',
      '/constructor/',
      '/__proto__/',
    ];
    for (const path of outside) expect({ path, status: (await ask(path)).status }).toEqual({ path, status: 404 });
    const answer = await request(`${ground.hubUrl}/sites/example/..%2f..%2fsecret.html`);
    expect(await answer.body.text()).not.toContain('top secret');
  });
});

describe('names and addresses', () => {
  it('lets no path through whose parts could lead elsewhere', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webPath(),
          fc
            .array(fc.constantFrom('..', '.', '', '/', '\\', '%2e', '%2f', '%5c', '\0', 'a', 'é', '%'))
            .map((parts) => `/${parts.join('/')}`),
        ),
        (path) => {
          const parts = partsOf(path);
          for (const part of parts ?? []) expect(part === '' || /^[A-Za-z0-9][\w.-]*$/.test(part)).toBe(true);
          if (parts) expect(join('/root', ...parts).startsWith('/root')).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('accepts as a site or an article only what stays in its folder', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '_', '.', '/', '\\', '\n', ' ', '%', '中') }),
        (name) => {
          const at = { files: filesInFolder('/root'), folder: '/root', records: recordsInProcess() };
          if (articleId.test(name)) expect(join('/root', name)).toBe(`/root/${name}`);
          try {
            expect(siteHome(at, name).own).toBe(`/root/${name}/private`);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('never serves an upload as a page', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.constantFrom(
            'a.html',
            'a.htm',
            'a.svg',
            'a.xml',
            'a.js',
            'a.xhtml',
            'a.HTML',
            'constructor',
            'a.__proto__',
          ),
        ),
        (name) => {
          const type = typeOf(`files/${'0'.repeat(32)}.${safeExtension(name)}`);
          expect(type).not.toMatch(/html|svg|xml;|javascript/);
        },
      ),
    );
  });
});
