import { load } from 'cheerio';
import { request } from 'undici';
import { channel } from './adapter.js';
import { accountOf, openGround, picture, releaseOf, sample, type Ground } from './fixtures/ground.js';
import {
  DoorClosed,
  type Acceptance,
  type Account,
  type Disposition,
  type ReleaseContent,
  type StepCall,
} from '../channel.js';
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

type Step = Partial<Pick<StepCall, 'seq' | 'standing' | 'over' | 'leave'>>;

/** The first order of its release, unless told. */
function publish(release: ReleaseContent, on = account, step: Step = {}): Promise<Acceptance> {
  return channel.publish(
    on,
    channel.render(release, on),
    ground.publishCall(keyOf(release), release, { seq: 1, ...step }),
  );
}

function find(release: ReleaseContent, on = account, step: Step = {}) {
  return channel.find(
    on,
    channel.render(release, on),
    ground.publishCall(keyOf(release), release, { seq: 1, ...step }),
  );
}

function standing(acceptance: Acceptance, seq: number, revision = 'v1'): StepCall['standing'] {
  if (!acceptance.remote) throw new Error('nothing was accepted');
  return [{ seq, revision, remote: acceptance.remote }];
}

async function texts(): Promise<string[]> {
  return Promise.all(
    sandbox.accepted().map(async ({ account: site, id }) => {
      const answer = await request(`${sandbox.url}/sites/${site}/posts/${id}`);
      return load(await answer.body.text())('.e-content').text();
    }),
  );
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

  const corrected = releaseOf({ revision: 'v2', change: 'correction', body: '<p>更正后的正文。</p>' });

  it('replaces in place: a newer revision changes the post that stands and makes no second one', async () => {
    expect(channel.replaces(account)).toBe('in-place');
    const first = await publish(releaseOf());
    const second = await publish(corrected, account, { seq: 2, standing: standing(first, 1) });
    expect((await remoteOf(second)).url).toBe((await remoteOf(first)).url);
    expect(await verify(corrected, second)).toMatchObject({ outcome: 'verified' });
    expect(await find(corrected, account, { seq: 2, standing: standing(second, 2) })).toMatchObject({
      outcome: 'found',
    });
    expect(await find(releaseOf(), account, { standing: standing(second, 2) })).toEqual({ outcome: 'absent' });
    expect(await texts()).toEqual(['更正后的正文。']);
  });

  it('changes the post that is to be replaced, whatever else of the release stands there', async () => {
    const [first] = standing(await publish(releaseOf()), 1);
    const [twin] = standing(await publish(releaseOf({ release: 'r9' })), 1);
    if (!first || !twin) throw new Error('nothing stands');
    const second = await publish(corrected, account, { seq: 2, standing: [first, twin], over: first });
    expect((await remoteOf(second)).url).toBe(first.remote.url);
    expect(await texts()).toContain('更正后的正文。');
  });

  it('asks at the door right before each request that the public can see, and not before', async () => {
    const release = releaseOf({ pictures: [await picture(ground, 1, '会场')] });
    const closed = { leave: () => Promise.reject(new DoorClosed('frozen')) };
    await expect(publish(release, account, closed)).rejects.toEqual(new DoorClosed('frozen'));
    expect(sandbox.accepted()).toHaveLength(0);
    const first = await publish(release);
    expect(ground.left()).toBe(1);
    const further = { seq: 2, standing: standing(first, 1) };
    await expect(publish(corrected, account, { ...further, ...closed })).rejects.toEqual(new DoorClosed('frozen'));
    await publish(corrected, account, further);
    expect(ground.left()).toBe(2);
    const remote = await remoteOf(first);
    const withdraw = (step: Step) =>
      channel.withdraw(account, remote, ground.publishCall('w', corrected, { seq: 3, ...step }));
    await expect(withdraw(closed)).rejects.toEqual(new DoorClosed('frozen'));
    expect(await texts()).toEqual(['更正后的正文。']);
    expect(await withdraw({})).toMatchObject({ outcome: 'withdrawn' });
    expect(ground.left()).toBe(3);
  });

  describe('never goes back to an older order', () => {
    it('by what the ledger knows to stand', async () => {
      const newer = await publish(corrected, account, { seq: 2 });
      const before = ground.left();
      await expect(publish(releaseOf(), account, { standing: standing(newer, 2, 'v2') })).rejects.toEqual(
        new DoorClosed('overtaken'),
      );
      expect(ground.left()).toBe(before);
      expect(await texts()).toEqual(['更正后的正文。']);
    });

    it('by what the site shows, where the ledger still names the older', async () => {
      const first = await publish(releaseOf());
      const second = () => publish(releaseOf({ revision: 'v1b' }), account, { seq: 2, standing: standing(first, 1) });
      await control('script', { call: 'update', code: '429' });
      await expect(second()).rejects.toMatchObject({ status: 429 });
      await publish(corrected, account, { seq: 3, standing: standing(first, 1) });
      await expect(second()).rejects.toEqual(new DoorClosed('overtaken'));
      await expect(
        channel.withdraw(account, await remoteOf(first), ground.publishCall('w', releaseOf(), { seq: 2 })),
      ).rejects.toEqual(new DoorClosed('overtaken'));
      expect(await texts()).toEqual(['更正后的正文。']);
    });
  });

  describe('with Redis lost', () => {
    it('changes the post that stands, by the ledger alone', async () => {
      await control('slugs', { ignored: true });
      await control('lists', { off: true });
      const first = await publish(releaseOf());
      ground.memory.clear();
      const second = await publish(corrected, account, { seq: 2, standing: standing(first, 1) });
      expect(second).toMatchObject({ outcome: 'accepted', platform: { code: 'updated' } });
      expect(await texts()).toEqual(['更正后的正文。']);
    });

    it('finds by its mark a post of which the ledger does not know, and makes no second one', async () => {
      await publish(releaseOf({ release: 'r1' }));
      const first = await publish(releaseOf());
      ground.memory.clear();
      expect(await find(corrected, account, { seq: 2 })).toEqual({ outcome: 'absent' });
      expect(await find(releaseOf())).toMatchObject({ outcome: 'found', remote: { url: (await remoteOf(first)).url } });
      const second = await publish(corrected, account, { seq: 2 });
      expect((await remoteOf(second)).url).toBe((await remoteOf(first)).url);
      expect(sandbox.accepted()).toHaveLength(2);
    });

    it('is certain that nothing was sent where the site has ever taken a post, for its way of making addresses lies in the store', async () => {
      await publish(releaseOf({ release: 'r1' }));
      await control('lists', { off: true });
      ground.memory.clear();
      const next = releaseOf({ release: 'r2' });
      expect(await find(next)).toEqual({ outcome: 'absent' });
      await control('drop', { call: 'create' });
      expect(await classOf(next)).toMatchObject({ class: 'unknown' });
      expect(await find(next)).toMatchObject({ outcome: 'found' });
    });

    it('is certain where the site lists posts from before the release was signed, and none could be it', async () => {
      await control('slugs', { ignored: true });
      const signed = (day: number) => ({ signedAt: new Date(`2026-11-${day}T02:00:00Z`) });
      const release = releaseOf({ release: 'r2', title: '新的通知', ...signed(24) });
      expect(await find(release)).toEqual({ outcome: 'absent' });
      await publish(releaseOf(signed(23)));
      expect(await find(release)).toEqual({ outcome: 'absent' });
      expect(await find({ ...release, ...signed(22) })).toMatchObject({ outcome: 'unknown' });
      expect(await find({ ...release, title: releaseOf().title })).toMatchObject({ outcome: 'unknown' });
      expect(await find(release, account, { seq: 2 })).toMatchObject({ outcome: 'unknown' });
    });

    it('is certain by its address where the account says how addresses are made', async () => {
      account = accountOf(
        { ...sandbox.account(0).settings, postAddress: `${sandbox.url}/sites/0/posts/{slug}` },
        { ...sandbox.account(0).credentials },
      );
      await publish(releaseOf());
      await control('lists', { off: true });
      expect(await publish(corrected, account, { seq: 2 })).toMatchObject({
        outcome: 'accepted',
        platform: { code: 'updated' },
      });
      expect(await find(releaseOf({ release: 'r9' }))).toEqual({ outcome: 'absent' });
      expect(sandbox.accepted()).toHaveLength(1);
    });

    it('leaves it to a person where the site cannot tell', async () => {
      await control('slugs', { ignored: true });
      await publish(releaseOf());
      await control('lists', { off: true });
      expect(await find(releaseOf())).toMatchObject({ outcome: 'unknown' });
      expect(await find(corrected, account, { seq: 2 })).toMatchObject({ outcome: 'unknown' });
    });
  });

  it('asks the store once for how addresses are made, not with every post', async () => {
    const { records } = ground.call();
    const asked = [jest.spyOn(records, 'get'), jest.spyOn(records, 'set')];
    for (let n = 0; n < 5; n += 1) await publish(releaseOf({ release: `r${n}` }));
    expect(asked.map((spy) => spy.mock.calls.length)).toEqual([1, 1]);
  });

  it('posts anew after a withdrawal, and knows afterwards how addresses are made', async () => {
    const acceptance = await publish(releaseOf());
    await channel.withdraw(account, await remoteOf(acceptance), ground.publishCall('w', releaseOf(), { seq: 2 }));
    const again = releaseOf({ revision: 'v2', change: 'correction' });
    expect(await publish(again, account, { seq: 3 })).toMatchObject({
      outcome: 'published',
      platform: { code: '201' },
    });
    expect(await find(again, account, { seq: 3 })).toMatchObject({ outcome: 'found' });
    await control('lists', { off: true });
    expect(await find(releaseOf({ release: 'r2' }))).toEqual({ outcome: 'absent' });
  });

  it('deletes on withdrawal, and a second time too', async () => {
    const release = releaseOf();
    const acceptance = await publish(release);
    const remote = await remoteOf(acceptance);
    for (let n = 0; n < 2; n += 1)
      expect(await channel.withdraw(account, remote, ground.publishCall('w', release, { seq: 2 }))).toMatchObject({
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
