import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { load } from 'cheerio';
import { FormData, request } from 'undici';
import sharp from 'sharp';
import { channel } from './adapter.js';
import { accountOf, builtinSettings, openGround, picture, releaseOf, type Ground } from './fixtures/ground.js';
import { siteHome } from './site/files.js';
import { grantToken, scopes } from './site/tokens.js';

const token = 'a-token-for-the-example-site';
let ground: Ground;
let endpoint: string;

beforeEach(async () => {
  ground = await openGround();
  endpoint = `${ground.hubUrl}/sites/example/micropub`;
  await channel.prepare?.(accountOf(builtinSettings, { token }), ground.call());
});
afterEach(async () => {
  await ground.close();
});

interface Answer {
  status: number;
  location: string;
  json: Record<string, unknown>;
}

async function ask(options: {
  query?: string;
  form?: Record<string, string>;
  json?: unknown;
  multipart?: FormData;
  token?: string | undefined;
  path?: string;
}): Promise<Answer> {
  const bearer = 'token' in options ? options.token : token;
  const body = options.form
    ? new URLSearchParams(options.form).toString()
    : options.json === undefined
      ? options.multipart
      : JSON.stringify(options.json);
  const answer = await request(`${endpoint}${options.path ?? ''}${options.query ?? ''}`, {
    method: body === undefined ? 'GET' : 'POST',
    body: body ?? null,
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(options.form && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(options.json !== undefined && { 'content-type': 'application/json' }),
    },
  });
  const text = await answer.body.text();
  return {
    status: answer.statusCode,
    location: String(answer.headers['location'] ?? ''),
    json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

const read = async (url: string) => {
  const answer = await request(url);
  return { status: answer.statusCode, text: await answer.body.text() };
};

const properties = async (url: string) =>
  (await ask({ query: `?q=source&url=${encodeURIComponent(url)}` })).json['properties'] as Record<string, unknown[]>;

async function upload(bytes: Buffer, name: string): Promise<Answer> {
  const multipart = new FormData();
  multipart.append('file', new Blob([new Uint8Array(bytes)]), name);
  return ask({ multipart, path: '/media' });
}

describe('creating a post', () => {
  it('takes a form, JSON and multipart', async () => {
    const form = await ask({
      form: { h: 'entry', content: '第一段\n\n第二段', 'category[]': '通知公告', 'mp-slug': 'first-post' },
    });
    expect(form).toMatchObject({ status: 201, location: `${ground.hubUrl}/sites/example/articles/first-post` });
    expect((await read(form.location)).text).toContain('<p>第一段</p><p>第二段</p>');
    expect((await read(`${ground.hubUrl}/sites/example/columns/notices/`)).text).toContain('articles/first-post');

    const json = await ask({
      json: {
        type: ['h-entry'],
        properties: {
          name: ['标题'],
          content: [{ html: '<h2>一</h2><p onclick="x()">正文<script>alert(1)</script></p>' }],
        },
      },
    });
    expect(json.status).toBe(201);
    const page = (await read(json.location)).text;
    expect(page).toContain('<p>正文</p>');
    expect(page).not.toContain('alert(1)');

    const multipart = new FormData();
    multipart.append('h', 'entry');
    multipart.append('content', '带图片');
    multipart.append(
      'photo',
      new Blob([
        new Uint8Array(
          await sharp({ create: { width: 30, height: 20, channels: 3, background: '#369' } })
            .png()
            .toBuffer(),
        ),
      ]),
      '图.png',
    );
    const photo = await ask({ multipart });
    expect(photo.status).toBe(201);
    const image = /src="(\/sites\/example\/media\/[^"]+\.png)"/.exec((await read(photo.location)).text)?.[1];
    expect((await read(`${ground.hubUrl}${image}`)).status).toBe(200);
  });

  it('gives another address where the wanted one is taken, and never overwrites', async () => {
    const [first, second] = [
      await ask({ form: { h: 'entry', content: '一', 'mp-slug': 'same' } }),
      await ask({ form: { h: 'entry', content: '二', 'mp-slug': 'same' } }),
    ];
    expect(second.location).not.toBe(first.location);
    expect((await read(first.location)).text).toContain('<p>一</p>');
  });

  it('cannot be led outside by a slug', async () => {
    for (const slug of ['../../etc/passwd', '..', 'a/b', '.hidden', '%2e%2e', 'x'.repeat(300), '']) {
      const { status, location } = await ask({ form: { h: 'entry', content: '文', 'mp-slug': slug } });
      expect(status).toBe(201);
      expect(location).toMatch(/\/sites\/example\/articles\/p[0-9a-z]+$/);
    }
  });

  it('takes a token from the form, but not from two places at once', async () => {
    expect((await ask({ token: undefined, form: { h: 'entry', content: '文', access_token: token } })).status).toBe(
      201,
    );
    expect(await ask({ form: { h: 'entry', content: '文', access_token: token } })).toMatchObject({
      status: 400,
      json: { error: 'invalid_request' },
    });
  });
});

