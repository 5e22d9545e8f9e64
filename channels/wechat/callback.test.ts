import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { decrypt, encrypt, getSignature } from '@wecom/crypto';
import fc from 'fast-check';
import type { CallbackAnswer, CallbackRequest } from '../channel.js';
import type { WeChatAccount } from './account.js';
import { channel } from './adapter.js';
import { callback } from './callback.js';
import { openDesk, settled, type Desk } from './fixtures/desk.js';
import { profile, specimen } from './fixtures/samples.js';

interface OtherCrypto {
  encrypt(text: string): string;
  decrypt(cipher: string): { message: string; id: string };
  getSignature(timestamp: string, nonce: string, cipher: string): string;
}
/** An independent implementation of the same framing. */
const WXBizMsgCrypt = createRequire(__filename)('wechat-crypto') as new (
  token: string,
  key: string,
  id: string,
) => OtherCrypto;

const token = 'callbacktoken';
const aesKey = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPA';
const now = new Date('2026-11-24T10:00:00Z');
const stamp = String(now.getTime() / 1000);
const account = (secure: boolean): WeChatAccount => ({
  ...profile,
  credentials: { appSecret: 's', callbackToken: token, ...(secure && { encodingAesKey: aesKey }) },
});

let nonces = 0;
const nonce = () => `n${(nonces += 1)}`;
const sign = (...parts: string[]) =>
  createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex');

function plainRequest(
  body: string,
  given: { nonce?: string; timestamp?: string; token?: string } = {},
): CallbackRequest {
  const query = { timestamp: given.timestamp ?? stamp, nonce: given.nonce ?? nonce() };
  return {
    method: 'POST',
    headers: {},
    query: new URLSearchParams({ ...query, signature: sign(given.token ?? token, query.timestamp, query.nonce) }),
    body: Buffer.from(body),
  };
}

function secureRequest(message: string, given: { appId?: string; token?: string } = {}): CallbackRequest {
  const cipher = encrypt(aesKey, message, given.appId ?? profile.settings.appId);
  const query = { timestamp: stamp, nonce: nonce(), encrypt_type: 'aes' };
  return {
    method: 'POST',
    headers: {},
    body: Buffer.from(`<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[${cipher}]]></Encrypt></xml>`),
    query: new URLSearchParams({
      ...query,
      signature: sign(token, query.timestamp, query.nonce),
      msg_signature: getSignature(given.token ?? token, query.timestamp, query.nonce, cipher),
    }),
  };
}

