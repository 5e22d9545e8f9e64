/** Credentials watched by the clock: checked in their turn, told of in time, and what a dead one holds up goes on when it is renewed. */
import { importAccounts } from '../core/accounts/import.js';
import { accountRow } from '../core/accounts/input.js';
import { givenOf } from '../core/import-given.js';
import { checkBatch } from '../workers/check/checker.js';
import { handOutChecks, settleCredentials } from '../workers/clock/credentials.js';
import { openTestHub, type TestHub } from './support/hub.js';

let test: TestHub;

beforeEach(async () => {
  test = await openTestHub();
});
afterEach(() => test.close());

const all = ['dispatch', 'publish', 'record', 'clock'] as const;

const account = (id = '') => test.hub.store.accounts.findById(id).lean();
const notices = () => test.hub.store.notices.find({}).sort({ _id: 1 }).lean();
const postsOf = () => test.sandbox.accepted().length;
const dueNow = (ids: readonly string[]) =>
  test.hub.store.accounts.updateMany({ _id: { $in: [...ids] } }, { $set: { checkDueAt: new Date() } });
async function renew(id: string, key: string): Promise<void> {
  const row = await account(id);
  await importAccounts(
    test.hub,
    await givenOf(
      [
        {
          channel: 'toy',
          name: row?.name ?? '',
          organization: 'province',
          tags: [],
          settings: row?.settings ?? {},
          credentials: { key },
        },
      ],
      accountRow,
    ),
  );
}
/** Waits until the clock has checked the account and acted on what it heard. */
async function checked(id: string, state: string): Promise<void> {
  await test.until(`${id} to be ${state}`, async () => {
    const row = await account(id);
    return (
      row?.credential.state === state && row.settleAt === undefined && (row.checkDueAt?.getTime() ?? 0) > Date.now()
    );
  });
}

describe('a dead credential', () => {
  it('parks what is sent to its account, without asking the platform, and all of it goes on once it is renewed', async () => {
    const [good = '', dead = ''] = await test.connect(0, 2);
    await renew(dead, 'dead');
    test.start(...all, 'check');
    await checked(dead, 'dead');
    const releases = [await test.publish('第一件'), await test.publish('第二件')];
    for (const release of releases) {
      const rows = await test.settled(release, 2);
      expect(rows.find((row) => row.account === good)?.state).toBe('verified');
      expect(rows.find((row) => row.account === dead)).toMatchObject({
        state: 'needs_action',
        parked: true,
        open: [],
      });
    }
    expect(postsOf()).toBe(2);
    const [row] = await test.hub.store.placements.find({ account: dead, state: 'needs_action' }).lean();
    const body = await test.queries.placement(row?._id ?? '');
    expect(body.cause?.zh).toContain('凭据已失效，没有发送：密钥失效。');
    expect(body.todo?.zh).toBe('请更换密钥。凭据恢复后自动继续发送。');

    await renew(dead, 'open');
    for (const release of releases) {
      await test.until('the parked ones to go on', async () =>
        (await test.rows(release)).every(({ state }) => state === 'verified'),
      );
    }
    expect(postsOf()).toBe(4);
    expect((await notices()).map(({ level, said }) => [level, said.zh])).toEqual([
      ['urgent', expect.stringContaining('凭据已失效：密钥失效。')],
      ['good', expect.stringContaining('凭据已恢复，停下的 2 次投递继续发送。')],
    ]);
  });

  it('asks the platform first for what may have left before it was parked', async () => {
    const [id = ''] = await test.connect(0, 1);
    test.start('dispatch', 'publish', 'record');
    await test.control('/drop', { call: 'post', times: 1 });
    await test.control('/script', { call: 'read', code: 'busy', times: 1 });
    const release = await test.publish('答复丢失，随后失效');
    await test.until('the doubtful attempt', async () => (await test.rows(release))[0]?.state === 'waiting');
    expect(postsOf()).toBe(1);
    await renew(id, 'dead');
    test.start('clock', 'check');
    await test.until('it to be parked', async () => (await test.rows(release))[0]?.parked === true);
    expect((await test.rows(release))[0]?.open).toEqual([1]);
    await renew(id, 'open');
    await test.until('it to go on', async () => (await test.rows(release))[0]?.state === 'verified');
    expect(postsOf()).toBe(1);
  });

  it('releases only what was parked for it', async () => {
    const [id = ''] = await test.connect(0, 1);
    test.start(...all, 'check');
    await test.control('/script', { call: 'post', code: 'full', times: 1 });
    const asked = await test.publish('另有原因');
    await test.settled(asked, 1);
    await renew(id, 'dead');
    await checked(id, 'dead');
    const parked = await test.publish('因凭据停下');
    await test.settled(parked, 1);
    await renew(id, 'open');
    await test.until('the parked one to go on', async () => (await test.rows(parked))[0]?.state === 'verified');
    expect((await test.rows(asked))[0]?.state).toBe('needs_action');
  });

  it('is known from a post that the platform refuses for it, which goes on with the others', async () => {
    const [id = ''] = await test.connect(0, 1);
    test.start(...all, 'check');
    await test.control('/script', { call: 'post', code: 'key', times: 1 });
    const first = await test.publish('凭据被拒');
    expect((await test.settled(first, 1))[0]).toMatchObject({ state: 'needs_action', parked: true, open: [] });
    await test.until('the account to be known as dead', async () => (await account(id))?.credential.state === 'dead');
    const second = await test.publish('随后的一件');
    await test.until('the second to lie beside it', async () => (await test.rows(second))[0]?.parked === true);
    expect(postsOf()).toBe(0);
    await renew(id, 'open');
    for (const release of [first, second])
      await test.until('both to go on', async () => (await test.rows(release))[0]?.state === 'verified');
    expect(postsOf()).toBe(2);
  });

  it('keeps a parked placement parked when a day has passed and people are reminded', async () => {
    const [id = ''] = await test.connect(0, 1);
    await renew(id, 'dead');
    test.start(...all, 'check');
    await checked(id, 'dead');
    const release = await test.publish('停了一天');
    const [row] = await test.settled(release, 1);
    await test.hub.store.placements.updateOne({ _id: row?._id ?? '' }, { $set: { dueAt: new Date() } });
    await test.until('the reminder', async () => (await test.history(release)).at(-1)?.by === 'clock');
    expect((await test.rows(release))[0]).toMatchObject({ state: 'needs_action', parked: true, open: [] });
    await renew(id, 'open');
    await test.until('it to go on', async () => (await test.rows(release))[0]?.state === 'verified');
    expect(postsOf()).toBe(1);
  });

  it('is found by a publish attempt whose renewal is refused, and told of once', async () => {
    const toy = test.hub.channels.get('toy');
    if (!toy) throw new Error('no toy channel');
    const refused = { class: 'refresh', cause: { zh: '授权失效。', en: 'The grant is gone.' } } as const;
    const ask = jest.spyOn(toy, 'classify').mockReturnValue(refused);
    const [id = ''] = await test.connect(0, 1);
    test.start(...all);
    await test.control('/script', { call: 'post', code: 'stale', times: 9 });
    for (const title of ['甲', '乙']) {
      const [row] = await test.settled(await test.publish(title), 1);
      expect(row).toMatchObject({ state: 'needs_action', parked: true });
    }
    await test.until('people to be told', async () => (await account(id))?.settleAt === undefined);
    ask.mockRestore();
    expect((await account(id))?.credential).toMatchObject({ state: 'dead', cause: refused.cause });
    expect((await account(id))?.checkDueAt?.getTime()).toBeLessThan(Date.now() + 31 * 60_000);
    expect(await notices()).toHaveLength(1);
  });
});