describe('a picture that lies elsewhere', () => {
  const png = () =>
    sharp({ create: { width: 30, height: 20, channels: 3, background: '#369' } })
      .png()
      .toBuffer();
  let host: Server;
  let origin: string;
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    const bytes = await png();
    host = createServer((incoming, outgoing) => {
      const path = incoming.url ?? '';
      asked.push(path);
      if (path === '/moved') outgoing.writeHead(302, { location: '/photo.html' }).end();
      else if (path === '/round') outgoing.writeHead(302, { location: '/round' }).end();
      else if (path === '/inward') outgoing.writeHead(302, { location: 'http://127.0.0.1:1/secret' }).end();
      else if (path === '/gone') outgoing.writeHead(404).end('nothing');
      else if (path === '/text.png') outgoing.writeHead(200, { 'content-type': 'image/png' }).end('<script>');
      else if (path === '/large') outgoing.writeHead(200).end(Buffer.alloc(21 * 1024 * 1024));
      else outgoing.writeHead(200, { 'content-type': 'text/html' }).end(bytes);
    });
    await new Promise<void>((done) => host.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await new Promise((done) => {
      host.close(done);
      host.closeAllConnections();
    });
  });
  const post = (photo: unknown, more = {}) =>
    ask({ json: { type: ['h-entry'], properties: { name: ['题'], content: ['文'], photo: [photo], ...more } } });

  it('is taken over once by its bytes, whatever it calls itself, with its words, and stays as it was given', async () => {
    ground.allow(origin);
    const photo = { value: `${origin}/moved`, alt: '大厅 "<全景>"' };
    const { status, location: url } = await post(photo);
    expect(status).toBe(201);
    const $ = load((await read(url)).text);
    expect($('.body img').attr()).toMatchObject({ alt: '大厅 "<全景>"', width: '30', height: '20' });
    const source = `${ground.hubUrl}${$('.body img').attr('src')}`;
    expect((await request(source)).headers['content-type']).toBe('image/png');
    expect((await properties(url))['photo']).toEqual([photo]);
    await ask({ json: { action: 'update', url, replace: { content: ['新的文'] } } });
    expect(asked).toEqual(['/moved', '/photo.html']);
    expect((await read(url)).text).toContain('新的文');
    await ask({ json: { action: 'update', url, delete: { photo: [photo] } } });
    expect(load((await read(url)).text)('.body img').length).toBe(0);
    expect((await request(source)).statusCode).toBe(404);
  });

  it('is taken over from the text and as the cover, too', async () => {
    ground.allow(origin);
    const { location } = await post(`${origin}/a.png`, {
      content: [{ html: `<p>文</p><img src="${origin}/b.png" alt="乙">` }],
      featured: [`${origin}/a.png`],
    });
    expect(load((await read(location)).text)('.body img').length).toBe(1);
    expect(asked).toEqual(['/b.png', '/a.png']);
  });

  it.each([
    ['/gone', 'answered 404'],
    ['/round', 'sends on and on'],
    ['/inward', 'not a public one'],
    ['/text.png', 'no picture'],
    ['/large', 'larger than'],
  ])('is refused in a sentence where it cannot be had: %s', async (path, words) => {
    ground.allow(origin);
    expect(await post(`${origin}${path}`)).toMatchObject({
      status: 400,
      json: { error: 'invalid_request', error_description: expect.stringContaining(words) },
    });
    expect((await ask({ query: '?q=source' })).json['items']).toEqual([]);
  });

  it.each([
    'http://127.0.0.1:9/x.png',
    'http://[::1]/x.png',
    'http://169.254.169.254/latest/meta-data',
    'http://10.0.0.1/x.png',
    'http://localhost/x.png',
    'http://0x7f.1/x.png',
  ])('is never asked for within the private network: %s', async (url) => {
    expect(await post(url)).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect(await post(origin)).toMatchObject({
      status: 400,
      json: { error_description: expect.stringContaining('not a public one') },
    });
    expect(asked).toEqual([]);
  });

  it.each(['ftp://a.example/x.png', 'file:///etc/passwd', 'data:image/png;base64,AAAA', 'x.png', '/x.png'])(
    'is none where its address is not one of the web: %s',
    async (url) => {
      expect(await post(url)).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    },
  );

  it('is one of twenty at most', async () => {
    const photo = Array.from({ length: 21 }, (_, n) => `${origin}/${n}.png`);
    expect(await ask({ json: { type: ['h-entry'], properties: { content: ['文'], photo } } })).toMatchObject({
      status: 400,
    });
    expect(asked).toEqual([]);
  });
});

