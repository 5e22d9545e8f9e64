import sharp from 'sharp';
import type { Picture, PublishCall, ReleaseContent, Remote, SharedMemory } from '../channel.js';
import { createOutbound } from '../outbound.js';
import { startSandbox, type RunningSandbox } from '../sandbox.js';
import { channel } from './adapter.js';
import { codes } from './codes.js';
import { BudgetSpent, LinkMissing, UnprovenDuplicate } from './errors.js';
import { samples } from './fixtures/samples.js';
import { credentialsSchema, settingsSchema, type WeiboAccount } from './settings.js';

let sandbox: RunningSandbox;
let http: ReturnType<typeof createOutbound>;
let nextAccount = 0;

beforeAll(async () => {
  sandbox = await startSandbox(channel.sandbox());
  http = createOutbound([sandbox.url]);
});
afterAll(async () => {
  await http.close();
  await sandbox.close();
});
beforeEach(() => control('reset'));

async function control(name: string, body: unknown = {}): Promise<unknown> {
  const answer = await fetch(`${sandbox.controlUrl}/${name}`, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
  return answer.json();
}

/** An account that no other test has used. */
function freshAccount(settings: Record<string, unknown> = {}): WeiboAccount {
  const ready = sandbox.account(nextAccount++);
  return {
    id: `a${nextAccount}`, name: ready.name, organization: '示例市', region: '350100',
    settings: settingsSchema.parse({ ...ready.settings, ...settings }), credentials: credentialsSchema.parse(ready.credentials),
  };
}

const noMemory: SharedMemory = {
  get: () => Promise.resolve(undefined), set: () => Promise.resolve(), delete: () => Promise.resolve(), lock: (_key, _ttl, work) => work(),
};

const short: ReleaseContent = { ...samples['policy-2026'], kind: 'notice', title: '关于调整办公时间的通知', summary: '', body: '<p>自12月1日起，办公时间调整。</p>' };

function callFor(key: string, release: ReleaseContent, own: Partial<PublishCall> = {}): PublishCall {
  return {
    key, release, http, memory: noMemory, folder: '/nowhere', hubUrl: 'http://hub.example', signal: AbortSignal.timeout(20_000), now: () => new Date(),
    media: {
      async read(hash, variant) {
        expect(variant).toBe('post');
        return { bytes: await sharp({ create: { width: 90, height: 60, channels: 3, background: `#${hash.slice(0, 6)}` } }).jpeg().toBuffer(), mime: 'image/jpeg', width: 90, height: 60 };
      },
    },
    ...own,
  };
}

function errand(release = short, own: Partial<PublishCall> = {}, account = freshAccount()) {
  const fresh = { ...release, signedAt: new Date() };
  return { account, call: callFor(`${release.revision}-${account.id}`, fresh, own), rendition: channel.render(fresh, account) };
}

type Errand = ReturnType<typeof errand>;
const publish = ({ account, rendition, call }: Errand) => channel.publish(account, rendition, call);
const find = ({ account, rendition, call }: Errand) => channel.find(account, rendition, call);
const verify = ({ account, rendition, call }: Errand, remote: Remote) => channel.verify(account, remote, rendition, call);
const thrownBy = (work: Promise<unknown>): Promise<unknown> => work.then(() => { throw new Error('nothing was thrown'); }, (error: unknown) => error);
const classed = async (work: Promise<unknown>) => channel.classify(await thrownBy(work), new Date());

async function remoteOf(one: Errand): Promise<Remote> {
  const acceptance = await publish(one);
  if (acceptance.outcome === 'action') throw new Error('no remote');
  return acceptance.remote;
}

/** Counts what goes out of the door and what the memory is asked. */
function counted() {
  const used = { requests: 0, memory: 0 };
  return {
    used,
    http: { request: (url: string, options?: Parameters<typeof http.request>[1]) => { used.requests += 1; return http.request(url, options); } },
    memory: {
      ...noMemory,
      get: () => { used.memory += 1; return Promise.resolve(undefined); }, set: () => { used.memory += 1; return Promise.resolve(); },
      spend: () => { used.memory += 1; return Promise.resolve(undefined); },
    },
  };
}

describe('publishing', () => {
  it('posts once and is public at once, at an address that the public can open', async () => {
    const { used, ...own } = counted();
    const one = errand(short, own);
    const acceptance = await publish(one);
    expect(acceptance.outcome).toBe('published');
    expect(used).toEqual({ requests: 1, memory: 1 });
    const page = await fetch((acceptance as { remote: Remote }).remote.url ?? '');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('自12月1日起，办公时间调整。');
    expect(sandbox.accepted()).toEqual([expect.objectContaining({ account: one.account.settings.uid, call: 'statuses/share', subject: expect.stringContaining('【关于调整办公时间的通知】') })]);
  });

  it('keeps the id that loses nothing', async () => {
    const remote = await remoteOf(errand());
    expect(remote.id).toBe(sandbox.accepted()[0]?.id);
  });

  it('sends characters of every kind as they are', async () => {
    const one = errand({ ...short, body: '<p>100%&amp;50+50=“100”；𠮷䶮🚨，a=b&amp;c=d</p>' });
    expect(await verify(one, await remoteOf(one))).toMatchObject({ outcome: 'verified' });
    expect(sandbox.accepted()[0]?.subject).toContain('100%&50+50=“100”；𠮷䶮🚨，a=b&c=d');
  });

  it('sends one picture with the post', async () => {
    const pictures: Picture[] = [{ hash: 'ab'.repeat(32), alt: '图', width: 90, height: 60 }];
    const one = errand({ ...short, pictures });
    const remote = await remoteOf(one);
    expect(await verify(one, remote)).toMatchObject({ outcome: 'verified' });
    const shown = await fetch(`${sandbox.url}/pictures/${remote.id}`);
    expect(shown.headers.get('content-type')).toBe('image/jpeg');
  });

  it('sends the whole text as a picture where it does not fit', async () => {
    const one = errand(samples['policy-2026']);
    const remote = await remoteOf(one);
    expect(await verify(one, remote)).toMatchObject({ outcome: 'verified' });
    const { width, height } = await sharp(Buffer.from(await (await fetch(`${sandbox.url}/pictures/${remote.id}`)).arrayBuffer())).metadata();
    const { picture } = one.rendition.payload;
    expect(picture).toMatchObject({ from: 'text', width, height });
  });

  it.each(Object.keys(samples) as (keyof typeof samples)[])('publishes the sample %s, which reads back as signed', async (name) => {
    const one = errand(samples[name]);
    expect(await verify(one, await remoteOf(one))).toMatchObject({ outcome: 'verified' });
  });

  it('is accepted where the platform shows it later, and is then found by its link', async () => {
    await control('delay', { times: 1, seconds: 90 });
    const one = errand();
    const acceptance = await publish(one);
    expect(acceptance).toMatchObject({ outcome: 'accepted', platform: { code: '20032' }, checkAfter: 120 });
    const { remote } = acceptance as { remote: Remote };
    expect(await verify(one, remote)).toMatchObject({ outcome: 'pending' });
    expect(await channel.withdraw(one.account, remote, one.call)).toMatchObject({ outcome: 'action' });
    await control('clock', { advance: 91 });
    const verification = await verify(one, remote);
    expect(verification).toMatchObject({ outcome: 'verified', remote: { id: sandbox.accepted()[0]?.id } });
    expect(await channel.withdraw(one.account, remote, callFor('another-key', short))).toMatchObject({ outcome: 'withdrawn' });
  });

  it('takes the platform\'s "same as before" for success only after it has found its own post', async () => {
    const one = errand();
    const first = await remoteOf(one);
    const again = await publish(one);
    expect(again).toMatchObject({ outcome: 'published', remote: { id: first.id, url: first.url }, platform: { code: '20019' } });
    expect(sandbox.accepted()).toHaveLength(1);
  });

  it.each(['20017', '20019', '20111'])('asks a person where %s is said and its own post is not there', async (code) => {
    await control('script', { call: 'statuses/share', code });
    const error = await thrownBy(publish(errand()));
    expect(error).toBeInstanceOf(UnprovenDuplicate);
    expect(channel.classify(error, new Date())).toMatchObject({ class: 'action', platform: { code } });
  });

  it('sends nothing where the account has no link', async () => {
    const { used, ...own } = counted();
    const error = await thrownBy(publish(errand(short, own, freshAccount({ linkTemplate: undefined }))));
    expect(error).toBeInstanceOf(LinkMissing);
    expect(used.requests).toBe(0);
    expect(channel.classify(error, new Date())).toMatchObject({ class: 'action' });
  });

  it('sends nothing while its picture cannot be read, and tries again later', async () => {
    const { used, ...own } = counted();
    const media = { read: () => Promise.reject(new Error('not prepared')) };
    const one = errand({ ...short, pictures: [{ hash: 'ab'.repeat(32), alt: '', width: 9, height: 9 }] }, { ...own, media });
    expect(await classed(publish(one))).toMatchObject({ class: 'retry', cause: { en: expect.stringContaining('not prepared') } });
    expect(used.requests).toBe(0);
  });

  it('is refused where the link is under no safe domain', async () => {
    const one = errand(short, {}, freshAccount({ linkTemplate: 'https://elsewhere.com/{release}' }));
    expect(await classed(publish(one))).toMatchObject({ class: 'action', platform: { code: '10017', words: 'text not find domain!' } });
  });
});

describe('every failure of the platform', () => {
  const expected: Record<string, string> = { retry: 'retry', doubt: 'unknown', wait: 'wait', duplicate: 'action', action: 'action', permanent: 'permanent' };

  it.each(Object.entries(codes).filter(([, rule]) => rule.class !== 'delayed'))('%s is classed, explained and kept in the platform\'s words', async (code, rule) => {
    await control('script', { call: 'statuses/share', code });
    const disposition = await classed(publish(errand()));
    expect(disposition.class).toBe(expected[rule.class]);
    expect(disposition.cause.zh).toMatch(/\p{Script=Han}/u);
    expect(disposition.cause.en).toMatch(/^[\x20-\x7e]+$/);
    expect(disposition.platform).toMatchObject({ code, words: expect.stringMatching(/\w/) });
    expect(sandbox.accepted()).toHaveLength(0);
  });

  it('a code never seen waits for a person', async () => {
    await control('script', { call: 'statuses/share', code: '29999' });
    expect(await classed(publish(errand()))).toMatchObject({ class: 'action', platform: { code: '29999' } });
  });

  it.each(['500', '502', '503', '504'])('a gateway\'s %s leaves a post in doubt, but not a look', async (code) => {
    await control('script', { call: '*', code, times: 2 });
    const one = errand();
    expect(await classed(publish(one))).toMatchObject({ class: 'unknown', platform: { code: `HTTP ${code}` } });
    expect(await classed(find(one))).toMatchObject({ class: 'retry' });
  });

  it('a code behind which it may have been done leaves no doubt about a look', async () => {
    await control('script', { call: 'statuses/user_timeline', code: '10010' });
    expect(await classed(find(errand()))).toMatchObject({ class: 'retry' });
  });

  it.each([['429', 'retry'], ['404', 'action']])('a gateway\'s %s is a %s', async (code, expectedClass) => {
    await control('script', { call: 'statuses/share', code });
    expect(await classed(publish(errand()))).toMatchObject({ class: expectedClass });
  });

  it('an answer that names no post leaves doubt', async () => {
    const answer = (text: string) => ({ request: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from(text), text: () => text }) });
    for (const text of ['{}', '<html>ok</html>', '{"id":5235000000000000}', '']) expect(await classed(publish(errand(short, { http: answer(text) })))).toMatchObject({ class: 'unknown' });
  });

  it('waits until the platform\'s next hour or its midnight', () => {
    const at = (code: string) => channel.classify(thrown(code), new Date('2026-11-24T15:20:00Z'));
    expect(at('20016')).toMatchObject({ class: 'wait', until: new Date('2026-11-24T16:00:00Z') });
    expect(at('10023')).toMatchObject({ class: 'wait', until: new Date('2026-11-24T16:00:00Z') });
    expect(channel.classify(thrown('10023'), new Date('2026-11-24T16:00:00Z'))).toMatchObject({ until: new Date('2026-11-25T16:00:00Z') });
  });
});