const finished = (
  id: string,
  status = 0,
  event = 'PUBLISHJOBFINISH',
) => `<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o1]]></FromUserName><CreateTime>${stamp}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[${event}]]></Event>
<PublishEventInfo><publish_id>${id}</publish_id><publish_status>${status}</publish_status>${
  status === 0
    ? `<article_id><![CDATA[article${id}]]></article_id><article_detail><count>1</count><item><idx>1</idx><article_url><![CDATA[https://mp.weixin.qq.com/s/${id}?a=1&b=2]]></article_url></item></article_detail>`
    : '<fail_idx>1</fail_idx><fail_idx>2</fail_idx>'
}</PublishEventInfo></xml>`;

describe('the check of the address', () => {
  const hello = (signature: string, timestamp = stamp): CallbackRequest => ({
    method: 'GET',
    headers: {},
    body: Buffer.alloc(0),
    query: new URLSearchParams({ signature, timestamp, nonce: 'n', echostr: '<b>8675309</b>' }),
  });

  it('answers the echo word for word, as text', () => {
    expect(callback(account(true), hello(sign(token, stamp, 'n')), now)).toMatchObject({
      status: 200,
      mime: 'text/plain; charset=utf-8',
      body: '<b>8675309</b>',
    });
  });
  it('echoes nothing for a wrong signature, an old one, or an account without a token', () => {
    expect(callback(account(true), hello('0'.repeat(40)), now)).toMatchObject({ status: 403, body: '' });
    const old = String(Number(stamp) - 3600);
    expect(callback(account(true), hello(sign(token, old, 'n'), old), now)).toMatchObject({ status: 403, body: '' });
    expect(callback({ ...profile, credentials: { appSecret: 's' } }, hello(sign(token, stamp, 'n')), now).status).toBe(
      404,
    );
  });
});

describe('a secure message', () => {
  it('tells the address of what was published', () => {
    expect(callback(account(true), secureRequest(finished('9007199254740993')), now)).toEqual({
      status: 200,
      mime: 'text/plain; charset=utf-8',
      body: 'success',
      news: [
        {
          remoteId: '9007199254740993',
          at: now,
          verification: {
            outcome: 'published',
            again: 1,
            remote: {
              id: '9007199254740993',
              url: 'https://mp.weixin.qq.com/s/9007199254740993?a=1&b=2',
              extra: { kind: 'publish', publishId: '9007199254740993', articleId: 'article9007199254740993' },
            },
          },
        },
      ],
    });
  });

  it('is read under the other spelling of the event, too', () => {
    expect(callback(account(true), secureRequest(finished('71', 0, 'FREEPUBLISHJOBFINISH')), now).news).toHaveLength(1);
  });

  it.each([
    [2, 'rejected'],
    [3, 'rejected'],
    [4, 'rejected'],
    [5, 'mismatch'],
    [6, 'mismatch'],
  ])('turns status %i into %s', (status, outcome) => {
    expect(
      callback(account(true), secureRequest(finished(`8${status}`, status)), now).news[0]?.verification.outcome,
    ).toBe(outcome);
  });

  it('brings its news once, however often it is sent', () => {
    const one = secureRequest(finished('100'));
    expect(callback(account(true), one, now).news).toHaveLength(1);
    expect(callback(account(true), one, now)).toMatchObject({ status: 200, news: [] });
    expect(callback(account(true), secureRequest(finished('100')), now)).toMatchObject({ status: 200, news: [] });
  });

  it('is refused where it is forged, meant for another account, broken, or sent in plain', () => {
    expect(callback(account(true), secureRequest(finished('1'), { token: 'other' }), now).status).toBe(403);
    expect(callback(account(true), secureRequest(finished('1'), { appId: 'wx0000000000000000' }), now).status).toBe(
      403,
    );
    expect(callback(account(true), plainRequest(finished('1')), now).status).toBe(403);
    const cipher = Buffer.alloc(64, 7).toString('base64');
    const broken = {
      ...secureRequest(''),
      body: Buffer.from(`<xml><Encrypt>${cipher}</Encrypt></xml>`),
      query: new URLSearchParams({
        timestamp: stamp,
        nonce: 'b',
        msg_signature: getSignature(token, stamp, 'b', cipher),
      }),
    };
    expect(callback(account(true), broken, now).status).toBe(403);
  });

  it('tells the outcome of a mass send, or why it failed', () => {
    const mass = (id: string, status: string) =>
      `<xml><FromUserName>o1</FromUserName><CreateTime>${stamp}</CreateTime><MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event><MsgID>${id}</MsgID><Status><![CDATA[${status}]]></Status><ArticleUrlResult><Count>1</Count><ResultList><item><ArticleIdx>1</ArticleIdx><ArticleUrl><![CDATA[https://mp.weixin.qq.com/s/m]]></ArticleUrl></item></ResultList></ArticleUrlResult></xml>`;
    expect(callback(account(true), secureRequest(mass('501', 'send success')), now).news[0]).toMatchObject({
      remoteId: '501',
      verification: { outcome: 'published', remote: { url: 'https://mp.weixin.qq.com/s/m', extra: { kind: 'mass' } } },
    });
    expect(callback(account(true), secureRequest(mass('502', 'err(40002)')), now).news[0]).toMatchObject({
      verification: {
        outcome: 'rejected',
        platform: { code: '40002' },
        cause: { zh: expect.stringContaining('30 分钟') },
      },
    });
  });
});

describe('a plain message', () => {
  it('only makes us look, since nobody signed its body', () => {
    expect(callback(account(false), plainRequest(finished('200')), now).news).toEqual([
      { remoteId: '200', at: now, verification: { outcome: 'pending', again: 1 } },
    ]);
  });

  it('is refused under a signature that came with another body, or outside the window', () => {
    expect(callback(account(false), plainRequest(finished('201'), { nonce: 'same' }), now).status).toBe(200);
    expect(callback(account(false), plainRequest(finished('202'), { nonce: 'same' }), now).status).toBe(403);
    expect(
      callback(account(false), plainRequest(finished('203'), { timestamp: String(Number(stamp) - 3600) }), now).status,
    ).toBe(403);
    expect(callback(account(false), plainRequest(finished('203'), { timestamp: 'now' }), now).status).toBe(403);
  });

  it('is read as JSON as well', () => {
    const body = JSON.stringify({
      FromUserName: 'o1',
      CreateTime: Number(stamp),
      MsgType: 'event',
      Event: 'PUBLISHJOBFINISH',
      PublishEventInfo: { publish_id: '300', publish_status: 0 },
    });
    expect(callback(account(false), plainRequest(body), now).news).toHaveLength(1);
  });

  it.each([
    '',
    '<xml>',
    'not xml',
    '{',
    '[]',
    '<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
    '<xml><MsgType>text</MsgType><Content>你好</Content><CreateTime>1</CreateTime></xml>',
  ])('that is no outcome is taken quietly: %s', (body) => {
    expect(callback(account(false), plainRequest(body), now)).toMatchObject({ status: 200, body: 'success', news: [] });
  });
});