describe('what a hub sends', () => {
  const mark = (seq: number) => `r-${'a'.repeat(20)}-${seq}-${String(seq).repeat(12)}`;
  const create = (seq: number) =>
    ask({
      json: {
        type: ['h-entry'],
        properties: { name: ['题'], content: [`第${seq}稿`], 'mp-slug': [`r-${'a'.repeat(20)}`], uid: [mark(seq)] },
      },
    });

  it('makes one post however often a step comes again', async () => {
    const [first, again] = [await create(1), await create(1)];
    expect(again).toMatchObject({ status: 201, location: first.location });
    expect((await ask({ query: '?q=source' })).json['items']).toHaveLength(1);
  });

  it('never goes back to an older order, whatever the sender has seen', async () => {
    const { location: url } = await create(1);
    const update = (seq: number) =>
      ask({ json: { action: 'update', url, replace: { content: [`第${seq}稿`], uid: [mark(seq)] } } });
    expect((await update(3)).status).toBe(204);
    expect(await update(2)).toMatchObject({ status: 409, json: { error: 'conflict' } });
    expect((await read(url)).text).toContain('第3稿');
    expect((await update(3)).status).toBe(204);
  });
});

describe('changing a post', () => {
  let url: string;
  beforeEach(async () => {
    url = (
      await ask({
        json: { type: ['h-entry'], properties: { name: ['原题'], content: ['原文'], category: ['甲', '乙'] } },
      })
    ).location;
  });

  it('replaces, adds and removes properties', async () => {
    expect(
      (
        await ask({
          json: {
            action: 'update',
            url,
            replace: { content: ['新的正文'] },
            add: { category: ['丙'] },
            delete: { category: ['甲'] },
          },
        })
      ).status,
    ).toBe(204);
    expect((await properties(url))['category']).toEqual(['乙', '丙']);
    const page = (await read(url)).text;
    expect(page).toContain('新的正文');
    expect(page).toContain('本文已于');
    await ask({ json: { action: 'update', url, delete: ['category'] } });
    expect(await properties(url)).not.toHaveProperty('category');
  });

  it('refuses an update that is no update', async () => {
    for (const json of [
      { action: 'update', url, replace: { content: '不是数组' } },
      { action: 'update', url: `${url}-nowhere`, replace: {} },
      { action: 'rename', url },
      { type: 'h-entry' },
      [],
    ]) {
      expect(await ask({ json })).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    }
    expect((await read(url)).text).toContain('原文');
  });

  it('deletes and brings back, by form and by JSON', async () => {
    expect((await ask({ form: { action: 'delete', url } })).status).toBe(204);
    expect((await read(url)).status).toBe(410);
    expect((await ask({ query: `?q=source&url=${encodeURIComponent(url)}` })).status).toBe(400);
    expect((await ask({ json: { action: 'update', url, replace: { content: ['改'] } } })).status).toBe(400);
    expect((await ask({ json: { action: 'undelete', url } })).status).toBe(204);
    expect((await read(url)).status).toBe(200);
  });
});

describe('asking', () => {
  it('answers config, syndication targets, and the source of a post or of the newest', async () => {
    expect((await ask({ query: '?q=config' })).json).toMatchObject({
      'media-endpoint': `${endpoint}/media`,
      'syndicate-to': [],
    });
    expect((await ask({ query: '?q=syndicate-to' })).json).toEqual({ 'syndicate-to': [] });
    const { location } = await ask({ form: { h: 'entry', name: '题', content: '文' } });
    expect((await ask({ query: `?q=source&properties[]=name&url=${encodeURIComponent(location)}` })).json).toEqual({
      properties: { name: ['题'] },
    });
    expect(await ask({ query: '?q=source' })).toMatchObject({ json: { items: [{ properties: { url: [location] } }] } });
    expect(await ask({ query: '?q=weather' })).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
  });
});