function thrown(code: string): unknown {
  const { WeiboError } = jest.requireActual<typeof import('./errors.js')>('./errors.js');
  return new WeiboError('statuses/share', code, 'words');
}

describe('after a lost answer', () => {
  it('is in doubt, finds the post, and posts no second', async () => {
    await control('drop', { call: 'statuses/share' });
    const one = errand();
    expect(await classed(publish(one))).toMatchObject({ class: 'unknown' });
    expect(await find(one)).toMatchObject({ outcome: 'found', state: 'published', remote: { id: sandbox.accepted()[0]?.id } });
  });

  it('finds the post by its words where the platform has shortened the link', async () => {
    const one = errand();
    const remote = await remoteOf(one);
    await control('links', { form: 'shortened' });
    try {
      expect(await find(one)).toMatchObject({ outcome: 'found', remote: { id: remote.id } });
      expect(await verify(one, remote)).toMatchObject({ outcome: 'verified' });
      const other = errand({ ...short, revision: 'v0other', title: '另一条通知' }, {}, one.account);
      expect(await find(other)).toEqual({ outcome: 'absent' });
    } finally {
      await control('links', { form: 'kept' });
    }
  });

  it('is not there where fewer posts than the platform shows are not ours', async () => {
    const account = freshAccount();
    for (let n = 0; n < 4; n += 1) await publish(errand({ ...short, revision: `v0o${n}`, title: `第 ${n} 条` }, {}, account));
    expect(await find(errand(short, {}, account))).toEqual({ outcome: 'absent' });
  });

  it('cannot tell once five newer posts may hide it', async () => {
    const account = freshAccount();
    const one = errand(short, {}, account);
    await publish(one);
    for (let n = 0; n < 5; n += 1) await publish(errand({ ...short, revision: `v0o${n}`, title: `第 ${n} 条` }, {}, account));
    expect(await find(one)).toMatchObject({ outcome: 'unknown', cause: { zh: expect.stringContaining('最近五条') } });
  });

  it('is not there where one of the five is older than the signature', async () => {
    const account = freshAccount();
    for (let n = 0; n < 5; n += 1) await publish(errand({ ...short, revision: `v0o${n}`, title: `第 ${n} 条` }, {}, account));
    const one = errand(short, {}, account);
    one.call.release.signedAt = new Date(Date.now() + 3_600_000);
    expect(await find(one)).toEqual({ outcome: 'absent' });
  });

  it('does not take another delivery\'s post of the same words for its own', async () => {
    const one = errand();
    await publish(one);
    const other = { ...one, call: callFor('another-delivery', one.call.release) };
    expect(await find(other)).toEqual({ outcome: 'absent' });
  });
});

