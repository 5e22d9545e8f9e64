import sharp from 'sharp';
import { DoorClosed, type Picture, type Remote, type Standing } from '../channel.js';
import { channel } from './adapter.js';
import { LinkMissing, UnprovenDuplicate } from './errors.js';
import {
  callFor,
  classed,
  control,
  counted,
  errand,
  find,
  freshAccount,
  publicPosts,
  publish,
  remoteOf,
  sandbox,
  short,
  thrownBy,
  useSandbox,
  verify,
  withdraw,
} from './fixtures/errands.js';
import { samples } from './fixtures/samples.js';
import { credentialsSchema } from './settings.js';

useSandbox();

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
    expect(sandbox.accepted()).toEqual([
      expect.objectContaining({
        account: one.account.settings.uid,
        call: 'statuses/share',
        subject: expect.stringContaining('【关于调整办公时间的通知】'),
      }),
    ]);
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
    const { width, height } = await sharp(
      Buffer.from(await (await fetch(`${sandbox.url}/pictures/${remote.id}`)).arrayBuffer()),
    ).metadata();
    const { picture } = one.rendition.payload;
    expect(picture).toMatchObject({ from: 'text', width, height });
  });

  it.each(Object.keys(samples) as (keyof typeof samples)[])(
    'publishes the sample %s, which reads back as signed',
    async (name) => {
      const one = errand(samples[name]);
      expect(await verify(one, await remoteOf(one))).toMatchObject({ outcome: 'verified' });
    },
  );

  it('is accepted where the platform shows it later, and is then found by its link', async () => {
    await control('delay', { times: 1, seconds: 90 });
    const one = errand();
    const acceptance = await publish(one);
    expect(acceptance).toMatchObject({ outcome: 'accepted', platform: { code: '20032' }, checkAfter: 120 });
    const { remote } = acceptance as { remote: Remote };
    expect(await verify(one, remote)).toMatchObject({ outcome: 'pending' });
    await control('clock', { advance: 91 });
    const verification = await verify(one, remote);
    expect(verification).toMatchObject({ outcome: 'verified', remote: { id: sandbox.accepted()[0]?.id } });
    // One post under two names: whoever finds it again must know that it is the same.
    expect(verification).toMatchObject({ remote: { alias: remote.id } });
    expect(await find(one)).toMatchObject({ outcome: 'found', remote: { alias: remote.id } });
  });

  it.each(['kept', 'shortened'])(
    'takes back what the platform did not name, from its remote alone and once it is shown (links %s)',
    async (form) => {
      await control('links', { form });
      try {
        await control('delay', { times: 1, seconds: 90 });
        const one = errand();
        const { remote } = (await publish(one)) as { remote: Remote };
        const other: typeof one = {
          ...one,
          call: callFor('another-step', { ...short, title: '另一条', body: '' }, { seq: 2 }),
        };
        expect(await classed(withdraw(other, remote))).toMatchObject({ class: 'retry', delay: 60 });
        await control('clock', { advance: 91 });
        expect(await verify(other, remote)).toMatchObject({ outcome: 'verified' });
        expect(await withdraw(other, remote)).toEqual({ outcome: 'withdrawn' });
        expect(await publicPosts(one.account)).toEqual([]);
      } finally {
        await control('links', { form: 'kept' });
      }
    },
  );

  it('asks a person where the platform never shows what it took', async () => {
    await control('delay', { times: 1, seconds: 3_600 });
    const one = errand();
    const { remote } = (await publish(one)) as { remote: Remote };
    const later = { ...one, call: { ...one.call, now: () => new Date(Date.now() + 16 * 60_000) } };
    expect(await verify(later, remote)).toMatchObject({ outcome: 'mismatch' });
    expect(await withdraw(later, remote)).toMatchObject({ outcome: 'action' });
  });

  it('asks a person after three minutes where newer posts hide what it took from being taken back', async () => {
    await control('delay', { times: 1, seconds: 90 });
    const one = errand();
    const { remote } = (await publish(one)) as { remote: Remote };
    for (let n = 1; n <= 5; n += 1)
      await publish(errand({ ...short, title: `第${n}件事` }, { key: `newer-${n}` }, one.account));
    const after = (minutes: number): typeof one => ({
      ...one,
      call: { ...one.call, now: () => new Date(Date.now() + minutes * 60_000) },
    });
    expect(await classed(withdraw(after(2), remote))).toMatchObject({ class: 'retry' });
    expect(await withdraw(after(4), remote)).toMatchObject({ outcome: 'action' });
  });

  it('takes the platform\'s "same as before" for success only after it has found its own post', async () => {
    const one = errand();
    const first = await remoteOf(one);
    const again = await publish(one);
    expect(again).toMatchObject({
      outcome: 'published',
      remote: { id: first.id, url: first.url },
      platform: { code: '20019' },
    });
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
    const one = errand(
      { ...short, pictures: [{ hash: 'ab'.repeat(32), alt: '', width: 9, height: 9 }] },
      { ...own, media },
    );
    expect(await classed(publish(one))).toMatchObject({
      class: 'retry',
      cause: { en: expect.stringContaining('not prepared') },
    });
    expect(used.requests).toBe(0);
  });

  it('leaves a fault of our own its name, wherever it happens', async () => {
    const media = { read: () => Promise.reject(new TypeError('undefined is no picture')) };
    const one = errand({ ...short, pictures: [{ hash: 'ab'.repeat(32), alt: '', width: 9, height: 9 }] }, { media });
    expect(await thrownBy(publish(one))).toBeInstanceOf(TypeError);
    expect(channel.classify(new TypeError('x'), new Date()).class).toBe('unknown');
  });

  it('is refused where the link is under no safe domain', async () => {
    const one = errand(short, {}, freshAccount({ linkTemplate: 'https://elsewhere.com/{release}' }));
    expect(await classed(publish(one))).toMatchObject({
      class: 'action',
      platform: { code: '10017', words: 'text not find domain!' },
    });
  });
});

