import { request } from 'undici';
import { channel } from './adapter.js';
import { accountOf, openGround, picture, releaseOf, sample, type Ground } from './fixtures/ground.js';
import type { Acceptance, Account, Disposition, ReleaseContent } from '../channel.js';
import { startSandbox, type RunningSandbox } from '../sandbox.js';
import type { Credentials, Settings } from './settings.js';

let ground: Ground;
let sandbox: RunningSandbox;
let account: Account<Settings, Credentials>;

beforeEach(async () => {
  ground = await openGround();
  sandbox = await startSandbox(channel.sandbox());
  ground.allow(sandbox.url);
  account = at(0);
});
afterEach(async () => {
  await sandbox.close();
  await ground.close();
});

function at(n: number): Account<Settings, Credentials> {
  const { settings, credentials } = sandbox.account(n);
  return accountOf(settings, credentials);
}

async function control(path: string, body: unknown): Promise<void> {
  const answer = await request(`${sandbox.controlUrl}/${path}`, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.statusCode).toBe(200);
  await answer.body.dump();
}

const keyOf = ({ release, revision }: ReleaseContent) => `d-${release}-${revision}`;

function publish(release: ReleaseContent, on = account): Promise<Acceptance> {
  return channel.publish(on, channel.render(release, on), ground.publishCall(keyOf(release), release));
}

function find(release: ReleaseContent, on = account) {
  return channel.find(on, channel.render(release, on), ground.publishCall(keyOf(release), release));
}

async function remoteOf(acceptance: Acceptance) {
  if (acceptance.outcome === 'action') throw new Error('nothing was accepted');
  return acceptance.remote;
}

async function verify(release: ReleaseContent, acceptance: Acceptance, on = account) {
  return channel.verify(
    on,
    await remoteOf(acceptance),
    channel.render(release, on),
    ground.publishCall(keyOf(release), release),
  );
}

async function classOf(release: ReleaseContent): Promise<Disposition> {
  try {
    await publish(release);
  } catch (error) {
    return channel.classify(error, ground.now);
  }
  throw new Error('expected a failure');
}