describe('reading back', () => {
  it('catches a post that has gone, after giving it the time to appear', async () => {
    const one = errand();
    const remote = await remoteOf(one);
    await control('remove-post', { id: remote.id });
    expect(await verify(one, remote)).toMatchObject({ outcome: 'published', again: 60 });
    const later = { ...one, call: { ...one.call, now: () => new Date(Date.now() + 200_000) } };
    expect(await verify(later, remote)).toMatchObject({ outcome: 'mismatch', platform: { code: '20101' } });
  });

  it.each([
    ['other words', { text: '别的内容 https://www.x.gov.cn/a' }, /不一致/], ['no words', { text: '' }, /不一致/], ['a lost end', { text: '【关于调整办公' }, /不一致/],
    ['a picture too many', { pic_ids: ['1'] }, /1 张图/], ['only its author to see it', { visible: { type: 1 } }, /不是所有人可见/], ['a deletion mark', { deleted: '1' }, /删除/],
  ])('catches a post with %s', async (_what, change, said) => {
    const one = errand();
    const remote = await remoteOf(one);
    const real = await (await fetch(`${sandbox.url}/2/statuses/show.json?id=${remote.id}&access_token=${one.account.credentials.accessToken}`)).json() as Record<string, unknown>;
    const text = JSON.stringify({ ...real, ...change });
    const http = { request: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from(text), text: () => text }) };
    const verification = await verify({ ...one, call: { ...one.call, http } }, remote);
    expect(verification).toMatchObject({ outcome: 'mismatch', cause: { zh: expect.stringMatching(said) } });
  });

  it('takes a text that the platform has cut for the same, as far as it goes', async () => {
    const one = errand({ ...short, body: `<p>${'这是一段比较长的正文，'.repeat(9)}</p>` });
    const remote = await remoteOf(one);
    const text = JSON.stringify({ idstr: remote.id, mid: remote.id, isLongText: true, text: `${one.rendition.payload.words.slice(0, 60)}...全文： http://m.weibo.cn/1/2`, pic_ids: [] });
    const http = { request: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from(text), text: () => text }) };
    expect(await verify({ ...one, call: { ...one.call, http } }, remote)).toMatchObject({ outcome: 'verified' });
  });
});