describe('the daily check', () => {
  it('checks an account once, however many clocks look', async () => {
    const toy = test.hub.channels.get('toy');
    if (!toy) throw new Error('no toy channel');
    const check = jest.spyOn(toy, 'check');
    const ids = await test.connect(0, 50);
    await dueNow(ids);
    const now = new Date();
    await Promise.all([handOutChecks(test.hub, now), handOutChecks(test.hub, now), handOutChecks(test.hub, now)]);
    test.start('check');
    await test.until(
      'all checks',
      async () => (await test.hub.store.accounts.find({ 'credential.state': 'ok' }).lean()).length === 50,
    );
    await test.until('an empty queue', async () => (await test.hub.queues.depths()).get('check') === 0);
    expect(check).toHaveBeenCalledTimes(50);
    check.mockRestore();
  });

  it('queues no more than a few hundred, and leaves the rest due', async () => {
    const ids = await test.connect(0, 230);
    await dueNow(ids);
    expect(await handOutChecks(test.hub, new Date())).toBe(200);
    expect(await handOutChecks(test.hub, new Date())).toBe(0);
    expect(await test.hub.store.accounts.find({ checkDueAt: { $lte: new Date() } }).lean()).toHaveLength(30);
  });

  it('does not check an account that somebody else has taken since', async () => {
    const [id = ''] = await test.connect(0, 1);
    const until = new Date(Date.now() + 1_000);
    await test.hub.store.accounts.updateOne({ _id: id }, { $set: { checkDueAt: new Date(until.getTime() + 1) } });
    await checkBatch({ accounts: [id], until }, test.hub);
    expect((await account(id))?.credential).toEqual({ state: 'unchecked' });
  });

  it('takes no answer for no news, and asks again sooner', async () => {
    const [id = ''] = await test.connect(0, 1);
    const row = await account(id);
    await importAccounts(
      test.hub,
      await givenOf(
        [
          {
            channel: 'toy',
            name: row?.name ?? '',
            organization: 'province',
            tags: [],
            settings: { endpoint: 'http://127.0.0.1:9', board: 'b' },
            credentials: { key: 'open' },
          },
        ],
        accountRow,
      ),
    );
    await test.hub.store.accounts.updateOne({ _id: id }, { $set: { credential: { state: 'ok' } } });
    test.start('check', 'clock');
    await test.until('the check', async () => (await account(id))?.credential.checkedAt !== undefined);
    expect(await account(id)).toMatchObject({ credential: { state: 'ok', cause: { zh: '公告栏出错。' } } });
    expect((await account(id))?.settleAt).toBeUndefined();
    expect((await account(id))?.checkDueAt?.getTime()).toBeLessThan(Date.now() + 31 * 60_000);
    expect((await notices()).filter(({ key }) => key.startsWith('credential'))).toEqual([]);
  });

  it('stages what a channel can stage after a good check; what fails there is a notice and no more', async () => {
    const toy = test.hub.channels.get('toy');
    if (!toy) throw new Error('no toy channel');
    toy.prepare = () => Promise.reject(new Error('no cover'));
    const ids = await test.connect(0, 2);
    await dueNow(ids);
    test.start('check', 'clock');
    await test.until('both notices', async () => (await notices()).length === 2);
    for (const id of ids) await checked(id, 'ok');
    await dueNow(ids);
    for (const id of ids) await checked(id, 'ok');
    expect((await notices()).map(({ level, account: about }) => [level, about]).sort()).toEqual(
      ids.map((id) => ['info', id]).sort(),
    );
    delete toy.prepare;
  });
});