describe('who may', () => {
  it('is refused without a token, with a wrong one, and beyond its scopes', async () => {
    await grantToken(siteHome(ground, 'example'), 'reader', 'only-creates', ['create']);
    const form = { h: 'entry', content: '文' };
    expect(await ask({ token: undefined, form })).toMatchObject({ status: 401, json: { error: 'unauthorized' } });
    expect(await ask({ token: 'wrong', form })).toMatchObject({ status: 403, json: { error: 'forbidden' } });
    const { location } = await ask({ token: 'only-creates', form });
    expect(await ask({ token: 'only-creates', form: { action: 'delete', url: location } })).toMatchObject({
      status: 401,
      json: { error: 'insufficient_scope' },
    });
    expect(await ask({ token: undefined, query: '?q=config' })).toMatchObject({ status: 401 });
  });

  it('changes only what came in by the door: a page of the hub stays as it was signed', async () => {
    const account = accountOf(builtinSettings, { token });
    const release = releaseOf();
    const rendition = channel.render(release, account);
    const call = ground.publishCall('o-1', release);
    const published = await channel.publish(account, rendition, call);
    if (published.outcome !== 'published') throw new Error(published.outcome);
    const url = published.remote.url ?? '';
    const before = await read(url);
    for (const asked of [
      { json: { action: 'update', url, replace: { content: ['改写'] } } },
      { json: { action: 'update', url, add: { category: ['改写'] } } },
      { json: { action: 'update', url, delete: ['content'] } },
      { json: { action: 'update', url, delete: { category: ['通知公告'] } } },
      { json: { action: 'delete', url } },
      { json: { action: 'undelete', url } },
      { form: { action: 'delete', url } },
      { form: { action: 'undelete', url: `${url}/` } },
      { query: `?q=source&url=${encodeURIComponent(url)}` },
    ])
      expect(await ask(asked)).toMatchObject({
        status: 403,
        json: { error: 'insufficient_scope', error_description: expect.stringContaining('published by the hub') },
      });
    expect((await ask({ query: '?q=source' })).json['items']).toEqual([]);
    expect(await read(url)).toEqual(before);
    await channel.withdraw(account, published.remote, ground.publishCall('o-2', release));
    expect(await ask({ json: { action: 'undelete', url } })).toMatchObject({ status: 403 });
    expect((await read(url)).status).toBe(410);
    // Nor can a post by the door pass for what the hub has published.
    const other = releaseOf({ release: 'r000000009' });
    await ask({
      json: {
        type: ['h-entry'],
        properties: { name: ['题'], content: ['文'], 'mp-slug': [other.release], uid: ['o-9'] },
      },
    });
    expect(await channel.find(account, channel.render(other, account), ground.publishCall('o-9', other))).toEqual({
      outcome: 'absent',
    });
  });

  it('changes only what came by its own token', async () => {
    const home = siteHome(ground, 'example');
    await grantToken(home, 'neighbour', 'the-neighbours', scopes);
    const { location: url } = await ask({ form: { h: 'entry', content: '我的', 'mp-slug': 'mine' } });
    const before = await read(url);
    const theirs = { token: 'the-neighbours' };
    for (const json of [
      { action: 'update', url, replace: { content: ['改写'] } },
      { action: 'update', url, add: { category: ['改写'] } },
      { action: 'update', url, delete: ['content'] },
      { action: 'delete', url },
      { action: 'undelete', url },
    ])
      expect(await ask({ ...theirs, json })).toMatchObject({ status: 403, json: { error: 'insufficient_scope' } });
    expect(await ask({ ...theirs, query: `?q=source&url=${encodeURIComponent(url)}` })).toMatchObject({ status: 403 });
    expect((await ask({ ...theirs, query: '?q=source' })).json['items']).toEqual([]);
    // Nor does the same key give it the other's post for its own.
    const again = { h: 'entry', content: '我的', 'mp-slug': 'mine', uid: 'k-1' };
    expect((await ask({ ...theirs, form: again })).location).not.toBe(url);
    expect(await read(url)).toEqual(before);
    // A token that takes the place of the account's own goes on with what came by that.
    await channel.prepare?.(accountOf(builtinSettings, { token: 'a-newer-token' }), ground.call());
    expect(await ask({ token: 'a-newer-token', form: { action: 'delete', url } })).toMatchObject({ status: 204 });
  });

  it('loses the door with the account’s token', async () => {
    await channel.prepare?.(accountOf(builtinSettings), ground.call());
    expect(await ask({ query: '?q=config' })).toMatchObject({ status: 403 });
  });
});