describe('withdrawing', () => {
  it('deletes the post, and is content where it has gone already', async () => {
    const one = errand();
    const remote = await remoteOf(one);
    expect(await channel.withdraw(one.account, remote, one.call)).toEqual({ outcome: 'withdrawn' });
    expect((await fetch(remote.url ?? '')).status).toBe(404);
    expect(await channel.withdraw(one.account, remote, one.call)).toMatchObject({ outcome: 'withdrawn', platform: { code: '20101' } });
  });

  it('says so where the post is another account\'s', async () => {
    const remote = await remoteOf(errand());
    const other = errand();
    expect(await classed(channel.withdraw(other.account, remote, other.call))).toMatchObject({ class: 'action', platform: { code: '20102' } });
  });
});

describe('the credential', () => {
  it('is healthy with its days left', async () => {
    const { account, call } = errand();
    expect(await channel.check(account, call)).toEqual({ outcome: 'ok', daysLeft: 29 });
  });

  it.each([['expire-token', '21327'], ['revoke-token', '21319']])('is dead after %s, and so is a publication', async (name, code) => {
    const one = errand();
    await control(name, { uid: one.account.settings.uid });
    expect(await channel.check(one.account, one.call)).toMatchObject({ outcome: 'dead', platform: { code }, todo: { zh: expect.stringContaining('重新授权') } });
    expect(await classed(publish(one))).toMatchObject({ class: 'action', platform: { code } });
  });

  it('is dead where it belongs to another account', async () => {
    const { account, call } = errand(short, {}, freshAccount({ uid: '42' }));
    expect(await channel.check(account, call)).toMatchObject({ outcome: 'dead', cause: { zh: expect.stringContaining('另一个微博账号') } });
  });

  it('is not called dead because the platform cannot be asked', async () => {
    const { account, call } = errand();
    await control('script', { call: 'oauth2/get_token_info', code: '502' });
    expect(await classed(channel.check(account, call))).toMatchObject({ class: 'retry' });
  });
});

