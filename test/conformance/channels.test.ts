/** Every folder under channels/ (and the toy channel of a fixture) keeps the contract, against its own sandbox. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  DoorClosed,
  PartlyPublic,
  type Account,
  type Acceptance,
  type Channel,
  type Finding,
  type Remote,
  type Standing,
  type StepCall,
  type Verification,
} from '../../channels/channel.js';
import { TransportError } from '../../channels/outbound.js';
import { loadChannels } from '../../channels/registry.js';
import { startSandbox, type RunningSandbox } from '../../channels/sandbox.js';
import { isSame } from '../../core/placements/protocol.js';
import { judge } from '../../workers/publish/judge.js';
import { byHand } from '../support/by-hand.js';
import { openGround, specimenRelease, type TestGround } from '../support/call.js';

const folders = [join(__dirname, '..', '..', 'channels'), join(__dirname, '..', 'fixtures', 'channels')];
const found = folders.flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({ name: entry.name, folder })),
);

async function post(url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status} ${await answer.text()}`);
}

describe.each(found)('channel $name', ({ name, folder }) => {
  let channel: Channel;
  let sandbox: RunningSandbox;
  let ground: TestGround;

  beforeAll(async () => {
    channel = (await loadChannels([folder])).get(name) as Channel;
    sandbox = await startSandbox(channel.sandbox());
    ground = await openGround(channel, [sandbox.url]);
  });
  afterAll(async () => {
    await ground.close();
    await sandbox.close();
  });
  beforeEach(() => post(`${sandbox.controlUrl}/reset`, {}));

  function accountOf(n: number): Account<unknown, unknown> {
    const ready = sandbox.account(n);
    return {
      id: `a${name}${n}`,
      name: ready.name,
      organization: '示例市人民政府办公室',
      region: '350100',
      settings: channel.accountSchema.settings.parse(ready.settings),
      credentials: channel.accountSchema.credentials.parse(ready.credentials),
    };
  }

  function errand(
    n: number,
    words: string,
  ): { account: Account<unknown, unknown>; call: StepCall; rendition: ReturnType<Channel['render']> } {
    const account = accountOf(n);
    const release = specimenRelease(words);
    return {
      account,
      call: ground.callFor(`${release.release}-${account.id}-1`, release),
      rendition: channel.render(release, account),
    };
  }

  type Handed = ReturnType<typeof errand>;

  /** With what a person does where they are asked. */
  async function published(one: Handed): Promise<Acceptance> {
    return byHand(sandbox, one, await channel.publish(one.account, one.rendition, one.call));
  }

  /** The call that commits, as the sandbox names it: the one in its accepted log. None where a person commits it. */
  async function commitCall(): Promise<string | undefined> {
    const { account, call, rendition } = errand(900, `${name}试投`);
    const { outcome } = await channel.publish(account, rendition, call);
    if (outcome === 'action') return undefined;
    return sandbox.accepted().at(-1)?.call ?? '';
  }

  async function verified(
    { account, call, rendition }: ReturnType<typeof errand>,
    acceptance: Acceptance,
  ): Promise<Verification> {
    let remote = acceptance.remote as Remote;
    for (let tries = 0; tries < 40; tries += 1) {
      const verification = await channel.verify(account, remote, rendition, call);
      if (verification.outcome !== 'pending' && verification.outcome !== 'published') return verification;
      if (verification.outcome === 'published') remote = verification.remote;
      await new Promise((wait) => setTimeout(wait, 100));
    }
    throw new Error('never verified');
  }

  it('publishes a release, which is then read back as signed', async () => {
    const one = errand(1, '办公时间调整');
    const acceptance = await published(one);
    expect(['accepted', 'published']).toContain(acceptance.outcome);
    expect(await verified(one, acceptance)).toMatchObject({ outcome: 'verified' });
    expect(sandbox.accepted()).toHaveLength(1);
  });

  it('renders purely: the same release and profile give the same rendition', () => {
    const one = errand(1, '办公时间调整');
    expect(channel.render(one.call.release, one.account)).toEqual(one.rendition);
    expect(one.rendition.preview).toMatch(/^<!doctype html>/i);
  });

  it("names the host to which an account's posts go", () => {
    expect(channel.hostOf(accountOf(1))).toBe(new URL(sandbox.url).origin);
  });

  it("shows the heads of days on no pages but the channel's own: on another's host it answers with nothing, and asks nothing", async () => {
    const head = {
      hub: 'b1',
      day: '2026-11-24',
      n: 1,
      hash: '0'.repeat(64),
      root: '1'.repeat(64),
      at: '2026-11-24T16:00:00Z',
    };
    const one = errand(901, `${name}链头`);
    const asked = jest.spyOn(one.call.http, 'request');
    expect(await channel.showHeads?.(one.account, [head], one.call)).toBeUndefined();
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
  });

  it('finds nothing under a key that was never published', async () => {
    const one = errand(2, '从未发布');
    expect((await channel.find(one.account, one.rendition, one.call)).outcome).not.toBe('found');
  });

  it('finds what it published', async () => {
    const one = errand(3, '已经发布');
    await published(one);
    expect((await channel.find(one.account, one.rendition, one.call)).outcome).toBe('found');
  });

  it('does not post twice where the answer was lost after committing', async () => {
    const call = await commitCall();
    // What a person commits has no answer that could be lost.
    if (call === undefined) return;
    await post(`${sandbox.controlUrl}/reset`, {});
    await post(`${sandbox.controlUrl}/drop`, { call, times: 1 });
    const one = errand(4, '答复丢失');
    const error: unknown = await channel.publish(one.account, one.rendition, one.call).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    const reason = error instanceof PartlyPublic ? error.cause : error;
    expect(channel.classify(reason, new Date()).class).toBe('unknown');
    const finding: Finding = await channel.find(one.account, one.rendition, one.call);
    // A platform with a key of its own may answer "absent": then publishing again must not post again.
    if (finding.outcome === 'absent') await channel.publish(one.account, one.rendition, one.call);
    expect(sandbox.accepted().filter((entry) => entry.call === call)).toHaveLength(1);
  });

  it("says what to do when a person must act, and keeps the platform's words", () => {
    const disposition = channel.classify(new Error('never seen before'), new Date());
    expect(['action', 'permanent', 'unknown']).toContain(disposition.class);
    expect(disposition.cause.zh).toMatch(/\p{Script=Han}/u);
    expect(disposition.cause.en).not.toBe('');
  });

  it('takes a refused connection for a retry, not for a doubt', () => {
    expect(channel.classify(new TransportError('no-connection', false, 'ECONNREFUSED'), new Date()).class).toBe(
      'retry',
    );
  });

  it('serves twenty accounts side by side, each exactly once', async () => {
    const errands = Array.from({ length: 20 }, (_, n) => errand(100 + n, '二十个账号'));
    const acceptances = await Promise.all(errands.map(published));
    const outcomes = await Promise.all(errands.map((one, n) => verified(one, acceptances[n] as Acceptance)));
    expect(outcomes.map((one) => one.outcome)).toEqual(errands.map(() => 'verified'));
    expect(sandbox.accepted()).toHaveLength(20);
    expect(new Set(sandbox.accepted().map((entry) => entry.account)).size).toBe(20);
  });

  it('withdraws what it published, or says what a person must do', async () => {
    const one = errand(5, '需要撤回');
    const acceptance = await published(one);
    const reading = await verified(one, acceptance);
    const remote = reading.outcome === 'verified' ? reading.remote : (acceptance.remote as Remote);
    const withdrawal = await channel.withdraw(one.account, remote, one.call);
    expect(['withdrawn', 'action']).toContain(withdrawal.outcome);
    if (withdrawal.outcome === 'withdrawn')
      expect((await channel.verify(one.account, remote, one.rendition, one.call)).outcome).not.toBe('verified');
  });

  it("leads a keeper to the platform's page and makes no credentials of a code that is not the platform's, where it can be authorised", async () => {
    const { authorise } = channel;
    if (!authorise) return;
    const { account, call } = errand(7, '授权');
    const redirect = `${ground.hubUrl}/callbacks/authorisation`;
    const address = authorise.address(account, redirect, 'state-1');
    const query = [...new URL(address).searchParams.values()];
    expect(query).toEqual(expect.arrayContaining([redirect, 'state-1']));
    const page = await fetch(address);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const error: unknown = await authorise.redeem(account, { code: 'made-up', redirect }, call).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(channel.classify(error, new Date())).toMatchObject({
      class: expect.stringMatching(/^(action|permanent)$/),
      platform: { code: expect.any(String) },
    });
    expect((await channel.check(account, call)).outcome).toBe('ok');
  });

  /** The next revision of the same release, ordered after it. */
  function nextOf(
    { account, call }: ReturnType<typeof errand>,
    words: string,
    step: Partial<Pick<StepCall, 'standing' | 'leave'>>,
  ): ReturnType<typeof errand> {
    const { release } = call.release;
    const text = { ...specimenRelease(words), release, change: 'correction' as const };
    const key = `${release}-${account.id}-2`;
    return {
      account,
      call: ground.callFor(key, text, { seq: 2, ...step }),
      rendition: channel.render(text, account),
    };
  }

  async function standingOf(one: ReturnType<typeof errand>): Promise<Standing> {
    const acceptance = await published(one);
    const reading = await verified(one, acceptance);
    const remote = reading.outcome === 'verified' ? reading.remote : (acceptance.remote as Remote);
    return { seq: one.call.seq, revision: one.call.release.revision, remote };
  }

  const closed = (): Promise<void> => Promise.reject(new DoorClosed('lost'));

  it('makes nothing public where the door is closed, and lets its word pass', async () => {
    const one = errand(20, '不许发出');
    const call = { ...one.call, leave: closed };
    await expect(channel.publish(one.account, one.rendition, call)).rejects.toBeInstanceOf(DoorClosed);
    expect(sandbox.accepted()).toHaveLength(0);
    expect((await channel.find(one.account, one.rendition, one.call)).outcome).not.toBe('found');
  });

  it('takes nothing back where the door is closed', async () => {
    const one = errand(21, '不许撤下');
    const stands = await standingOf(one);
    const call = { ...one.call, standing: [stands], leave: closed };
    await expect(channel.withdraw(one.account, stands.remote, call)).rejects.toBeInstanceOf(DoorClosed);
    expect((await channel.verify(one.account, stands.remote, one.rendition, one.call)).outcome).toBe('verified');
  });

  it('puts a correction in the place of the wrong text: nobody reads that any more', async () => {
    const wrong = errand(22, '明天停课');
    const before = await standingOf(wrong);
    const right = nextOf(wrong, '照常上课', { standing: [before] });
    const acceptance = await published(right);
    const reading = await verified(right, acceptance);
    expect(reading).toMatchObject({ outcome: 'verified' });
    const remote = reading.outcome === 'verified' ? reading.remote : (acceptance.remote as Remote);
    const now = { seq: 2, revision: right.call.release.revision, remote };
    if (channel.replaces(wrong.account) === 'anew')
      await channel.withdraw(wrong.account, before.remote, { ...wrong.call, standing: [before, now] });
    expect((await channel.verify(wrong.account, before.remote, wrong.rendition, wrong.call)).outcome).not.toBe(
      'verified',
    );
    expect((await channel.verify(right.account, remote, right.rendition, right.call)).outcome).toBe('verified');
  });

  it('puts no older text over a newer one at the same place', async () => {
    const old = errand(23, '旧的内容');
    if (channel.replaces(old.account) !== 'in-place') return;
    const before = await standingOf(old);
    const newer = nextOf(old, '新的内容', { standing: [before] });
    const acceptance = await channel.publish(newer.account, newer.rendition, newer.call);
    await verified(newer, acceptance);
    await channel.publish(old.account, old.rendition, old.call).catch(() => undefined);
    const remote = acceptance.remote as Remote;
    expect((await channel.verify(newer.account, remote, newer.rendition, newer.call)).outcome).toBe('verified');
  });

  it('knows what it published by one name, also when Redis has forgotten everything', async () => {
    const one = errand(24, '同一件事');
    const stands = await standingOf(one);
    ground.loseMemory();
    expect((await channel.verify(one.account, stands.remote, one.rendition, one.call)).outcome).toBe('verified');
    const finding = await channel.find(one.account, one.rendition, { ...one.call, standing: [stands] });
    expect(finding.outcome).toBe('found');
    if (finding.outcome === 'found') expect(isSame(finding.remote, stands.remote)).toBe(true);
    const before = await channel.find(one.account, one.rendition, one.call);
    expect(before.outcome).toBe('found');
    if (before.outcome === 'found') expect(isSame(before.remote, stands.remote)).toBe(true);
  });

  /** The n-th request may not leave: refused for good, for every channel alike. */
  function refusing(call: StepCall, n: number): { call: StepCall; refused: () => boolean } {
    let requests = 0;
    const http: StepCall['http'] = {
      request(url, options) {
        requests += 1;
        if (requests === n) return Promise.reject(new TransportError('not-allowed', false, 'not this one'));
        return call.http.request(url, options);
      },
    };
    return { call: { ...call, http }, refused: () => requests >= n };
  }

  it('tells what is public already where a later request of the step is refused for good, and takes it back', async () => {
    const most = 20;
    for (let n = 1; n <= most; n += 1) {
      // Some accounts of the fixture do more than one thing.
      const one = errand(500 + n, `第 ${n} 次请求被拒`);
      const { call, refused } = refusing(one.call, n);
      const error: unknown = await channel.publish(one.account, one.rendition, call).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (!refused()) return;
      // What is refused may have been a mere look at something.
      if (error === undefined) continue;
      if (!(error instanceof PartlyPublic)) {
        expect((await channel.find(one.account, one.rendition, one.call)).outcome).not.toBe('found');
        expect(sandbox.accepted().filter(({ account }) => account === one.account.name)).toHaveLength(0);
        continue;
      }
      expect(judge(channel, error.cause, true).class).toBe('permanent');
      const { remote } = error;
      expect((await channel.verify(one.account, remote, one.rendition, one.call)).outcome).toBe('verified');
      const stands = { seq: 1, revision: one.call.release.revision, remote };
      const again = { ...one.call, standing: [stands] };
      expect(await channel.find(one.account, one.rendition, again)).toMatchObject({ unfinished: true });
      await channel.publish(one.account, one.rendition, again);
      expect(await channel.find(one.account, one.rendition, again)).not.toMatchObject({ unfinished: true });
      expect((await channel.withdraw(one.account, remote, again)).outcome).toBe('withdrawn');
      expect((await channel.verify(one.account, remote, one.rendition, again)).outcome).not.toBe('verified');
    }
    throw new Error(`more than ${most} requests for one release`);
  });

  it('is not asked about our own bugs, the network or the door: those are judged alike for all', () => {
    for (const left of [false, true]) {
      const bug = judge(channel, new TypeError('x is not a function'), left);
      expect(bug).toMatchObject({ class: left ? 'unknown' : 'retry', ours: true });
      const silence = judge(channel, new TransportError('timeout', true, 'no answer'), left);
      expect(silence.class).toBe(left ? 'unknown' : 'retry');
      expect(judge(channel, new TransportError('no-connection', false, 'ECONNREFUSED'), left).class).toBe('retry');
    }
  });

  it('finds a good credential healthy', async () => {
    const one = errand(6, '凭证检查');
    expect((await channel.check(one.account, one.call)).outcome).toBe('ok');
  });
});