describe('a remote CMS', () => {
  it('takes every sample with pictures and attachments, and each is verified', async () => {
    const seen = await picture(ground, 1, '会场');
    for (const hash of ['a', 'b'])
      ground.media.set(hash.repeat(64), { bytes: Buffer.from('file'), mime: 'application/pdf', width: 0, height: 0 });
    for (const name of ['keynote', 'policy', 'interpretation', 'bad']) {
      const release = { ...(await sample(name)), pictures: [seen] };
      const acceptance = await publish(release);
      expect(acceptance).toMatchObject({ outcome: 'published', platform: { code: '201' } });
      expect(await verify(release, acceptance)).toMatchObject({ outcome: 'verified' });
    }
    expect(sandbox.accepted()).toHaveLength(4);
  });

  it('waits where the site accepts first and shows later', async () => {
    await control('later', { on: true });
    const release = releaseOf();
    const acceptance = await publish(release);
    expect(acceptance).toMatchObject({ outcome: 'accepted', checkAfter: 5 });
    expect(await verify(release, acceptance)).toMatchObject({ outcome: 'pending' });
    await control('appear', {});
    expect(await verify(release, acceptance)).toMatchObject({ outcome: 'verified' });
  });

  it('changes the earlier post on correction and makes no second one', async () => {
    const first = await publish(releaseOf());
    const corrected = releaseOf({ revision: 'v2', body: '<p>更正后的正文。</p>' });
    const second = await publish(corrected);
    expect((await remoteOf(second)).url).toBe((await remoteOf(first)).url);
    expect(await verify(corrected, second)).toMatchObject({ outcome: 'verified' });
    expect(await find(corrected)).toMatchObject({ outcome: 'found' });
    expect(sandbox.accepted()).toHaveLength(1);
  });

  describe('with the hub’s memory lost', () => {
    const corrected = releaseOf({ revision: 'v2', correction: true, body: '<p>更正后的正文。</p>' });

    it('finds the earlier post by the mark it bears, and makes no second one', async () => {
      await publish(releaseOf({ release: 'r1' }));
      const first = await publish(releaseOf());
      ground.memory.clear();
      expect(await find(corrected)).toEqual({ outcome: 'absent' });
      const second = await publish(corrected);
      expect((await remoteOf(second)).url).toBe((await remoteOf(first)).url);
      expect(await verify(corrected, second)).toMatchObject({ outcome: 'verified' });
      ground.memory.clear();
      expect(await find(corrected)).toMatchObject({ outcome: 'found' });
      expect(sandbox.accepted()).toHaveLength(2);
    });

    it('finds it by its address where the site lists nothing and the account says how addresses are made', async () => {
      account = accountOf(
        { ...sandbox.account(0).settings, postAddress: `${sandbox.url}/sites/0/posts/{slug}` },
        { ...sandbox.account(0).credentials },
      );
      await publish(releaseOf());
      await control('lists', { off: true });
      ground.memory.clear();
      expect(await publish(corrected)).toMatchObject({ outcome: 'accepted', platform: { code: 'updated' } });
      expect(await publish(releaseOf({ release: 'r9', revision: 'v2', correction: true }))).toMatchObject({
        outcome: 'published',
      });
      expect(sandbox.accepted()).toHaveLength(2);
    });

    it('asks a person where the site cannot tell, and sends nothing', async () => {
      await control('slugs', { ignored: true });
      await publish(releaseOf());
      await control('lists', { off: true });
      ground.memory.clear();
      expect(await publish(corrected)).toMatchObject({
        outcome: 'action',
        cause: { zh: expect.stringContaining('更正') },
      });
      expect(await find(corrected)).toMatchObject({ outcome: 'unknown' });
      expect(sandbox.accepted()).toHaveLength(1);
      // What was never signed before needs no look-up, whatever the site can tell.
      expect(await publish(releaseOf({ release: 'r2' }))).toMatchObject({ outcome: 'published' });
    });
  });

  it('posts anew after a withdrawal', async () => {
    const acceptance = await publish(releaseOf());
    await channel.withdraw(account, await remoteOf(acceptance), ground.publishCall('w', releaseOf()));
    const again = releaseOf({ revision: 'v2', correction: true });
    expect(await publish(again)).toMatchObject({ outcome: 'published', platform: { code: '201' } });
  });

  it('deletes on withdrawal, and a second time too', async () => {
    const release = releaseOf();
    const acceptance = await publish(release);
    const remote = await remoteOf(acceptance);
    for (let n = 0; n < 2; n += 1)
      expect(await channel.withdraw(account, remote, ground.publishCall('w', release))).toMatchObject({
        outcome: 'withdrawn',
      });
    expect(await verify(release, acceptance)).toMatchObject({ outcome: 'mismatch' });
  });

  it('notices when the public sees something else than was signed', async () => {
    const release = releaseOf();
    const acceptance = await publish(release);
    for (const html of ['', '<p>自2026年12月1日起</p>', '<p>另一段话</p>']) {
      await control('page', { url: (await remoteOf(acceptance)).url, html });
      expect(await verify(release, acceptance)).toMatchObject({ outcome: 'mismatch' });
    }
  });

  it('uploads a picture once, however often it is tried', async () => {
    const seen = await picture(ground, 1, '会场');
    await control('script', { call: 'create', code: '429' });
    const release = releaseOf({ pictures: [seen] });
    await expect(publish(release)).rejects.toThrow();
    await control('script', { call: 'media', code: '500', times: 9 });
    expect(await publish(release)).toMatchObject({ outcome: 'published' });
  });

  it('keeps thousands of accounts apart', async () => {
    const release = releaseOf();
    const numbers = [0, 7, 1234, 99_999];
    for (const n of numbers) expect(await publish(release, at(n))).toMatchObject({ outcome: 'published' });
    expect(sandbox.accepted().map((entry) => entry.account)).toEqual(numbers.map(String));
    expect(sandbox.account(5)).toEqual(sandbox.account(5));
  });
});