describe('after a lost answer', () => {
  it('is in doubt, finds the post, and posts no second', async () => {
    await control('drop', { call: 'statuses/share' });
    const one = errand();
    expect(await classed(publish(one))).toMatchObject({ class: 'unknown' });
    expect(await find(one)).toMatchObject({
      outcome: 'found',
      state: 'published',
      remote: { id: sandbox.accepted()[0]?.id },
    });
  });

  it('finds the post by its words where the platform has shortened the link', async () => {
    const one = errand();
    const remote = await remoteOf(one);
    await control('links', { form: 'shortened' });
    try {
      expect(await find(one)).toMatchObject({ outcome: 'found', remote: { id: remote.id } });
      expect(await verify(one, remote)).toMatchObject({ outcome: 'verified' });
      const other = errand({ ...short, release: 'v0other', title: '另一条通知' }, {}, one.account);
      expect(await find(other)).toEqual({ outcome: 'absent' });
    } finally {
      await control('links', { form: 'kept' });
    }
  });

  it('is not there where fewer posts than the platform shows are not ours', async () => {
    const account = freshAccount();
    for (let n = 0; n < 4; n += 1)
      await publish(errand({ ...short, release: `v0o${n}`, title: `第 ${n} 条` }, {}, account));
    expect(await find(errand(short, {}, account))).toEqual({ outcome: 'absent' });
  });

  it('cannot tell once five newer posts may hide it', async () => {
    const account = freshAccount();
    const one = errand(short, {}, account);
    await publish(one);
    for (let n = 0; n < 5; n += 1)
      await publish(errand({ ...short, release: `v0o${n}`, title: `第 ${n} 条` }, {}, account));
    expect(await find(one)).toMatchObject({ outcome: 'unknown', cause: { zh: expect.stringContaining('最近五条') } });
  });

  it('is not there where one of the five is older than the signature', async () => {
    const account = freshAccount();
    for (let n = 0; n < 5; n += 1)
      await publish(errand({ ...short, release: `v0o${n}`, title: `第 ${n} 条` }, {}, account));
    const one = errand(short, {}, account);
    one.call.release.signedAt = new Date(Date.now() + 3_600_000);
    expect(await find(one)).toEqual({ outcome: 'absent' });
  });

  it("does not take another step's post of the same words for its own", async () => {
    const one = errand();
    await publish(one);
    const other = { ...one, call: callFor('another-step', one.call.release) };
    expect(await find(other)).toEqual({ outcome: 'absent' });
  });
});

