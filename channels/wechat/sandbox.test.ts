/** The sandbox as others see it: driven by co-wechat-api, unmodified, and by bare requests for what that client lacks. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { startSandbox, type RunningSandbox } from '../sandbox.js';
import { wechatSandbox } from './sandbox.js';

type Answer = Record<string, unknown> & { errcode?: number };
interface CoWeChat {
  prefix: string;
  getAccessToken(): Promise<{ accessToken: string }>;
  ensureAccessToken(): Promise<{ accessToken: string }>;
  request(url: string, options?: unknown): Promise<Answer>;
  uploadImage(path: string): Promise<{ url: string }>;
  uploadImageMaterial(path: string): Promise<{ media_id: string; url: string }>;
  uploadThumbMaterial(path: string): Promise<{ media_id: string }>;
  massSendNews(draft: string, all: boolean, clientMessageId?: string): Promise<Answer>;
  getMassMessageStatus(id: unknown): Promise<Answer>;
  deleteMass(id: unknown): Promise<Answer>;
}
const CoWeChatAPI = createRequire(__filename)('co-wechat-api') as new (appid: unknown, secret: unknown) => CoWeChat;

let sandbox: RunningSandbox;
let folder: string;
let picture: string;
let n = 0;

beforeAll(async () => {
  sandbox = await startSandbox(wechatSandbox());
  folder = mkdtempSync(join(tmpdir(), 'lianfa-wechat-'));
  picture = join(folder, 'picture.jpg');
  writeFileSync(
    picture,
    await sharp({ create: { width: 90, height: 60, channels: 3, background: '#246' } })
      .jpeg()
      .toBuffer(),
  );
  await control('delay', { ms: 20 });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  n += 1;
});

async function control(name: string, body: unknown): Promise<Answer> {
  const answer = await fetch(`${sandbox.controlUrl}/${name}`, { method: 'POST', body: JSON.stringify(body) });
  return (await answer.json()) as Answer;
}

function client(): { api: CoWeChat; appid: string; post(path: string, body: unknown): Promise<Answer> } {
  const { settings, credentials } = sandbox.account(n);
  const api = new CoWeChatAPI(settings['appId'], credentials['appSecret']);
  api.prefix = `${sandbox.url}/cgi-bin/`;
  return {
    api,
    appid: String(settings['appId']),
    async post(path, body) {
      const { accessToken } = await api.ensureAccessToken();
      const answer = await fetch(`${sandbox.url}/cgi-bin/${path}?access_token=${accessToken}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return (await answer.json()) as Answer;
    },
  };
}

async function draft({ api, post }: ReturnType<typeof client>, more: Record<string, unknown> = {}): Promise<string> {
  const { media_id } = await api.uploadImageMaterial(picture);
  const answer = await post('draft/add', {
    articles: [{ title: '标题', content: '<p>正文</p>', thumb_media_id: media_id, ...more }],
  });
  return String(answer['media_id']);
}

const settledSoon = () => new Promise((wait) => setTimeout(wait, 40));

describe('co-wechat-api', () => {
  it('uploads pictures, and its own draft goes out as a mass send once', async () => {
    const one = client();
    expect((await one.api.uploadImage(picture)).url).toMatch(/\/mmbiz_jpg\//);
    const id = await draft(one);
    const sent = await one.api.massSendNews(id, true, 'abc123');
    expect(sent).toMatchObject({ errcode: 0 });
    await expect(one.api.massSendNews(id, true, 'abc123')).rejects.toMatchObject({ code: 45065 });
    await settledSoon();
    expect(await one.api.getMassMessageStatus(sent['msg_id'])).toMatchObject({ msg_status: 'SEND_SUCCESS' });
    expect(await one.api.deleteMass(sent['msg_id'])).toMatchObject({ errcode: 0 });
    expect(sandbox.accepted().filter((entry) => entry.account === one.appid)).toHaveLength(1);
  });

  it.each(['expire', 'invalidate'])('renews its token by itself after %s', async (what) => {
    const one = client();
    const before = await one.api.getAccessToken();
    await control(`token/${what}`, { appid: one.appid });
    const after = await one.api.request(`${one.api.prefix}draft/count?access_token=${before.accessToken}`);
    expect(after).toEqual({ total_count: 0 });
  });

  it("reads our failures as the platform's", async () => {
    const one = client();
    await one.api.getAccessToken();
    await control('script', { call: 'material/add_material', code: '45009' });
    await expect(one.api.uploadImageMaterial(picture)).rejects.toMatchObject({ name: 'WeChatAPIError', code: 45009 });
  });
});

describe('tokens', () => {
  const plain = async (more: Record<string, string> = {}) => {
    const { settings, credentials } = sandbox.account(n);
    const query = new URLSearchParams({
      grant_type: 'client_credential',
      appid: String(settings['appId']),
      secret: String(credentials['appSecret']),
      ...more,
    });
    return (await (await fetch(`${sandbox.url}/cgi-bin/token?${query.toString()}`)).json()) as Answer;
  };
  const stable = async (more: Record<string, unknown> = {}) => {
    const { settings, credentials } = sandbox.account(n);
    return (await (
      await fetch(`${sandbox.url}/cgi-bin/stable_token`, {
        method: 'POST',
        body: JSON.stringify({
          grant_type: 'client_credential',
          appid: settings['appId'],
          secret: credentials['appSecret'],
          ...more,
        }),
      })
    ).json()) as Answer;
  };
  const works = async (token: unknown) =>
    ((await (await fetch(`${sandbox.url}/cgi-bin/draft/count?access_token=${String(token)}`)).json()) as Answer)
      .errcode ?? 0;

  it('of the plain call are new each time, and the old one works on for a while', async () => {
    const first = await plain();
    const second = await plain();
    expect(second['access_token']).not.toBe(first['access_token']);
    expect([await works(first['access_token']), await works(second['access_token'])]).toEqual([0, 0]);
  });

  it('of the stable call stay the same until forced, and forcing is rare and final', async () => {
    const first = await stable();
    expect((await stable())['access_token']).toBe(first['access_token']);
    const forced = await stable({ force_refresh: true });
    expect([await works(first['access_token']), await works(forced['access_token'])]).toEqual([40001, 0]);
    expect(await stable({ force_refresh: true })).toMatchObject({ errcode: 45011 });
  });

  it('of both calls do not touch each other', async () => {
    const first = await plain();
    await stable({ force_refresh: true });
    expect(await works(first['access_token'])).toBe(0);
  });

  it.each([
    [{ grant_type: 'x' }, 40002],
    [{ appid: 'wx123456' }, 40013],
    [{ appid: '' }, 41002],
    [{ secret: 'x' }, 40125],
    [{ secret: '' }, 41004],
  ])('are refused for %j with %i', async (more, code) => {
    expect(await plain(more)).toMatchObject({ errcode: code });
    expect(await stable(more)).toMatchObject({ errcode: code });
  });

  it('are refused outside the whitelist, naming the caller', async () => {
    await control('whitelist', { appid: sandbox.account(n).settings['appId'], addresses: ['198.51.100.1'] });
    expect(await stable()).toMatchObject({ errcode: 40164, errmsg: expect.stringContaining('invalid ip 127.0.0.1') });
  });

  it('that are missing, unknown or expired are told apart', async () => {
    expect(((await (await fetch(`${sandbox.url}/cgi-bin/draft/count`)).json()) as Answer).errcode).toBe(41001);
    expect(await works('nonsense')).toBe(40001);
    const token = await stable();
    await control('token/expire', { appid: sandbox.account(n).settings['appId'] });
    expect(await works(token['access_token'])).toBe(42001);
  });
});

describe('media', () => {
  async function send(path: string, bytes: Buffer, field = 'media'): Promise<Answer> {
    const { api } = client();
    const { accessToken } = await api.ensureAccessToken();
    const form = new FormData();
    form.set(field, new Blob([new Uint8Array(bytes)]), 'file.jpg');
    return (await (
      await fetch(`${sandbox.url}/cgi-bin/${path}${path.includes('?') ? '&' : '?'}access_token=${accessToken}`, {
        method: 'POST',
        body: form,
      })
    ).json()) as Answer;
  }
  const jpeg = (bytes: number) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(bytes)]);

  it.each([
    ['media/uploadimg', Buffer.from('GIF89a'), 40005],
    ['media/uploadimg', jpeg(1024 * 1024), 40009],
    ['media/uploadimg', Buffer.alloc(0), 44001],
    ['material/add_material?type=thumb', jpeg(65 * 1024), 40012],
    ['material/add_material?type=image', jpeg(10 * 1024 * 1024), 40009],
    ['material/add_material?type=image', Buffer.from('RIFF....WEBP'), 40137],
    ['material/add_material?type=poster', jpeg(10), 40004],
    ['material/add_material?type=video', Buffer.from('mp4'), 40035],
  ])('%s refuses what the platform refuses', async (path, bytes, code) => {
    expect(await send(path, bytes)).toMatchObject({ errcode: code });
  });

  it('under another field name are missing', async () => {
    expect(await send('media/uploadimg', jpeg(10), 'file')).toMatchObject({ errcode: 41005 });
  });

  it("that are temporary make no cover, nor does another account's material", async () => {
    const temporary = await send('media/upload?type=image', jpeg(10));
    const one = client();
    expect(
      await one.post('draft/add', { articles: [{ title: 't', content: 'c', thumb_media_id: temporary['media_id'] }] }),
    ).toMatchObject({ errcode: 40007 });
    const foreign = (await one.api.uploadImageMaterial(picture)).media_id;
    n += 1;
    expect(
      await client().post('draft/add', { articles: [{ title: 't', content: 'c', thumb_media_id: foreign }] }),
    ).toMatchObject({ errcode: 40007 });
  });
});

describe('drafts', () => {
  it.each([
    [{ title: '长'.repeat(65) }, 45003],
    [{ author: '长'.repeat(17) }, 45110],
    [{ digest: '长'.repeat(129) }, 45004],
    [{ content: '' }, 44004],
    [{ content: '长'.repeat(20_000) }, 45002],
    [{ content_source_url: `https://example.com/${'a'.repeat(1024)}` }, 45005],
    [{ thumb_media_id: 'nothing' }, 40007],
    [{ title: '' }, 40035],
  ])('are refused for %j', async (more, code) => {
    const one = client();
    const { media_id } = await one.api.uploadImageMaterial(picture);
    expect(
      await one.post('draft/add', {
        articles: [{ title: '标题', content: '<p>正文</p>', thumb_media_id: media_id, ...more }],
      }),
    ).toMatchObject({ errcode: code });
  });

  it('take no \\u escapes, no empty list, no ninth article and no broken JSON', async () => {
    const one = client();
    const { media_id } = await one.api.uploadImageMaterial(picture);
    const article = { title: 't', content: 'c', thumb_media_id: media_id };
    expect(
      await one.post('draft/add', `{"articles":[{"title":"\\u6807","content":"c","thumb_media_id":"${media_id}"}]}`),
    ).toMatchObject({ errcode: 40033 });
    expect(await one.post('draft/add', { articles: [] })).toMatchObject({ errcode: 44003 });
    expect(await one.post('draft/add', { articles: Array.from({ length: 9 }, () => article) })).toMatchObject({
      errcode: 45008,
    });
    expect(await one.post('draft/add', '{')).toMatchObject({ errcode: 47001 });
    expect(await one.post('draft/add', '')).toMatchObject({ errcode: 44002 });
  });

  it('lose scripts, handlers and pictures that did not come from uploadimg', async () => {
    const one = client();
    const { url } = await one.api.uploadImage(picture);
    const id = await draft(one, {
      content: `<p onclick="x()">a<script>alert(1)</script><img src="${url}"><img src="https://example.com/a.jpg"></p>`,
    });
    const { news_item } = (await one.post('draft/get', { media_id: id })) as unknown as {
      news_item: { content: string; digest: string }[];
    };
    expect(news_item[0]).toMatchObject({ content: `<p>a<img src="${url}"></p>`, digest: 'a' });
  });

  it('are updated, listed, counted and deleted', async () => {
    const one = client();
    const id = await draft(one);
    const { media_id } = await one.api.uploadImageMaterial(picture);
    expect(
      await one.post('draft/update', {
        media_id: id,
        index: 0,
        articles: { title: '新标题', content: 'c', thumb_media_id: media_id },
      }),
    ).toMatchObject({ errcode: 0 });
    expect(
      await one.post('draft/update', {
        media_id: id,
        index: 1,
        articles: { title: '新标题', content: 'c', thumb_media_id: media_id },
      }),
    ).toMatchObject({ errcode: 40060 });
    expect(await one.post('draft/batchget', { offset: 0, count: 20, no_content: 1 })).toMatchObject({
      total_count: 1,
      item_count: 1,
      item: [{ media_id: id, content: { news_item: [{ title: '新标题' }] } }],
    });
    expect(await one.post('draft/delete', { media_id: id })).toMatchObject({ errcode: 0 });
    expect(await one.post('draft/get', { media_id: id })).toMatchObject({ errcode: 40007 });
  });

  it('may be a picture message', async () => {
    const one = client();
    const { media_id } = await one.api.uploadImageMaterial(picture);
    expect(
      await one.post('draft/add', {
        articles: [
          {
            article_type: 'newspic',
            title: 't',
            content: 'plain',
            image_info: { image_list: [{ image_media_id: media_id }] },
          },
        ],
      }),
    ).toHaveProperty('media_id');
    expect(
      await one.post('draft/add', {
        articles: [
          {
            article_type: 'newspic',
            title: 't',
            content: 'plain',
            image_info: { image_list: [{ image_media_id: 'x' }] },
          },
        ],
      }),
    ).toMatchObject({ errcode: 40007 });
  });
});

describe('publishing', () => {
  it('runs through its states, leaves the draft box, and ends as deleted', async () => {
    const one = client();
    await control('delay', { appid: one.appid, ms: 60_000 });
    const id = await draft(one, { content_source_url: 'https://www.example.gov.cn/1' });
    const { publish_id } = await one.post('freepublish/submit', { media_id: id });
    expect(await one.post('freepublish/get', { publish_id })).toMatchObject({ publish_status: 1 });
    await control('delay', { appid: one.appid, ms: 0 });
    const second = await one.post('freepublish/submit', { media_id: await draft(one) });
    const state = (await one.post('freepublish/get', { publish_id: second['publish_id'] })) as unknown as {
      publish_status: number;
      article_id: string;
      article_detail: { item: { idx: number; article_url: string }[] };
    };
    expect(state).toMatchObject({ publish_status: 0, article_detail: { count: 1, item: [{ idx: 1 }] } });
    const address = state.article_detail.item[0]?.article_url ?? '';
    expect(await (await fetch(address)).text()).toContain('id="js_content"><p>正文</p>');
    expect(await one.post('freepublish/batchget', { offset: 0, count: 20, no_content: 1 })).toMatchObject({
      total_count: 1,
      item: [{ article_id: state.article_id }],
    });
    expect(await one.post('freepublish/getarticle', { article_id: state.article_id })).toMatchObject({
      news_item: [{ title: '标题', is_deleted: false, url: address }],
    });
    expect(await one.post('freepublish/delete', { article_id: state.article_id, index: 2 })).toMatchObject({
      errcode: 40060,
    });
    expect(await one.post('freepublish/delete', { article_id: state.article_id, index: 1 })).toMatchObject({
      errcode: 0,
    });
    expect(await one.post('freepublish/delete', { article_id: state.article_id })).toMatchObject({ errcode: 53600 });
    expect(await one.post('freepublish/get', { publish_id: second['publish_id'] })).toMatchObject({
      publish_status: 5,
    });
    expect(await (await fetch(address)).text()).toContain('已被发布者删除');
  });

  it('takes one draft once: a second submit under way is the same publish or refused, later the draft is gone', async () => {
    const one = client();
    const { appid } = one;
    await control('delay', { appid, ms: 60_000 });
    const media_id = await draft(one);
    const submit = () => one.post('freepublish/submit', { media_id });
    const { publish_id } = await submit();
    expect(await submit()).toMatchObject({ errcode: 0, publish_id });
    await control('second-submit', { appid, answer: 'refused', code: 53501 });
    expect(await submit()).toMatchObject({ errcode: 53501 });
    expect(sandbox.accepted().filter((entry) => entry.account === appid)).toHaveLength(1);
    await control('delay', { appid, ms: 0 });
    const other = await draft(one);
    await one.post('freepublish/submit', { media_id: other });
    expect(await one.post('freepublish/submit', { media_id: other })).toMatchObject({ errcode: 40007 });
  });

  it('is refused for an unknown draft, job or article', async () => {
    const one = client();
    expect(await one.post('freepublish/submit', { media_id: 'x' })).toMatchObject({
      errcode: 40007,
      errmsg: expect.stringMatching(/rid: [0-9a-f-]+$/),
    });
    expect(await one.post('freepublish/get', { publish_id: '1' })).toMatchObject({ errcode: 53502 });
    expect(await one.post('freepublish/getarticle', { article_id: '1' })).toMatchObject({ errcode: 53600 });
  });

  it('is counted by the day and by the right', async () => {
    const one = client();
    await control('quota', { appid: one.appid, call: 'freepublish/get', perDay: 1 });
    expect(await one.post('freepublish/get', { publish_id: '1' })).toMatchObject({ errcode: 53502 });
    expect(await one.post('freepublish/get', { publish_id: '1' })).toMatchObject({ errcode: 45009 });
    await control('rights', { appid: one.appid, publish: false });
    expect(await one.post('freepublish/submit', { media_id: 'x' })).toMatchObject({ errcode: 48001 });
  });

  it('lists no mass sends, of which there is one a day', async () => {
    const one = client();
    await one.api.massSendNews(await draft(one), true);
    await settledSoon();
    expect(await one.post('freepublish/batchget', { offset: 0, count: 20 })).toMatchObject({ total_count: 0 });
    await expect(one.api.massSendNews(await draft(one), true)).rejects.toMatchObject({ code: 45028 });
    await expect(one.api.massSendNews(await draft(one), true, 'x'.repeat(36))).rejects.toMatchObject({ code: 45067 });
  });
});

describe('comments', () => {
  it('are read, answered once and featured', async () => {
    const one = client();
    const { msg_data_id } = await one.post('freepublish/submit', { media_id: await draft(one) });
    await control('comment', { appid: one.appid, msg_data_id: String(msg_data_id), content: '办公时间到几点？' });
    const at = { msg_data_id, index: 0, user_comment_id: 1 };
    expect(await one.post('comment/reply/add', { ...at, content: '到十七点三十分。' })).toMatchObject({ errcode: 0 });
    expect(await one.post('comment/reply/add', { ...at, content: '再答' })).toMatchObject({ errcode: 88005 });
    expect(await one.post('comment/markelect', at)).toMatchObject({ errcode: 0 });
    expect(await one.post('comment/list', { msg_data_id, index: 0, begin: 0, count: 49, type: 2 })).toMatchObject({
      total: 1,
      comment_cnt: 1,
      comment: [{ user_comment_id: 1, content: '办公时间到几点？', reply: { content: '到十七点三十分。' } }],
    });
    expect(await one.post('comment/list', { msg_data_id, index: 0, begin: 0, count: 50, type: 0 })).toMatchObject({
      errcode: 88010,
    });
    expect(await one.post('comment/list', { msg_data_id: 1, begin: 0, count: 10, type: 0 })).toMatchObject({
      errcode: 88001,
    });
  });
});

describe('accounts', () => {
  it('are the same in every run, a hundred thousand of them at no cost', () => {
    expect(sandbox.account(7)).toEqual(sandbox.account(7));
    const ids = new Set(Array.from({ length: 100_000 }, (_, place) => sandbox.account(place).settings['appId']));
    expect(ids.size).toBe(100_000);
  });

  it('show the public what they have published', async () => {
    const one = client();
    await one.post('freepublish/submit', { media_id: await draft(one, { title: '<公开>的标题' }) });
    await settledSoon();
    expect(await (await fetch(sandbox.url)).text()).toContain('&lt;公开&gt;的标题');
    const pageOf = async (appid: string): Promise<string> => (await fetch(`${sandbox.url}/u/${appid}`)).text();
    expect(await pageOf(one.appid)).toContain('&lt;公开&gt;的标题');
    expect(await pageOf('wx-another')).not.toContain('公开&gt;');
  });
});

describe('what other clients fail at', () => {
  it('is told as the platform tells it: a body that is no JSON or no UTF-8, and a path that is not there', async () => {
    const one = client();
    const bytes = async (path: string, body: Buffer | string): Promise<Answer> =>
      (await (
        await fetch(`${sandbox.url}/cgi-bin/${path}`, { method: 'POST', body: Buffer.from(body) })
      ).json()) as Answer;
    const { accessToken } = await one.api.ensureAccessToken();
    expect(await bytes('stable_token', '{')).toMatchObject({ errcode: 47001 });
    expect(await bytes('stable_token', '')).toMatchObject({ errcode: 44002 });
    const gbk = Buffer.from('7b226d656469615f6964223a22b1eacce2227d', 'hex');
    expect(await bytes(`draft/get?access_token=${accessToken}`, gbk)).toMatchObject({ errcode: 47001 });
    expect(await bytes(`draft/none?access_token=${accessToken}`, '{}')).toMatchObject({ errcode: 40066 });
  });

  it('an address that is none, a title longer than the account may have', async () => {
    const one = client();
    const { media_id } = await one.api.uploadImageMaterial(picture);
    const add = (more: Record<string, unknown>) =>
      one.post('draft/add', { articles: [{ title: '标题', content: '<p>正</p>', thumb_media_id: media_id, ...more }] });
    expect(await add({ content_source_url: 'www.example.gov.cn' })).toMatchObject({ errcode: 40066 });
    expect(await add({ title: '字'.repeat(65) })).toMatchObject({ errcode: 45003 });
    await control('titles', { longest: 32 });
    expect(await add({ title: '字'.repeat(33) })).toMatchObject({ errcode: 45003 });
    await control('titles', { longest: 64 });
    expect((await add({ title: '字'.repeat(64) })).errcode).toBeUndefined();
  });

  it('is kept where it only looks like code: plain words, and a backslash before a u', async () => {
    const one = client();
    const content = '<p data-a="b">设置 online=1 后，写 \\u4f60 即可</p><p onclick="x()">乙</p>';
    const id = await draft(one, { title: '编码 \\u4f60', content });
    const { news_item } = (await one.post('draft/get', { media_id: id })) as { news_item?: object[] };
    expect(news_item?.[0]).toMatchObject({
      title: '编码 \\u4f60',
      content: '<p data-a="b">设置 online=1 后，写 \\u4f60 即可</p><p>乙</p>',
    });
  });
});

describe('material', () => {
  it('is counted, listed newest first by kind, and given back', async () => {
    const one = client();
    const { media_id: first } = await one.api.uploadImageMaterial(picture);
    const { media_id: second } = await one.api.uploadImageMaterial(picture);
    const { accessToken } = await one.api.ensureAccessToken();
    const counted = await fetch(`${sandbox.url}/cgi-bin/material/get_materialcount?access_token=${accessToken}`);
    expect(await counted.json()).toEqual({ voice_count: 0, video_count: 0, image_count: 2, news_count: 0 });
    const page = await one.post('material/batchget_material', { type: 'image', offset: 0, count: 1 });
    expect(page).toMatchObject({ total_count: 2, item_count: 1, item: [{ media_id: second, name: 'picture.jpg' }] });
    expect(await one.post('material/batchget_material', { type: 'image', offset: 1, count: 20 })).toMatchObject({
      item: [{ media_id: first }],
    });
    const bytes = await fetch(`${sandbox.url}/cgi-bin/material/get_material?access_token=${accessToken}`, {
      method: 'POST',
      body: JSON.stringify({ media_id: first }),
    });
    expect(bytes.headers.get('content-type')).toBe('image/jpeg');
    expect(await one.post('material/get_material', { media_id: 'x' })).toMatchObject({ errcode: 40007 });
  });

  it('says that the draft box is on', async () => {
    const one = client();
    const { accessToken } = await one.api.ensureAccessToken();
    const answer = await fetch(`${sandbox.url}/cgi-bin/draft/switch?access_token=${accessToken}&checkonly=1`, {
      method: 'POST',
    });
    expect(await answer.json()).toEqual({ errcode: 0, errmsg: 'ok', is_open: 1 });
  });
});

describe('a mass send to named readers', () => {
  const reader = (name: string): string => `oReader${name}`.padEnd(28, '0');

  it('goes to two at least, once for a clientmsgid', async () => {
    const one = client();
    const send = async (touser: string[]) =>
      one.post('message/mass/send', {
        touser,
        mpnews: { media_id: await draft(one) },
        msgtype: 'mpnews',
        clientmsgid: 'once',
      });
    expect(await send([reader('a')])).toMatchObject({ errcode: 40130 });
    expect(await send([reader('a'), '?'])).toMatchObject({ errcode: 40003 });
    expect(await send([reader('a'), reader('b')])).toMatchObject({ errcode: 0 });
    expect(await send([reader('a'), reader('b')])).toMatchObject({ errcode: 45065 });
    expect(sandbox.accepted().filter((entry) => entry.account === one.appid)).toHaveLength(1);
  });
});
