/** A freeze, over a whole hub: from the acknowledgement on nothing becomes public, counted at the platform; what waited goes on by itself after the thaw. */
import sharp from 'sharp';
import type { Call } from '../channels/channel.js';
import type { Hub } from '../core/hub/hub.js';
import { openAccount } from '../core/accounts/open.js';
import { freePort } from '../core/free-port.js';
import { serve } from '../server/serve.js';
import { openFreezeDesk, type FreezeDesk } from '../core/freezes/desk.js';
import { addPerson } from '../core/people/add.js';
import { readInForce } from '../core/freezes/book.js';
import { openFreezeWatch } from '../core/freezes/watch.js';
import type { FreezeScope } from '../core/model/freeze.js';
import { isFinal } from '../core/model/states.js';
import { composeContent } from '../core/releases/compose.js';
import { releaseInput } from '../core/releases/input.js';
import { createRelease } from '../core/releases/revisions.js';
import { resealed } from './support/resealed.js';
import { openPublishers } from '../core/queue/publishers.js';
import { startWorker } from '../workers/roles.js';
import { openTestHub, type TestHub } from './support/hub.js';

let test: TestHub;
let desk: FreezeDesk;

const commander = { person: 'commander' };
const second = { person: 'second' };

beforeEach(async () => {
  test = await openTestHub();
  desk = openFreezeDesk(test.hub, test.hub.connect('producer'), test.hub.settings);
  await command('commander');
  await command('second');
});

/** Makes a commander over the hub, or over a unit. */
async function command(id: string, unit?: { organization: string; path: string }): Promise<void> {
  const newcomer = { name: id, displayName: id, password: 'a long enough one', roles: ['commander'] as const };
  await addPerson(test.hub, { ...newcomer, ...(unit && { unit }) }, id);
}
afterEach(() => test.close());

const everything: FreezeScope = { kind: 'everything' };
const all = ['dispatch', 'record', 'publish', 'clock'] as const;

function hold(scope: FreezeScope = everything, emergencyToo = false) {
  return desk.freeze({ scope, emergencyToo, reason: '数据有误，先停一停' }, commander);
}

async function thaw(id: string): Promise<void> {
  await desk.askThaw(id, '已核实', commander);
  await desk.confirmThaw(id, second);
}

const held = async (release: string, count: number): Promise<void> =>
  test.until(`${count} are held`, async () => {
    const rows = await test.rows(release);
    return rows.length === count && rows.every((row) => row.state === 'waiting' && row.frozen !== undefined);
  });