describe('the framing', () => {
  const other = new WXBizMsgCrypt(token, aesKey, profile.settings.appId);

  it("is the same in both directions as an independent implementation's, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(decrypt(aesKey, other.encrypt(text))).toMatchObject({ message: text, id: profile.settings.appId });
        expect(other.decrypt(encrypt(aesKey, text, profile.settings.appId))).toEqual({
          message: text,
          id: profile.settings.appId,
        });
      }),
    );
  });

  it('opens what the independent implementation sealed and signed', () => {
    const cipher = other.encrypt(finished('400'));
    const request: CallbackRequest = {
      method: 'POST',
      headers: {},
      body: Buffer.from(`<xml><Encrypt><![CDATA[${cipher}]]></Encrypt></xml>`),
      query: new URLSearchParams({
        timestamp: stamp,
        nonce: 'x400',
        msg_signature: other.getSignature(stamp, 'x400', cipher),
      }),
    };
    expect(callback(account(true), request, now).news).toHaveLength(1);
  });

  it('never opens a message in which one byte was changed, and never throws', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const request = secureRequest(finished('401'));
        const cipher = /CDATA\[([^\]]+)\]\]><\/Encrypt>/.exec(request.body.toString())?.[1] ?? '';
        const bytes = Buffer.from(cipher, 'base64');
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        expect(
          callback(
            account(true),
            { ...request, body: Buffer.from(`<xml><Encrypt>${bytes.toString('base64')}</Encrypt></xml>`) },
            now,
          ).status,
        ).toBe(403);
      }),
    );
  });
});

describe('from the sandbox', () => {
  let desk: Desk;
  let hub: Server;
  let answers: CallbackAnswer[] = [];
  let receiver: WeChatAccount | undefined;
  let status: number | undefined;
  let arrived = () => undefined as void;

  beforeAll(async () => {
    desk = await openDesk();
    await desk.control('delay', { ms: 20 });
    hub = createServer((incoming, outgoing) => {
      const parts: Buffer[] = [];
      incoming
        .on('data', (part: Buffer) => parts.push(part))
        .on('end', () => {
          const query = new URL(incoming.url ?? '', 'http://hub').searchParams;
          const answer =
            receiver &&
            callback(receiver, { method: 'POST', headers: {}, query, body: Buffer.concat(parts) }, new Date());
          if (answer) answers.push(answer);
          outgoing.writeHead(status ?? answer?.status ?? 500).end(answer?.body);
          arrived();
        });
    });
    await new Promise<void>((done) => {
      hub.listen(0, '127.0.0.1', done);
    });
  });
  afterAll(async () => {
    hub.closeAllConnections();
    await new Promise((done) => {
      hub.close(done);
    });
    await desk.close();
  });
  beforeEach(() => {
    answers = [];
    status = undefined;
  });

  /** Until so many callbacks have come. */
  const came = (count: number) =>
    new Promise<void>((done) => {
      arrived = () => {
        if (answers.length >= count) done();
      };
      arrived();
    });

  async function publishing(n: number, mode: 'plain' | 'aes', settings: Record<string, unknown> = {}) {
    const whole = desk.account(n, settings);
    receiver = mode === 'aes' ? whole : { ...whole, credentials: { ...whole.credentials, encodingAesKey: undefined } };
    await desk.control('callback', {
      appid: whole.settings.appId,
      mode,
      url: `http://127.0.0.1:${(hub.address() as AddressInfo).port}/callbacks/wechat/${whole.id}`,
    });
    const one = desk.errand(whole, specimen({ revision: `callback${n}` }));
    return { one, acceptance: await channel.publish(one.account, one.rendition, one.call) };
  }

  it.each([
    ['publish', 500],
    ['mass', 501],
  ])('an encrypted outcome of a %s leads to the verified article', async (mode, n) => {
    const { one, acceptance } = await publishing(n, 'aes', { mode });
    await came(1);
    const [news] = answers[0]?.news ?? [];
    expect(news).toMatchObject({ remoteId: acceptance.remote?.id, verification: { outcome: 'published' } });
    if (news?.verification.outcome === 'published')
      expect(await settled(one, news.verification.remote)).toMatchObject({ outcome: 'verified' });
  });

  it('a plain outcome leads to a look', async () => {
    const { acceptance } = await publishing(502, 'plain');
    await came(1);
    expect(answers[0]?.news).toMatchObject([{ remoteId: acceptance.remote?.id, verification: { outcome: 'pending' } }]);
  });

  it('copies bring no second news, forged and old ones are refused', async () => {
    const { one } = await publishing(503, 'aes');
    const { appId: appid } = one.account.settings;
    await came(1);
    await desk.control('callback/send', { appid, times: 3 });
    await came(4);
    expect(answers.map(({ news }) => news.length)).toEqual([1, 0, 0, 0]);
    await desk.control('callback/send', { appid, forge: true });
    await came(5);
    await desk.control('callback/send', { appid, age: 3600 });
    await came(6);
    expect(answers.slice(4).map((answer) => answer.status)).toEqual([403, 403]);
  });
});