describe('the end of a credential', () => {
  const day = 24 * 3_600_000;
  const start = Date.parse('2026-11-24T02:00:00Z');
  /** As after a check at that moment; `passes` times over, as after a crash. */
  async function heard(id: string, daysFromStart: number, daysLeft: number, passes = 1): Promise<void> {
    const now = new Date(start + daysFromStart * day);
    for (let pass = 0; pass < passes; pass += 1) {
      const before = await account(id);
      await test.hub.store.accounts.updateOne(
        { _id: id },
        { $set: { credential: { state: 'ok', checkedAt: now, daysLeft }, settleAt: now } },
      );
      await settleCredentials(test.hub, now);
      if (pass < passes - 1)
        await test.hub.store.accounts.updateOne(
          { _id: id },
          before?.told ? { $set: { told: before.told } } : { $unset: { told: 1 } },
        );
    }
  }

  it('is told 14, 7, 3 and 1 days ahead, once each, and anew when it was renewed', async () => {
    const [id = ''] = await test.connect(0, 1);
    for (let passed = 0; passed < 20; passed += 0.5) await heard(id, passed, 20 - passed);
    const told = async () => (await notices()).map(({ said }) => /还有 (\d+) 天/.exec(said.zh)?.[1]);
    expect(await told()).toEqual(['14', '7', '3', '1']);
    expect((await notices())[0]?.said.zh).toContain('公告栏账号“公告栏 0”的凭据还有 14 天到期（2026-12-14）');
    expect((await notices()).map(({ level }) => level)).toEqual(['warning', 'warning', 'urgent', 'urgent']);
    await heard(id, 20, 30);
    await heard(id, 37, 13);
    expect(await told()).toEqual(['14', '7', '3', '1', '13']);
  });

  it('is told once where the clock died between telling and remembering', async () => {
    const [id = ''] = await test.connect(0, 1);
    await heard(id, 0, 30);
    await heard(id, 24, 6, 3);
    expect(await notices()).toHaveLength(1);
  });

  it('is told at its nearest threshold only, where an account comes in late', async () => {
    const [id = ''] = await test.connect(0, 1);
    await heard(id, 0, 2.5);
    expect((await notices()).map(({ said }) => said.zh)).toEqual([expect.stringContaining('还有 3 天')]);
    expect((await account(id))?.told).toMatchObject({ state: 'ok', warned: 3, expiresAt: expect.anything() });
  });
});

it('drops the token that the old address gave when an account moves to another', async () => {
  const { hub } = test;
  const wechat = hub.channels.get('wechat');
  if (!wechat) throw new Error('no channel wechat');
  const { memory } = hub.callFor(wechat, AbortSignal.timeout(10_000));
  const appId = 'wx00000000000001';
  const bring = async (host: string, appSecret?: string) => {
    const settings = { appId, endpoint: `https://${host}` };
    const row = { channel: 'wechat', name: '发布', organization: 'province', settings };
    const given = await givenOf([{ ...row, ...(appSecret && { credentials: { appSecret } }) }], accountRow);
    return importAccounts(hub, given);
  };
  expect(await bring('old.example', 'secret-1')).toMatchObject({ created: 1 });
  const key = `token:${appId}@old.example`;
  await memory.set(key, JSON.stringify({ value: 'warm', until: Date.now() + 60_000 }), 60);
  expect(await bring('new.example')).toMatchObject({ refused: [{ field: 'credentials.appSecret' }] });
  expect(await memory.get(key)).toBeDefined();
  expect(await bring('new.example', 'secret-2')).toMatchObject({ updated: 1 });
  expect(await memory.get(key)).toBeUndefined();
});