describe('what is frozen', () => {
  it('waits with the freeze’s reason, makes no request, and goes on by itself after the thaw', async () => {
    await test.connect(0, 3);
    test.start(...all);
    const { freeze } = await hold();
    const release = await test.publish('停发期间的通知');
    await held(release, 3);
    expect(test.sandbox.accepted()).toHaveLength(0);
    const [row] = await test.rows(release);
    expect(row).toMatchObject({ frozen: freeze._id, attempts: 0 });
    expect(row?.recent.at(-1)?.cause?.zh).toContain('数据有误，先停一停');
    expect(row?.dueAt?.getTime()).toBeGreaterThan(Date.now());
    await thaw(freeze._id);
    const rows = await test.settled(release, 3);
    expect(rows.map(({ state, frozen }) => [state, frozen])).toEqual(Array(3).fill(['verified', undefined]));
    expect(test.sandbox.accepted()).toHaveLength(3);
  });

  it('is a correction too, while a withdrawal passes', async () => {
    await test.connect(0, 2);
    test.start(...all);
    const [stays, goes] = [await test.publish('留下的'), await test.publish('撤下的')];
    await test.settled(stays, 2);
    await test.settled(goes, 2);
    const { freeze } = await hold(everything, true);
    await test.revise(stays, '更正', 'correction');
    await held(stays, 2);
    await test.orders.withdraw({ release: goes, reason: '有误', by: 'u1' });
    await test.until('it is withdrawn', async () =>
      (await test.rows(goes)).every(({ state }) => state === 'withdrawn'),
    );
    expect(test.sandbox.accepted()).toHaveLength(4);
    await thaw(freeze._id);
    await test.settled(stays, 2);
    expect(test.sandbox.accepted()).toHaveLength(6);
  });

  it('is overtaken by what is ordered meanwhile: only the newest goes out', async () => {
    await test.connect(0, 2);
    test.start(...all);
    const { freeze } = await hold();
    const release = await test.publish('第一稿');
    await held(release, 2);
    await test.revise(release, '第二稿', 'correction');
    await test.until('the second is held', async () =>
      (await test.rows(release)).every((row) => row.frozen !== undefined && row.orders.length === 2),
    );
    await thaw(freeze._id);
    await test.settled(release, 2);
    // By their keys, which end with the order's place.
    expect(test.sandbox.accepted().map(({ subject }) => subject.slice(-2))).toEqual(['-2', '-2']);
  });

  it('is no emergency, unless the freeze names it', async () => {
    await test.connect(0, 1);
    test.start(...all);
    await hold();
    await test.settled(await test.publish('紧急通知', {}, 'emergency'), 1);
    expect(test.sandbox.accepted()).toHaveLength(1);
    await hold(everything, true);
    await held(await test.publish('又一条紧急通知', {}, 'emergency'), 1);
    expect(test.sandbox.accepted()).toHaveLength(1);
  });

  it.each<[string, FreezeScope, FreezeScope]>([
    ['a region', { kind: 'region', region: '350000' }, { kind: 'region', region: '360000' }],
    ['a unit', { kind: 'organization', organization: 'province' }, { kind: 'organization', organization: 'elsewhere' }],
    ['a channel', { kind: 'channel', channel: 'toy' }, { kind: 'channel', channel: 'website' }],
  ])('is %s, and nothing outside', async (_, inside, outside) => {
    await test.hub.store.organizations.create({ _id: 'elsewhere', name: '别处', path: 'elsewhere/', region: '360000' });
    await test.connect(0, 1);
    test.start(...all);
    await hold(outside);
    await test.settled(await test.publish('照常'), 1);
    await hold(inside);
    await held(await test.publish('停发'), 1);
    expect(test.sandbox.accepted()).toHaveLength(1);
  });

  it('is one account among others', async () => {
    const [one = ''] = await test.connect(0, 3);
    test.start(...all);
    await hold({ kind: 'account', account: one });
    const release = await test.publish('三个账号');
    await test.until('two are out and one is held', async () => {
      const rows = await test.rows(release);
      return rows.filter(({ state }) => isFinal(state)).length === 2 && rows.some(({ frozen }) => frozen !== undefined);
    });
    const heldBack = (await test.rows(release)).find(({ frozen }) => frozen !== undefined);
    expect(heldBack?.account).toBe(one);
  });
});