describe('a newer revision', () => {
  const seconds = {
    ...short,
    revision: 'v2',
    change: 'correction' as const,
    body: '<p>自12月2日起，办公时间调整。</p>',
  };
  const standingOf = (remote: Remote): Standing[] => [{ seq: 1, revision: short.revision, remote }];

  it('comes as a post of its own, and once the old one is withdrawn it alone is public', async () => {
    const one = errand();
    expect(channel.replaces(one.account)).toBe('anew');
    const old = await remoteOf(one);
    const two = errand(seconds, { seq: 2, standing: standingOf(old) }, one.account);
    const fresh = await remoteOf(two);
    expect(fresh.id).not.toBe(old.id);
    expect(await withdraw(two, old)).toEqual({ outcome: 'withdrawn' });
    expect(await publicPosts(one.account)).toEqual([expect.stringContaining('12月2日')]);
    expect((await fetch(old.url ?? '')).status).toBe(404);
    expect((await fetch(fresh.url ?? '')).status).toBe(200);
    expect(await verify(two, fresh)).toMatchObject({ outcome: 'verified' });
  });

  it('is not taken for the older post of the same words, where the platform has shortened the links', async () => {
    const one = errand();
    const old = await remoteOf(one);
    const two = errand({ ...short, revision: 'v2' }, { seq: 2, standing: standingOf(old) }, one.account);
    await control('links', { form: 'shortened' });
    try {
      expect(await find(two)).toEqual({ outcome: 'absent' });
      // Without the ledger's word, one of two that say the same cannot be told from the other.
      await publish(two);
      const forgetful = { ...two, call: { ...two.call, standing: [] } };
      expect(await find(forgetful)).toMatchObject({ outcome: 'unknown' });
    } finally {
      await control('links', { form: 'kept' });
    }
  });
});

describe('the door', () => {
  const closed = () => Promise.reject(new DoorClosed('overtaken'));

  it('is asked once before a post and once before a deletion, with all counted and prepared before', async () => {
    const asked: { requests: number; memory: number }[] = [];
    const { used, ...own } = counted();
    const leave = () => {
      asked.push({ ...used });
      return Promise.resolve();
    };
    const one = errand(samples['policy-2026'], { ...own, leave });
    const remote = await remoteOf(one);
    await verify(one, remote);
    await find(one);
    expect(asked).toEqual([{ requests: 0, memory: 1 }]);
    await withdraw(one, remote);
    expect(asked).toHaveLength(2);
  });

  it('closed, lets nothing out and is told as what it is', async () => {
    const one = errand(short, { leave: closed });
    expect(await thrownBy(publish(one))).toBeInstanceOf(DoorClosed);
    expect(sandbox.accepted()).toHaveLength(0);
    const open = errand();
    const remote = await remoteOf(open);
    const shut = { ...open, call: { ...open.call, leave: closed } };
    expect(await thrownBy(withdraw(shut, remote))).toBeInstanceOf(DoorClosed);
    expect(await publicPosts(open.account)).toHaveLength(1);
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
    ['other words', { text: '别的内容 https://www.x.gov.cn/a' }, /不一致/],
    ['no words', { text: '' }, /不一致/],
    ['a lost end', { text: '【关于调整办公' }, /不一致/],
    ['a picture too many', { pic_ids: ['1'] }, /1 张图/],
    ['only its author to see it', { visible: { type: 1 } }, /不是所有人可见/],
    ['a deletion mark', { deleted: '1' }, /删除/],
  ])('catches a post with %s', async (_what, change, said) => {
    const one = errand();
    const remote = await remoteOf(one);
    const real = (await (
      await fetch(
        `${sandbox.url}/2/statuses/show.json?id=${remote.id}&access_token=${one.account.credentials.accessToken}`,
      )
    ).json()) as Record<string, unknown>;
    const text = JSON.stringify({ ...real, ...change });
    const http = {
      request: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from(text), text: () => text }),
    };
    const verification = await verify({ ...one, call: { ...one.call, http } }, remote);
    expect(verification).toMatchObject({ outcome: 'mismatch', cause: { zh: expect.stringMatching(said) } });
  });

  it('takes a text that the platform has cut for the same, as far as it goes', async () => {
    const one = errand({ ...short, body: `<p>${'这是一段比较长的正文，'.repeat(9)}</p>` });
    const remote = await remoteOf(one);
    const text = JSON.stringify({
      idstr: remote.id,
      mid: remote.id,
      isLongText: true,
      text: `${one.rendition.payload.words.slice(0, 60)}...全文： http://m.weibo.cn/1/2`,
      pic_ids: [],
    });
    const http = {
      request: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from(text), text: () => text }),
    };
    expect(await verify({ ...one, call: { ...one.call, http } }, remote)).toMatchObject({ outcome: 'verified' });
  });
});