describe('looking for an earlier attempt', () => {
  it('finds a post whose answer was lost', async () => {
    await control('drop', { call: 'create' });
    expect(await classOf(releaseOf())).toMatchObject({ class: 'unknown' });
    expect(await find(releaseOf())).toMatchObject({ outcome: 'found' });
    expect(sandbox.accepted()).toHaveLength(1);
  });

  it('finds it by its slug where the site lists nothing, once it knows how addresses are made', async () => {
    await publish(releaseOf());
    await control('lists', { off: true });
    await control('drop', { call: 'create' });
    const second = releaseOf({ release: 'r2' });
    expect(await classOf(second)).toMatchObject({ class: 'unknown' });
    expect(await find(second)).toMatchObject({ outcome: 'found' });
    expect(await find(releaseOf({ release: 'r3' }))).toEqual({ outcome: 'absent' });
  });

  it('says unknown, never absent, where slugs are ignored and nothing is listed', async () => {
    await control('slugs', { ignored: true });
    await control('lists', { off: true });
    await publish(releaseOf());
    await control('drop', { call: 'create' });
    const second = releaseOf({ release: 'r2' });
    expect(await classOf(second)).toMatchObject({ class: 'unknown' });
    expect(await find(second)).toMatchObject({ outcome: 'unknown' });
  });
});

describe('failures', () => {
  it.each([
    ['create', 'invalid_request', 'permanent'],
    ['create', 'unauthorized', 'action'],
    ['create', 'insufficient_scope', 'action'],
    ['create', 'forbidden', 'action'],
    ['create', '400', 'permanent'],
    ['create', '401', 'action'],
    ['create', '403', 'action'],
    ['create', '404', 'action'],
    ['create', '409', 'action'],
    ['create', '413', 'permanent'],
    ['create', '415', 'permanent'],
    ['create', '418', 'action'],
    ['create', '429', 'wait'],
    ['create', '500', 'unknown'],
    ['create', '502', 'unknown'],
    ['create', '503', 'unknown'],
    ['media', '500', 'retry'],
    ['media', '413', 'permanent'],
    ['config', '503', 'retry'],
  ])('%s answered with %s is %s', async (call, code, expected) => {
    await control('script', { call, code });
    const disposition = await classOf(releaseOf({ pictures: [await picture(ground, 1, '图')] }));
    expect(disposition.class).toBe(expected);
    expect(disposition.cause.zh).toMatch(/[\u4e00-\u9fff]/);
    expect(disposition.platform?.code).toBeTruthy();
    expect(sandbox.accepted()).toHaveLength(0);
  });

  it('treats a success without an address as unknown', async () => {
    await control('script', { call: 'create', code: '200' });
    expect(await classOf(releaseOf())).toMatchObject({ class: 'unknown' });
  });

  it('waits for a minute on 429 as the site asks', async () => {
    await control('script', { call: 'create', code: '429' });
    expect(await classOf(releaseOf())).toMatchObject({ class: 'wait', until: new Date(ground.now.getTime() + 60_000) });
  });

  it('retries where nobody listens, and never reaches inside the network unasked', async () => {
    account = accountOf({ type: 'micropub', endpoint: 'http://127.0.0.1:9/micropub' }, { token: 't' });
    expect(await classOf(releaseOf())).toMatchObject({ class: 'action', platform: { code: 'not-allowed' } });
    ground.allow('http://127.0.0.1:9');
    expect(await classOf(releaseOf())).toMatchObject({ class: 'retry' });
  });

  it('names a dead credential in the daily check', async () => {
    expect(await channel.check(account, ground.call())).toEqual({ outcome: 'ok' });
    await control('expire', { site: '0' });
    expect(await channel.check(account, ground.call())).toMatchObject({
      outcome: 'dead',
      platform: { code: '403 forbidden' },
    });
    expect(await channel.check(accountOf({ ...sandbox.account(0).settings }), ground.call())).toMatchObject({
      outcome: 'dead',
    });
  });
});