describe('the media endpoint', () => {
  it('keeps pictures without their EXIF, and documents; refuses pages and programs', async () => {
    const photo = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#963' } })
      .withExif({ IFD0: { Copyright: 'secret place' } })
      .jpeg()
      .toBuffer();
    const { status, location } = await upload(photo, 'a.jpg');
    expect(status).toBe(201);
    const kept = await (await request(location)).body.arrayBuffer();
    expect((await sharp(Buffer.from(kept)).metadata()).exif).toBeUndefined();
    expect((await upload(Buffer.from('%PDF-1.7'), '清单.pdf')).status).toBe(201);
    const frames = Buffer.concat([Buffer.alloc(30 * 20 * 3, 200), Buffer.alloc(30 * 20 * 3, 20)]);
    const gif = await sharp(frames, { raw: { width: 30, height: 40, channels: 3, pageHeight: 20 } })
      .gif()
      .toBuffer();
    const moving = await request((await upload(gif, 'a.gif')).location);
    expect(moving.headers['content-type']).toBe('image/gif');
    expect(await sharp(Buffer.from(await moving.body.arrayBuffer())).metadata()).toMatchObject({ pages: 2 });
    for (const name of ['page.html', 'run.exe', 'drawing.svgz', 'none'])
      expect(await upload(Buffer.from('<script>'), name)).toMatchObject({ status: 400 });
    expect(await ask({ path: '/media', form: { file: 'x' } })).toMatchObject({ status: 400 });
  });

  it('is where pictures must come from', async () => {
    expect(
      await ask({
        json: {
          type: ['h-entry'],
          properties: { name: ['题'], content: [{ html: '<img src="https://elsewhere.example/x.png">' }] },
        },
      }),
    ).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
  });
});

it('lets one hub publish to another’s site as a Micropub account, with pictures, correction and withdrawal', async () => {
  const account = accountOf({ type: 'micropub', endpoint }, { token });
  const seen = await picture(ground, 3, '大厅');
  const release = releaseOf({
    pictures: [seen],
    cover: seen.hash,
    body: `<p>正文</p><figure><img src="media:${seen.hash}" alt="大厅"></figure>`,
  });
  const rendition = channel.render(release, account);
  const call = ground.publishCall('d-1', release);
  const acceptance = await channel.publish(account, rendition, call);
  if (acceptance.outcome !== 'published') throw new Error(acceptance.outcome);
  expect(await channel.verify(account, acceptance.remote, rendition, call)).toMatchObject({ outcome: 'verified' });
  expect(await channel.find(account, rendition, call)).toMatchObject({ outcome: 'found' });
  const corrected = { ...release, revision: 'v2', title: '更正后的标题' };
  const second = await channel.publish(
    account,
    channel.render(corrected, account),
    ground.publishCall('d-2', corrected, {
      standing: [{ seq: 1, revision: release.revision, remote: acceptance.remote }],
    }),
  );
  if (second.outcome === 'action') throw new Error(second.outcome);
  expect(second.remote.url).toBe(acceptance.remote.url);
  expect(
    await channel.verify(
      account,
      second.remote,
      channel.render(corrected, account),
      ground.publishCall('d-2', corrected),
    ),
  ).toMatchObject({ outcome: 'verified' });
  expect(await channel.withdraw(account, second.remote, ground.publishCall('w', corrected))).toMatchObject({
    outcome: 'withdrawn',
  });
  expect((await read(acceptance.remote.url ?? '')).status).toBe(410);
});

it('makes nothing public while the site is frozen, takes away what is asked, and takes the same post after the thaw', async () => {
  const post = { h: 'entry', name: '停发期间的通知', content: '正文。' };
  const before = await ask({ form: { ...post, name: '先前的通知' } });
  ground.frozen = true;
  expect(await ask({ form: post })).toMatchObject({ status: 503, json: { error: 'temporarily_unavailable' } });
  const update = { action: 'update', url: before.location, replace: { name: ['改过的'] } };
  expect((await ask({ json: update })).status).toBe(503);
  expect((await read(before.location)).text).not.toContain('改过的');
  expect((await ask({ form: { action: 'delete', url: before.location } })).status).toBeLessThan(300);
  expect((await read(before.location)).status).toBe(410);
  expect((await ask({ form: { action: 'undelete', url: before.location } })).status).toBe(503);
  ground.frozen = false;
  const { location } = await ask({ form: post });
  expect((await read(location)).text).toContain('停发期间的通知');
});