describe('withdrawing', () => {
  it('deletes the post, and is content where it has gone already', async () => {
    const one = errand();
    const remote = await remoteOf(one);
    expect(await channel.withdraw(one.account, remote, one.call)).toEqual({ outcome: 'withdrawn' });
    expect((await fetch(remote.url ?? '')).status).toBe(404);
    expect(await channel.withdraw(one.account, remote, one.call)).toMatchObject({
      outcome: 'withdrawn',
      platform: { code: '20101' },
    });
  });

  it("says so where the post is another account's", async () => {
    const remote = await remoteOf(errand());
    const other = errand();
    expect(await classed(channel.withdraw(other.account, remote, other.call))).toMatchObject({
      class: 'action',
      platform: { code: '20102' },
    });
  });
});

describe('the credential', () => {
  it('is healthy with its days left', async () => {
    const { account, call } = errand();
    expect(await channel.check(account, call)).toEqual({ outcome: 'ok', daysLeft: 29 });
  });

  it.each([
    ['expire-token', '21327'],
    ['revoke-token', '21319'],
  ])('is dead after %s, and so is a publication', async (name, code) => {
    const one = errand();
    await control(name, { uid: one.account.settings.uid });
    expect(await channel.check(one.account, one.call)).toMatchObject({
      outcome: 'dead',
      platform: { code },
      todo: { zh: expect.stringContaining('重新授权') },
    });
    expect(await classed(publish(one))).toMatchObject({ class: 'action', platform: { code } });
  });

  it('is dead until the keeper has authorised for the first time, and no platform is asked', async () => {
    const { used, ...own } = counted();
    const { account, call } = errand(short, own);
    const never = { ...account, credentials: credentialsSchema.parse({ appKey: 'k', appSecret: 's' }) };
    expect(await channel.check(never, call)).toMatchObject({
      outcome: 'dead',
      cause: { zh: '该账号还没有在微博上授权。' },
      todo: { zh: expect.stringContaining('授权') },
    });
    expect(used.requests).toBe(0);
    expect(await classed(publish({ ...errand(), account: never }))).toMatchObject({
      class: 'action',
      platform: { code: '21332' },
    });
  });

  it('is dead where it belongs to another account', async () => {
    const { account, call } = errand(short, {}, freshAccount({ uid: '42' }));
    expect(await channel.check(account, call)).toMatchObject({
      outcome: 'dead',
      cause: { zh: expect.stringContaining('另一个微博账号') },
    });
  });

  it('is not called dead because the platform cannot be asked', async () => {
    const { account, call } = errand();
    await control('script', { call: 'oauth2/get_token_info', code: '502' });
    expect(await classed(channel.check(account, call))).toMatchObject({ class: 'retry' });
  });
});

it('takes twenty accounts side by side, each exactly once', async () => {
  const errands = Array.from({ length: 20 }, () => errand());
  await Promise.all(errands.map(publish));
  expect(new Set(sandbox.accepted().map((entry) => entry.account)).size).toBe(20);
  expect(sandbox.accepted()).toHaveLength(20);
});