describe('a thaw', () => {
  it('of a part does not thaw the whole, nor the whole the part', async () => {
    await test.connect(0, 1);
    test.start(...all);
    const whole = await hold();
    const part = await hold({ kind: 'organization', organization: 'province' });
    const release = await test.publish('还不能发');
    await held(release, 1);
    await thaw(whole.freeze._id);
    await test.until('the part holds it', async () => (await test.rows(release))[0]?.frozen === part.freeze._id);
    expect(test.sandbox.accepted()).toHaveLength(0);
    await thaw(part.freeze._id);
    await test.settled(release, 1);
  });

  it('takes two persons, of whom one may be who froze', async () => {
    const { freeze } = await hold();
    await expect(desk.confirmThaw(freeze._id, second)).rejects.toMatchObject({ code: 'thaw_not_asked' });
    await desk.askThaw(freeze._id, '已核实', commander);
    await expect(desk.confirmThaw(freeze._id, commander)).rejects.toMatchObject({ code: 'thaw_needs_second_person' });
    const thawed = await desk.confirmThaw(freeze._id, second);
    expect(thawed.thawed).toMatchObject({ askedBy: 'commander', confirmedBy: 'second' });
    await expect(desk.confirmThaw(freeze._id, second)).rejects.toMatchObject({ code: 'already_thawed' });
    await expect(desk.askThaw('nothing', '', second)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('sends nothing that is over by then: a person is asked', async () => {
    await test.connect(0, 1);
    test.start(...all);
    const { freeze } = await hold(everything, true);
    const ends = new Date(Date.now() + 12_000);
    const release = await warn(ends);
    await held(release, 1);
    await test.until('the end of the warning', () => Promise.resolve(Date.now() > ends.getTime()));
    await thaw(freeze._id);
    const [row] = await test.settled(release, 1);
    expect(row).toMatchObject({ state: 'needs_action' });
    expect(row?.recent.at(-1)?.cause?.en).toContain('While it was frozen the warning ended');
    expect(test.sandbox.accepted()).toHaveLength(0);
  });
});

/** A warning that ends soon, signed and ordered. */
async function warn(ends: Date): Promise<string> {
  const { store } = test.hub;
  const emergency = {
    status: 'Actual',
    msgType: 'Alert',
    level: 'yellow',
    category: 'Met',
    event: '雷电',
    areas: [{ name: '示例省' }],
    onset: new Date().toISOString(),
    expires: ends.toISOString(),
    instruction: '注意防范。',
  };
  const body = { format: 'text', content: '雷电预警' };
  const input = releaseInput.parse({
    title: '雷电黄色预警',
    kind: 'emergency',
    source: '示例省气象台',
    body,
    emergency,
  });
  const { content } = await composeContent(store, input);
  const { release, revision } = await createRelease(store, content, { by: { person: 'u1' } });
  const written = { release: release._id, revision: revision._id };
  await test.orders.sign(written.release, written.revision, 'u1');
  await test.orders.publish({ ...written, audience: { organizations: ['province'] }, by: 'u1' });
  return written.release;
}

describe('one order of events', () => {
  it('holds where many freeze and thaw at once', async () => {
    const { store } = test.hub;
    const desks = Array.from({ length: 3 }, () => openFreezeDesk(test.hub, test.hub.redis, test.hub.settings));
    const three = ['commander', 'second', 'third'];
    await command('third');
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        desks[n % 3]?.freeze(
          { scope: { kind: 'region', region: `35${1000 + n}` }, emergencyToo: false, reason: '停' },
          { person: three[n % 3] ?? '' },
        ),
      ),
    );
    const versions = made.map((one) => one?.freeze.version ?? 0);
    expect([...versions].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
    const first = made[0]?.freeze._id ?? '';
    await desk.askThaw(first, '查实', commander);
    const won = await Promise.allSettled(
      desks.map((one, n) => one.confirmThaw(first, { person: three[1 + (n % 2)] ?? '' })),
    );
    expect(won.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const now = await readInForce(store);
    expect(now?.freezes).toHaveLength(11);
    // One entry in the book for each that was done, none for those that were not.
    const acts = await store.auditEntries.find({}).sort({ n: 1 }).lean();
    const named = acts.map((entry) => entry.act).filter((name) => name.startsWith('freeze.'));
    expect(named).toEqual([...Array<string>(12).fill('freeze.set'), 'freeze.ask-thaw', 'freeze.thaw']);
  });

  it('answers a second press of the same person with the freeze that is in force', async () => {
    const [first, again] = [await hold(), await hold()];
    expect(again.freeze._id).toBe(first.freeze._id);
    const another = await desk.freeze({ scope: everything, emergencyToo: false, reason: '我也要停' }, second);
    expect(another.freeze._id).not.toBe(first.freeze._id);
  });

  it('refuses what does not exist by its name', async () => {
    await expect(hold({ kind: 'organization', organization: 'nowhere' })).rejects.toMatchObject({
      code: 'freeze_scope_unknown',
    });
    await expect(hold({ kind: 'account', account: 'nobody' })).rejects.toMatchObject({ code: 'freeze_scope_unknown' });
  });
});

describe('who commands', () => {
  beforeEach(async () => {
    const { organizations } = test.hub.store;
    await organizations.create({
      _id: 'city',
      name: '某市',
      parent: 'province',
      path: 'province/city/',
      region: '350100',
    });
    await organizations.create({ _id: 'elsewhere', name: '别处', path: 'elsewhere/', region: '360000' });
    await command('of the city', { organization: 'city', path: 'province/city/' });
  });
  const mayor = { person: 'of the city' };
  const order = (scope: FreezeScope) => ({ scope, emergencyToo: false, reason: '停' });

  it('a part freezes everything of that part, and nothing beside it', async () => {
    const { freeze } = await desk.freeze(order(everything), mayor);
    expect(freeze.within).toEqual(['province/city/']);
    await test.connect(0, 1);
    test.start(...all);
    await test.settled(await test.publish('省里照常'), 1);
    await test.hub.store.accounts.updateMany({}, { $set: { path: 'province/city/' } });
    await held(await test.publish('市里停发'), 1);
    await expect(desk.freeze(order({ kind: 'organization', organization: 'elsewhere' }), mayor)).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  it('a part thaws nothing that reaches further, though it holds them too', async () => {
    const { freeze } = await hold();
    await expect(desk.askThaw(freeze._id, '放开', mayor)).rejects.toMatchObject({ code: 'forbidden' });
    const part = await desk.freeze(order(everything), mayor);
    await desk.askThaw(part.freeze._id, '放开', mayor);
    await desk.confirmThaw(part.freeze._id, second);
    expect((await readInForce(test.hub.store))?.freezes.map(({ _id }) => _id)).toEqual([freeze._id]);
  });

  it('until a moment ago does no more, and a key never does', async () => {
    await test.hub.store.grants.updateMany({ person: 'second' }, { $set: { until: new Date(Date.now() - 1) } });
    const { freeze } = await hold();
    await desk.askThaw(freeze._id, '已核实', commander);
    await expect(desk.confirmThaw(freeze._id, second)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(desk.freeze(order(everything), { ...commander, key: 'k1' })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('an acknowledged freeze', () => {
  it('lets nothing out that was claimed before, and says how many requests were in flight', async () => {
    await test.connect(0, 20);
    await test.control('/latency', { call: 'post', ms: 1_500 });
    const beat = test.hub.freezes.beat('publish-1', test.hub.connect('worker'), () => undefined);
    test.start(...all);
    const release = await test.publish('正在发的通知');
    const claims = `{${test.hub.settings.prefix}}:claims:${release}`;
    await test.until('some are on their way', async () =>
      (await test.hub.redis.hvals(claims)).some((claim) => claim.split('|')[4] !== ''),
    );
    const { acknowledgement } = await hold();
    expect(acknowledgement).toMatchObject({ acknowledged: true, remaining: 0 });
    const out = test.sandbox.accepted().length;
    expect(acknowledgement?.inFlight).toBeGreaterThan(0);
    expect(acknowledgement?.processes).toMatchObject([{ name: 'publish-1', state: 'confirmed' }]);
    await test.publish('冻结后的通知');
    await test.until('all is decided', async () =>
      (await test.rows(release)).every((row) => isFinal(row.state) || row.frozen !== undefined),
    );
    expect(test.sandbox.accepted()).toHaveLength(out);
    await beat.close();
  });

  it('hears of a publisher that was told to end until its last request has ended', async () => {
    await test.connect(0, 3);
    test.start('dispatch', 'record');
    let letGo = (): void => undefined;
    const held = new Promise<void>((done) => (letGo = done));
    const callFor: Hub['callFor'] = (...of) => {
      const call = test.hub.callFor(...of);
      return { ...call, http: { request: (...asked) => held.then(() => call.http.request(...asked)) } };
    };
    const publisher = startWorker('publish', { ...test.hub, callFor }, 'publish-1');
    const publishers = openPublishers(test.hub.redis, test.hub.settings);
    await test.until('it is known', async () => (await publishers.known()).length === 1);
    const release = await test.publish('正在发的通知');
    const claims = `{${test.hub.settings.prefix}}:claims:${release}`;
    await test.until('all are through the door', async () => {
      const left = (await test.hub.redis.hvals(claims)).filter((claim) => claim.split('|')[4] !== '');
      return left.length === 3;
    });
    const ended = publisher.close();
    const frozen = hold();
    await test.until('it says so', async () => (await publishers.known()).some(({ inFlight }) => inFlight === 3));
    letGo();
    expect((await frozen).acknowledgement).toMatchObject({ acknowledged: true, remaining: 0 });
    await ended;
  });

  it('holds though no word of it reaches the publishers, however often it comes in the same second', async () => {
    await test.connect(0, 1);
    test.start(...all);
    const watch = openFreezeWatch(test.hub, test.hub.redis, test.hub.settings);
    for (let round = 0; round < 20; round += 1) {
      const { freeze } = await hold();
      await watch.sync();
      const release = await test.publish(`第${round}次`);
      await held(release, 1);
      // Of the earlier rounds, which were thawed, some may still be under way.
      expect(test.sandbox.accepted().filter(({ id }) => id.includes(release))).toEqual([]);
      await thaw(freeze._id);
    }
  }, 60_000);

  it('stands when Redis is emptied: who knows nothing of the freezes reads the ledger', async () => {
    await test.connect(0, 2);
    test.start(...all);
    await hold();
    const keys = await test.hub.redis.keys(`{${test.hub.settings.prefix}}*`);
    await test.hub.redis.del(...keys);
    await held(await test.publish('清空之后'), 2);
    expect(test.sandbox.accepted()).toHaveLength(0);
  });

  it('is written where Redis cannot be reached, and says so; the door learns of it from the ledger', async () => {
    await test.connect(0, 1);
    test.start(...all);
    await test.settled(await test.publish('照常'), 1);
    const nowhere = { ...test.hub.settings, url: 'redis://127.0.0.1:1' };
    const { Redis } = await import('ioredis');
    const redis = new Redis(nowhere.url, { maxRetriesPerRequest: 0, retryStrategy: () => null, lazyConnect: true });
    redis.on('error', () => undefined);
    const { acknowledgement } = await openFreezeDesk(test.hub, redis, nowhere).freeze(
      { scope: everything, emergencyToo: false, reason: '断网' },
      commander,
    );
    redis.disconnect();
    expect(acknowledgement).toBeUndefined();
    // A publisher looks for itself once a second.
    const beat = test.hub.freezes.beat('publish-1', test.hub.connect('worker'), () => undefined);
    await test.until('it is known', async () => {
      await Promise.resolve();
      return test.hub.freezes.inForce().length === 1;
    });
    await held(await test.publish('冻结之后'), 1);
    expect(test.sandbox.accepted()).toHaveLength(1);
    await beat.close();
  });

  it('is not gone round by a publisher that cannot read the ledger: it does not send', async () => {
    await test.connect(0, 1);
    const { freezes } = test.hub;
    test.hub.freezes = { ...freezes, sync: () => Promise.reject(new Error('the ledger is away')) };
    test.start('dispatch', 'record', 'publish');
    const release = await test.publish('读不到账本');
    await test.until('it waits', async () => (await test.rows(release))[0]?.state === 'waiting');
    expect((await test.rows(release))[0]?.recent.at(-1)?.cause?.en).toContain('The ledger cannot be read');
    expect(test.sandbox.accepted()).toHaveLength(0);
  });
});

describe('what is in force and in no ledger yet', () => {
  const workers = ['dispatch', 'record', 'publish'] as const;
  const beside = (): string => `{${test.hub.settings.prefix}}:freezes:unwritten`;

  /** From now on no act can be entered: the next place in the book is taken. Answers how that ends. */
  async function fullBook(): Promise<() => Promise<void>> {
    const { auditHead, auditEntries } = test.hub.store;
    const n = ((await auditHead.findById('head').lean())?.n ?? 0) + 1;
    await auditEntries.create({ _id: 'stray', n, body: '{}', at: new Date(), act: 'x', outcome: 'done' });
    return async () => void (await auditEntries.deleteOne({ _id: 'stray' }));
  }

  async function unwritten(): Promise<{ id: string; end: () => Promise<void> }> {
    const end = await fullBook();
    const { freeze, acknowledgement } = await hold(everything, true);
    expect([freeze.unwritten, acknowledgement?.acknowledged]).toEqual([true, true]);
    return { id: freeze._id, end };
  }

  it('cannot be ordered by whoever may not freeze, nor for what is not there', async () => {
    await fullBook();
    const order = { emergencyToo: false, reason: '停' };
    await expect(desk.freeze({ ...order, scope: everything }, { person: 'nobody' })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const scope = { kind: 'account', account: 'none' } as const;
    await expect(desk.freeze({ ...order, scope }, commander)).rejects.toMatchObject({ code: 'freeze_scope_unknown' });
    expect(await test.hub.redis.exists(beside())).toBe(0);
  });

  it('is thawed by nobody before it is entered, and entered in the name of who ordered it', async () => {
    const { id, end } = await unwritten();
    await expect(desk.askThaw(id, '已核实', second)).rejects.toMatchObject({ code: 'audit_unavailable' });
    await end();
    expect((await desk.askThaw(id, '已核实', commander)).recordedAt).toBeInstanceOf(Date);
    const thawed = await desk.confirmThaw(id, second);
    expect([thawed.thawed?.askedBy, thawed.thawed?.confirmedBy]).toEqual(['commander', 'second']);
    expect(await test.hub.redis.hkeys(beside())).toEqual(['']);
    const [entry] = await test.hub.store.auditEntries.find({ act: 'freeze.set' }).lean();
    expect(entry).toMatchObject({ person: 'commander' });
    expect(JSON.parse(entry?.body ?? '')).toMatchObject({ on: { freeze: id }, after: { late: true } });
  });

  it('is not lifted by whoever takes it out of Redis: who has heard of it holds to it, and lays it down again', async () => {
    await test.connect(0, 2);
    const release = await test.publish('词条被删之后');
    const { id } = await unwritten();
    await test.hub.freezes.sync();
    const mark = `{${test.hub.settings.prefix}}:freezes`;
    const [version = '', run = ''] = ((await test.hub.redis.get(mark)) ?? '').split('|');
    await test.hub.redis.del(beside());
    await test.hub.redis.set(mark, `${version}|${run}|`);
    test.start(...workers);
    await held(release, 2);
    expect(test.sandbox.accepted()).toEqual([]);
    await test.hub.freezes.sync();
    expect(await test.hub.redis.hkeys(beside())).toContain(id);
    await test.hub.redis.del(beside(), mark);
    await test.hub.freezes.sync();
    expect(test.hub.freezes.inForce()).toMatchObject([{ _id: id, unwritten: true }]);
    expect(await test.hub.redis.hkeys(beside())).toContain(id);
  });

  it('stops everything where nobody can have said it, until it is entered and two persons thaw it', async () => {
    await test.connect(0, 1);
    test.start(...workers);
    await desk.list();
    await test.hub.redis.hset(beside(), 'f-forged', 'v1.nothing', '', 'e-forged');
    await test.hub.freezes.sync();
    await held(await test.publish('伪造之后', {}, 'emergency'), 1);
    test.start('clock');
    await test.until('it is entered', async () => (await test.hub.store.freezes.countDocuments()) === 1);
    expect(await desk.list()).toMatchObject([{ _id: 'f-forged', by: 'hub', emergencyToo: true }]);
    expect(test.sandbox.accepted()).toEqual([]);
    await thaw('f-forged');
    await test.until('it goes out', () => Promise.resolve(test.sandbox.accepted().length === 1));
  });

  it('holds nothing once it was thawed, though its word is laid down again', async () => {
    await test.connect(0, 1);
    const { id, end } = await unwritten();
    const word = (await test.hub.redis.hget(beside(), id)) ?? '';
    await end();
    await thaw(id);
    await test.hub.redis.hset(beside(), id, word, '', 'e-replayed');
    test.start(...all);
    await test.settled(await test.publish('重放之后'), 1);
    expect(test.sandbox.accepted()).toHaveLength(1);
  });

  it('is said to be kept nowhere, where Redis cannot be written either', async () => {
    await fullBook();
    const { Redis } = await import('ioredis');
    const redis = new Redis('redis://127.0.0.1:1', {
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      lazyConnect: true,
    });
    redis.on('error', () => undefined);
    const order = { scope: everything, emergencyToo: false, reason: '停' };
    await expect(openFreezeDesk(test.hub, redis, test.hub.settings).freeze(order, commander)).rejects.toMatchObject({
      code: 'freeze_kept_nowhere',
    });
    redis.disconnect();
  });
});

function later(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('what comes due while it is frozen', () => {
  it('leaves with nothing of it: a hundred plans, what waits for another try, and what is to be read back', async () => {
    await test.connect(0, 1);
    test.start(...all);
    await test.settled(await test.publish('已经公开'), 1);
    await test.control('/script', { call: 'post', code: 'busy', times: 1_000 });
    const retried = await test.publish('忙时等待');
    await test.until('it waits', async () => (await test.rows(retried))[0]?.state === 'waiting');
    await command('u1');
    const planned = [];
    for (let n = 0; n < 100; n += 1) {
      const written = await test.write(`第${n}条`);
      const notBefore = new Date(Date.now() + 3_600_000);
      planned.push(await test.orders.publish({ ...written, audience: {}, notBefore, by: 'u1' }));
    }
    await hold();
    // The log of what was taken is emptied with the script.
    await test.control('/reset', {});
    for (const order of planned) await resealed(test.hub, order, { notBefore: new Date(Date.now() - 1_000) });
    await test.hub.store.placements.updateMany({}, { $set: { dueAt: new Date() } });
    for (const release of [...planned.map((order) => order.release), retried]) await held(release, 1);
    expect(test.sandbox.accepted()).toEqual([]);
  }, 120_000);
});

describe('what others post at this hub', () => {
  it('counts as in flight from the ledger’s word until it has ended, and the freeze waits for it', async () => {
    const [account = ''] = await test.connect(0, 1);
    const door = openFreezeDesk(test.hub, test.hub.connect('producer'), test.hub.settings);
    const beat = door.beat('server 1', test.hub.connect('worker'), () => undefined);
    await test.until('the server is heard of', async () => ((await desk.processes()) ?? []).length === 1);
    const [passed, answered] = [later(), later()];
    const post = door.pass(async (isHeld) => {
      const said = await isHeld(account);
      passed.resolve();
      await answered.promise;
      return said;
    });
    await passed.promise;
    const freezing = hold();
    await test.until('the server goes by the freeze', async () =>
      ((await desk.processes()) ?? []).some(
        ({ version, inFlight, remaining }) => version > 0 && inFlight === 1 && remaining === 1,
      ),
    );
    expect(await door.pass((isHeld) => isHeld(account))).toBe(true);
    answered.resolve();
    expect(await post).toBe(false);
    const { acknowledgement } = await freezing;
    expect(acknowledgement).toMatchObject({ acknowledged: true, inFlight: 1, remaining: 0 });
    await beat.close();
  });

  it('is stopped by a freeze that comes while its pictures are fetched: the server says so, and nothing of it is public', async () => {
    const [asked, shown] = [later(), later()];
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const id = await builtinSite('outside');
    const callFor: Hub['callFor'] = (...of) => {
      const call = test.hub.callFor(...of);
      const request: Call['http']['request'] = async () => {
        asked.resolve();
        await shown.promise;
        return { status: 200, headers: {}, body: picture, text: () => '' };
      };
      return { ...call, http: { ...call.http, request } };
    };
    const server = await serve({ ...test.hub, callFor, config: { ...test.hub.config, port: await freePort() } });
    try {
      await test.until('the server is heard of', async () => ((await desk.processes()) ?? []).length === 1);
      const post = fetch(`${server.address}/sites/outside/micropub`, {
        method: 'POST',
        headers: { authorization: 'Bearer a-token-of-the-site' },
        body: new URLSearchParams({ h: 'entry', name: '停发前的通知', photo: 'https://pictures.example.gov.cn/a.png' }),
      });
      await asked.promise;
      const freezing = hold({ kind: 'account', account: id });
      await test.until('the server goes by the freeze', async () =>
        ((await desk.processes()) ?? []).some(({ version, inFlight }) => version > 0 && inFlight === 1),
      );
      shown.resolve();
      expect((await post).status).toBe(503);
      const { acknowledgement } = await freezing;
      expect(acknowledgement).toMatchObject({ acknowledged: true, inFlight: 1, remaining: 0 });
      expect(acknowledgement?.processes[0]?.name).toMatch(/^server /);
      const feed = await fetch(`${server.address}/sites/outside/atom.xml`);
      expect(await feed.text()).not.toContain('停发前的通知');
    } finally {
      await server.close();
    }
    expect(await desk.processes()).toEqual([]);
  });

  /** A site that this hub builds, drawn. */
  async function builtinSite(slug: string): Promise<string> {
    const { store, vault, channels, callFor } = test.hub;
    const channel = channels.get('website');
    if (!channel) throw new Error('there is no website channel');
    const id = `a-${slug}`;
    await store.accounts.create({
      ...{ _id: id, channel: 'website', name: slug, organization: 'province', path: 'province/', region: '350000' },
      ...{ tags: [], enabled: true, credential: { state: 'ok' }, createdAt: new Date() },
      settings: {
        ...{ type: 'builtin', site: slug, siteName: slug, siteDomain: 'www.example.gov.cn', siteIdCode: '1401000001' },
      },
      sealed: vault.seal(id, { token: 'a-token-of-the-site' }),
    });
    const row = await store.accounts.findById(id).lean();
    if (!row) throw new Error('no such account');
    await channel.prepare?.(openAccount(channel, row, '示例省', vault), callFor(channel, new AbortController().signal));
    return id;
  }
});

describe('the publishing processes', () => {
  it('name one that has fallen silent, and forget one of this machine that is no more', async () => {
    const { openPublishers } = await import('../core/queue/publishers.js');
    const publishers = openPublishers(test.hub.redis, test.hub.settings);
    const word = { host: 'elsewhere', pid: 1, version: 0, holds: [], confirmedAt: '', inFlight: 0, remaining: 0 };
    await publishers.say({ ...word, id: 'silent', name: 'publish-9' });
    const { hostname } = await import('node:os');
    await publishers.say({ ...word, id: 'dead', name: 'publish-8', host: hostname(), pid: 2 ** 22 + 1 });
    const key = `{${test.hub.settings.prefix}}:publishers`;
    const text = (await test.hub.redis.hget(key, 'silent')) ?? '';
    await test.hub.redis.hset(
      key,
      'silent',
      `${Number(text.split('|')[0]) - 6_000}|${text.split('|').slice(1).join('|')}`,
    );
    const beat = test.hub.freezes.beat('publish-1', test.hub.connect('worker'), () => undefined);
    await test.until('it is known', async () => (await publishers.known()).some(({ name }) => name === 'publish-1'));
    const { acknowledgement } = await hold();
    const states = acknowledgement?.processes.map(({ name, state }) => `${name} ${state}`).sort();
    expect(states).toEqual(['publish-1 confirmed', 'publish-9 silent']);
    expect(acknowledgement?.acknowledged).toBe(true);
    await beat.close();
    expect((await publishers.known()).map(({ name }) => name)).toEqual(['publish-9']);
  });
});