describe('our own budget', () => {
  it('stops before the platform says no, and says until when', async () => {
    const account = freshAccount({ budget: { postsPerHour: 2 } });
    const now = () => new Date('2026-11-24T15:20:00Z');
    for (let n = 0; n < 2; n += 1) await publish(errand({ ...short, revision: `v0${n}`, title: `第 ${n} 条` }, { now }, account));
    const error = await thrownBy(publish(errand(short, { now }, account)));
    expect(error).toBeInstanceOf(BudgetSpent);
    expect(channel.classify(error, now())).toMatchObject({ class: 'wait', until: new Date('2026-11-24T16:00:00Z') });
    expect(sandbox.accepted()).toHaveLength(2);
    const nextHour = () => new Date('2026-11-24T16:00:01Z');
    expect(await publish(errand(short, { now: nextHour }, account))).toMatchObject({ outcome: 'published' });
  });

  it('of one account never delays another', async () => {
    const spent = freshAccount({ budget: { postsPerHour: 1 } });
    await publish(errand(short, {}, spent));
    expect(await classed(publish(errand({ ...short, revision: 'v1' }, {}, spent)))).toMatchObject({ class: 'wait' });
    expect(await publish(errand(short, {}, freshAccount({ budget: { postsPerHour: 1 } })))).toMatchObject({ outcome: 'published' });
  });

  it('keeps a fifth of the day for posting: reading back stops first, until Beijing\'s midnight', async () => {
    const account = freshAccount({ budget: { callsPerDay: 5 } });
    const now = () => new Date('2026-11-24T15:20:00Z');
    const one = errand(short, { now }, account);
    const remote = await remoteOf(one);
    for (let n = 0; n < 3; n += 1) await verify(one, remote);
    const disposition = await classed(verify(one, remote));
    expect(disposition).toMatchObject({ class: 'wait' });
    expect(channel.classify(await thrownBy(verify(one, remote)), now())).toMatchObject({ until: new Date('2026-11-24T16:00:00Z') });
    expect(await find(one)).toMatchObject({ outcome: 'found' });
  });

  it('is shared through the memory where that can count', async () => {
    const spent: string[][] = [];
    const memory: SharedMemory = { ...noMemory, spend: (counters) => { spent.push(counters.map((counter) => counter.key.replace(/\d+:http.*?(?= |$)/, ''))); return Promise.resolve(2); } };
    const error = await thrownBy(publish(errand(short, { memory })));
    expect(error).toMatchObject({ name: 'BudgetSpent', budget: 'hour' });
    expect(spent[0]?.map((key) => key.split(':')[0])).toEqual(['day', 'address', 'hour']);
    expect(sandbox.accepted()).toHaveLength(0);
  });
});

it('takes twenty accounts side by side, each exactly once', async () => {
  const errands = Array.from({ length: 20 }, () => errand());
  await Promise.all(errands.map(publish));
  expect(new Set(sandbox.accepted().map((entry) => entry.account)).size).toBe(20);
  expect(sandbox.accepted()).toHaveLength(20);
});
