import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { newId } from '../ids.js';
import type { PlacementEvent } from '../model/placement.js';
import { claimVerdict, doorVerdict, type Claim } from '../placements/protocol.js';
import { openClaims, type ClaimAnswer, type ClaimBook, type Granted, type Outcome } from './claims.js';
import type { RedisSettings } from './connection.js';
import { freezeKey, redisKey } from './keys.js';
import { openEventStream, type StreamEntry } from './events.js';
import { openFreezeVersion } from './freeze-version.js';
import { startRedisChild } from './redis-child.js';
import { openRun, runSince } from './run.js';

const settings = { url: process.env['TEST_REDIS_URL'] ?? '', prefix: newId('t') };
const redis = new Redis(settings.url);
const claims = openClaims(redis, settings);
const stream = openEventStream(redis, settings, 'routine');
const run = openRun(redis, settings);

/** The freezes in force are those of this version, and none of them holds anything. */
const unfrozen = { freezes: 1, edition: '', frozen: false };

async function raise(version: number, connection = redis, where: RedisSettings = settings): Promise<void> {
  const mark = openFreezeVersion(connection, where);
  expect(await mark.raise(version, await mark.run())).toBe(true);
}

beforeAll(async () => {
  await stream.open();
  await run();
  await raise(1);
});
afterAll(async () => {
  const keys = await redis.keys(`{${settings.prefix}}*`);
  if (keys.length > 0) await redis.del(...keys);
  await redis.quit();
});

const at = new Date('2026-11-24T10:00:00Z');
const ended: Outcome['ends'] = { closes: [1], settle: 0 };
let made = 0;

/** A placement that no other test knows, of a release of its own. */
function fresh(): string {
  made += 1;
  return `r${made}-a1`;
}

function happened(seq = 1): PlacementEvent {
  return { id: newId('e'), is: 'unanswered', at, by: 'publish', seq };
}

function outcome(placement: string, token: string, ends?: Outcome['ends'], seq = 1): Outcome {
  return { placement, token, event: happened(seq), ...(ends && { ends }) };
}

async function claim(token: string, placement: string, seq = 1, lease = 60): Promise<ClaimAnswer> {
  const [answer] = await claims.claim(token, [{ placement, seq }], lease, at);
  if (!answer) throw new Error('no answer');
  return answer;
}

async function granted(token: string, placement: string, seq = 1, lease = 60): Promise<Granted> {
  const answer = await claim(token, placement, seq, lease);
  if (answer.verdict !== 'granted') throw new Error(answer.verdict);
  return answer;
}

async function door(token: string, placement: string, seq = 1): Promise<string> {
  return claims.door({ placement, token, seq, run: await run(), ...unfrozen }, 60);
}

/** A worker that let something out and was never heard of again. */
async function died(token: string, placement: string, seq = 1): Promise<void> {
  await granted(token, placement, seq);
  expect(await door(token, placement, seq)).toBe('open');
  await claims.renew(token, [placement], 0);
}

const busy = { verdict: 'busy', older: false };
const older = { verdict: 'busy', older: true };

const keyOf = (placement: string): string => redisKey(settings, 'claims', placement.split('-')[0] ?? '');
const pendingOf = async (placement: string): Promise<number> => (await claims.pending([placement]))[0] ?? -1;

async function written(): Promise<StreamEntry[]> {
  return stream.read('reader', { count: 1_000, blockMs: 1, unconfirmed: false });
}

describe('claiming', () => {
  it('gives a placement to one worker at a time, whatever the order', async () => {
    const placement = fresh();
    expect(await claim('a', placement)).toMatchObject({ verdict: 'granted', known: false, pending: 0, left: [] });
    expect(await claim('b', placement)).toEqual(busy);
    expect(await claim('b', placement, 2)).toEqual(older);
  });

  it('gives it to one of twenty workers that race for it', async () => {
    const placement = fresh();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => claim(`w${n}`, placement)));
    expect(answers.filter(({ verdict }) => verdict === 'granted')).toHaveLength(1);
    expect(answers.filter(({ verdict }) => verdict === 'busy')).toHaveLength(19);
  });

  it('refuses an older order for ever after a newer one was claimed or only told of', async () => {
    const [one, other] = [fresh(), fresh()];
    await granted('a', one, 3, 0);
    await claims.fence([{ placement: other, seq: 3 }]);
    for (const placement of [one, other]) {
      expect(await claim('b', placement, 2)).toEqual({ verdict: 'overtaken' });
      expect(await claim('b', placement, 3)).toMatchObject({ verdict: 'granted', known: true });
    }
  });

  it('tells what workers that died may have left: what went through the door, and nothing of one that never came so far', async () => {
    const placement = fresh();
    await died('dead', placement, 1);
    await granted('dead before the door', placement, 2, 0);
    await died('dead too', placement, 3);
    expect(await granted('next', placement, 3)).toMatchObject({ known: true, left: [1, 3] });
  });

  it('answers in the order asked, over several releases, and grants once what is asked twice', async () => {
    const [held, one, other] = [fresh(), fresh(), fresh()];
    await granted('a', held);
    const requests = [other, held, one, other].map((placement) => ({ placement, seq: 1 }));
    const answers = await claims.claim('b', requests, 60, at);
    expect(answers.map(({ verdict }) => verdict)).toEqual(['granted', 'busy', 'granted', 'busy']);
  });

  it('writes that it is being sent in the same step, for those granted alone', async () => {
    await stream.confirm(await written());
    const release = fresh().split('-')[0] ?? '';
    const requests = [1, 3].map((seq) => ({ placement: `${release}-a${seq}`, seq }));
    await claims.claim('a', requests, 60, at);
    await claims.claim('b', requests, 60, at);
    const events = (await written()).flatMap((entry) => entry.events);
    expect(events).toEqual(
      requests.map(({ placement, seq }) => ({
        placement,
        event: { id: 's-a', is: 'sending', at, by: 'publish', seq, try: 'a' },
      })),
    );
  });

  it('is known for a month after the last word about it', async () => {
    const placement = fresh();
    const month = 30 * 86_400;
    const touches = [
      () => granted('a', placement),
      () => claims.say([outcome(placement, 'a', ended)]),
      () => claims.fence([{ placement, seq: 9 }]),
    ];
    for (const touch of touches) {
      await touch();
      expect(await redis.ttl(keyOf(placement))).toBeGreaterThan(month - 60);
      await redis.expire(keyOf(placement), 60);
    }
  });

  it('tells under which Redis, and since when that has been up', async () => {
    const { run: of } = await granted('a', fresh());
    expect(of).toBe(await run());
    expect(of).toMatch(/^[0-9a-f]{16}-\d{16}$/);
    expect(runSince(of).getTime()).toBeLessThanOrEqual(Date.now());
  });
});

describe('the door', () => {
  it('is open to the holder, and to nobody else', async () => {
    const placement = fresh();
    await granted('a', placement);
    expect([await door('a', placement), await door('b', placement)]).toEqual(['open', 'lost']);
    expect(await door('a', fresh())).toBe('lost');
  });

  it('closes as soon as something newer is wanted, while the claim is still held', async () => {
    const placement = fresh();
    await granted('a', placement);
    await claims.fence([{ placement, seq: 2 }]);
    expect(await door('a', placement)).toBe('overtaken');
    expect(await claim('b', placement, 2)).toEqual(older);
  });

  it('closes everywhere as soon as the whole release is called off, also where the placement is made only later', async () => {
    const [release, other] = [newId('r'), fresh()];
    await granted('a', `${release}-a1`);
    await claims.callOff(release, 2);
    await claims.callOff(release, 1);
    await granted('a', `${release}-a2`);
    await granted('a', other);
    expect([await door('a', `${release}-a1`), await door('a', `${release}-a2`)]).toEqual(['called_off', 'called_off']);
    expect(await door('a', other)).toBe('open');
    await claims.fence([{ placement: `${release}-a1`, seq: 2 }]);
    expect(await door('a', `${release}-a1`)).toBe('overtaken');
    await claims.release('a', [`${release}-a1`]);
    await granted('b', `${release}-a1`, 2);
    expect(await door('b', `${release}-a1`, 2)).toBe('open');
  });

  it('stays as it is where a fence is older than what is known', async () => {
    const placement = fresh();
    await granted('a', placement, 5);
    await claims.fence([{ placement, seq: 4 }]);
    expect(await door('a', placement, 5)).toBe('open');
  });

  it('leaves the claim as long again as a request may take', async () => {
    const placement = fresh();
    await granted('a', placement, 1, 20);
    const until = async (): Promise<number> => Number((await redis.hget(keyOf(placement), 'a1'))?.split('|')[2]);
    const before = await until();
    expect(await door('a', placement)).toBe('open');
    expect((await until()) - before).toBeGreaterThan(30_000);
  });

  it('is closed to whoever comes after the end of the claim, though nobody took it over', async () => {
    const placement = fresh();
    await granted('a', placement, 1, 0);
    expect(await door('a', placement)).toBe('lost');
    const other = fresh();
    await granted('a', other);
    await claims.release('a', [other]);
    expect(await door('a', other)).toBe('lost');
  });

  it('answers each of many that ask within one turn, over several releases', async () => {
    const [open, newer, foreign] = [fresh(), fresh(), fresh()];
    for (const placement of [open, newer]) await granted('a', placement);
    await granted('b', foreign);
    await claims.fence([{ placement: newer, seq: 2 }]);
    const of = await run();
    const ask = (placement: string, under = of) =>
      claims.door({ placement, token: 'a', seq: 1, run: under, ...unfrozen }, 60);
    const answers = await Promise.all([ask(newer), ask(open), ask(foreign), ask(open, 'another'), ask(open)]);
    expect(answers).toEqual(['overtaken', 'open', 'lost', 'run', 'open']);
  });
});

describe('holding', () => {
  it('is renewed for the holder alone, and never after its end', async () => {
    const [placement, over] = [fresh(), fresh()];
    await granted('a', placement, 1, 1_000);
    await claims.renew('b', [placement], 0);
    expect(await claim('c', placement)).toEqual(busy);
    await claims.renew('a', [placement], 0);
    expect(await claim('c', placement)).toMatchObject({ verdict: 'granted' });
    await granted('a', over, 1, 0);
    await claims.renew('a', [over], 60);
    expect(await claim('c', over)).toMatchObject({ verdict: 'granted' });
  });

  it('is given back without a word by the holder alone, and what may have left is still known', async () => {
    const placement = fresh();
    await died('dead', placement, 1);
    await granted('a', placement);
    await claims.release('b', [placement]);
    expect(await claim('c', placement)).toEqual(busy);
    await claims.release('a', [placement]);
    expect(await granted('c', placement)).toMatchObject({ left: [1], pending: 0 });
  });
});

describe('saying what came of it', () => {
  it('frees the placement for the next at once, with what is closed closed and the outcome on its way', async () => {
    const placement = fresh();
    await granted('a', placement);
    await door('a', placement);
    await claims.say([outcome(placement, 'a', ended)]);
    expect(await granted('b', placement)).toMatchObject({ known: true, pending: 1, left: [] });
  });

  it('keeps open what may be under way, and says until when', async () => {
    const placement = fresh();
    await died('dead', placement, 1);
    await granted('a', placement, 2);
    await door('a', placement, 2);
    await claims.say([outcome(placement, 'a', { closes: [2], settle: 300 }, 2)]);
    const next = await granted('b', placement, 2);
    expect(next.left).toEqual([1]);
    expect(next.until.getTime()).toBeGreaterThan(Date.now() + 200_000);
  });

  it('goes on holding where the word is not the last', async () => {
    const placement = fresh();
    await granted('a', placement);
    await claims.say([outcome(placement, 'a')]);
    expect([await door('a', placement), await pendingOf(placement)]).toEqual(['open', 1]);
  });

  it('takes two outcomes of one placement in one step: both are on their way, and the claim ends', async () => {
    await stream.confirm(await written());
    const [placement, other] = [fresh(), fresh()];
    await granted('a', placement);
    await door('a', placement);
    const both = [outcome(placement, 'a'), outcome(placement, 'a', ended)];
    await claims.say([both[0], outcome(other, 'x'), both[1]].filter((one) => one !== undefined));
    expect(await claims.pending([placement, other, placement])).toEqual([2, 1, 2]);
    expect(await granted('b', placement)).toMatchObject({ left: [] });
    const told = (await written()).flatMap(({ events }) => events).filter((one) => one.placement === placement);
    expect(told.map(({ event }) => event.id).slice(1)).toEqual([...both.map(({ event }) => event.id), 's-b']);
  });

  it('too late, after somebody else has claimed it, still reaches the ledger and leaves the new claim alone', async () => {
    await stream.confirm(await written());
    const placement = fresh();
    await died('slow', placement, 1);
    await granted('quick', placement, 2);
    const late = outcome(placement, 'slow', { closes: [1, 2], settle: 0 });
    await claims.say([late]);
    const ids = (await written()).flatMap(({ events }) => events.map(({ event }) => event.id));
    expect(ids).toContain(late.event.id);
    expect(await door('quick', placement, 2)).toBe('open');
    expect(await claim('third', placement, 2)).toEqual(busy);
    await claims.release('quick', [placement]);
    expect(await granted('third', placement, 2)).toMatchObject({ left: [1, 2], pending: 1 });
  });

  it('brings every word to the ledger as it was said, times and all', async () => {
    await stream.confirm(await written());
    const placement = fresh();
    const event: PlacementEvent = {
      ...happened(),
      is: 'accepted',
      revision: 'v1',
      remote: { id: '90071992547409931', url: 'https://w.example/1', extra: { 'a|b': '，"' } },
      seen: 'accepted',
      dueAt: new Date(at.getTime() + 30_000),
      cause: { zh: '已接收', en: 'accepted' },
    };
    await claims.tell([{ placement, event }]);
    expect((await written()).flatMap(({ events }) => events)).toEqual([{ placement, event }]);
  });
});

describe('what others tell', () => {
  it('is on its way into the ledger, and takes nobody their claim', async () => {
    const [held, unknown] = [fresh(), fresh()];
    await granted('a', held);
    await claims.tell([held, unknown].map((placement) => ({ placement, event: happened() })));
    await claims.tell([]);
    expect(await claims.pending([held, unknown])).toEqual([1, 1]);
    expect(await door('a', held)).toBe('open');
    expect(await claim('b', unknown)).toMatchObject({ verdict: 'granted', known: true, pending: 1 });
  });
});

describe("on a person's word", () => {
  it('what may have left is forgotten, for a dead claim with its time', async () => {
    const placement = fresh();
    await granted('dead', placement);
    await door('dead', placement);
    await claims.say([outcome(placement, 'dead', { closes: [], settle: 300 })]);
    expect(await claims.forget(placement)).toBe(await run());
    const next = await granted('next', placement);
    expect(next).toMatchObject({ left: [], pending: 1 });
    expect(next.until.getTime()).toBe(0);
  });

  it('a living claim goes on, and a placement never claimed stays so', async () => {
    const [held, never] = [fresh(), fresh()];
    await granted('a', held);
    await claims.forget(held);
    expect([await door('a', held), await claim('b', held)]).toEqual(['open', busy]);
    await claims.forget(never);
    expect(await granted('b', never)).toMatchObject({ known: false });
  });
});

describe('on the way into the ledger', () => {
  it('nothing is pending exactly when record has confirmed all of it', async () => {
    await stream.confirm(await written());
    const placement = fresh();
    await granted('a', placement);
    await claims.say([outcome(placement, 'a')]);
    await claims.say([outcome(placement, 'a', ended)]);
    await claims.tell([{ placement, event: happened() }]);
    const left = [3, 2, 1, 0];
    for (const entry of await written()) {
      // The claim itself is known from the claim: it counts for nothing.
      if (entry.events.some(({ event }) => event.is !== 'sending')) left.shift();
      await stream.confirm([entry]);
      expect(await pendingOf(placement)).toBe(left[0]);
    }
    expect(left).toEqual([0]);
  });

  it('is counted once where two recorders confirm the same entry, and never below nothing', async () => {
    await stream.confirm(await written());
    const placement = fresh();
    await claims.tell([{ placement, event: happened() }]);
    const entries = await written();
    await claims.tell([{ placement, event: happened() }]);
    await Promise.all([stream.confirm(entries), stream.confirm(entries), stream.confirm(entries)]);
    expect(await pendingOf(placement)).toBe(1);
    const rest = await written();
    await redis.hset(keyOf(placement), 'a1', '1||0|0||0');
    await stream.confirm(rest);
    expect(await pendingOf(placement)).toBe(0);
  });

  it('leaves fence, holder and what may have left as they are', async () => {
    await stream.confirm(await written());
    const placement = fresh();
    await died('dead', placement, 1);
    await granted('a', placement, 2);
    await door('a', placement, 2);
    await claims.say([outcome(placement, 'a', undefined, 2)]);
    const before = await redis.hget(keyOf(placement), 'a1');
    await stream.confirm(await written());
    expect(await redis.hget(keyOf(placement), 'a1')).toBe(before?.replace('|1|1,2|2', '|0|1,2|2'));
  });

  it('whatever is said, told and confirmed in whatever order: pending is what is said and not confirmed', async () => {
    const [a, b, c] = [fresh(), fresh(), fresh()];
    const places = [a, b, `${c.split('-')[0] ?? ''}-a1`, `${c.split('-')[0] ?? ''}-a2`];
    const place = fc.integer({ min: 0, max: 3 });
    const acts = fc.array(
      fc.oneof(
        fc.record({ does: fc.constant('say' as const), of: fc.array(place, { minLength: 1, maxLength: 4 }) }),
        fc.record({ does: fc.constant('claim' as const), of: fc.array(place, { minLength: 1, maxLength: 2 }) }),
        fc.record({ does: fc.constant('confirm' as const), most: fc.integer({ min: 1, max: 3 }), twice: fc.boolean() }),
      ),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(acts, async (list) => {
        await stream.confirm(await written());
        const said = new Map(places.map((one) => [one, 0]));
        const count = (one: string, by: number): unknown => said.set(one, (said.get(one) ?? 0) + by);
        for (const act of list) {
          if (act.does === 'say') {
            const those = act.of.map((n) => places[n] ?? a);
            await claims.say(those.map((one) => outcome(one, 'w')));
            for (const one of those) count(one, 1);
          } else if (act.does === 'claim') {
            await claims.claim(
              'w',
              act.of.map((n) => ({ placement: places[n] ?? a, seq: 1 })),
              0,
              at,
            );
          } else {
            const entries = await stream.read('reader', { count: act.most, blockMs: 1, unconfirmed: false });
            await Promise.all([stream.confirm(entries), ...(act.twice ? [stream.confirm(entries)] : [])]);
            for (const { placement, event } of entries.flatMap(({ events }) => events))
              if (event.is !== 'sending') count(placement, -1);
          }
          expect(await claims.pending(places)).toEqual(places.map((one) => said.get(one)));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('as core/placements/protocol.ts decides', () => {
  const tokens = ['', 'a', 'b'];
  const arbitrary = fc.record({
    fence: fc.integer({ min: 0, max: 4 }),
    token: fc.constantFrom(...tokens),
    /** Seconds from now; far from it, so that no slow machine decides. */
    ends: fc.constantFrom(-1_000, 1_000),
    pending: fc.integer({ min: 0, max: 3 }),
    left: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
    /** The order that the holder is or was at. */
    seq: fc.integer({ min: 0, max: 4 }),
  });
  type Stored = Omit<Claim, 'until'> & { ends: number; seq: number };
  const many = fc.array(fc.option(arbitrary, { nil: undefined }), { minLength: 1, maxLength: 12 });
  const untilOf = ({ ends }: Stored, now: number): number => Math.max(0, now + ends * 1_000);
  const claimOf = (stored: Stored | undefined, now: number): Claim | undefined =>
    stored && {
      fence: stored.fence,
      token: stored.token,
      until: untilOf(stored, now),
      pending: stored.pending,
      left: stored.left,
    };

  /** Writes claims as the scripts do, one placement each. */
  async function store(release: string, list: readonly (Stored | undefined)[], now: number): Promise<string[]> {
    await redis.del(redisKey(settings, 'claims', release));
    const fields = list.flatMap((stored, n) => {
      if (!stored) return [];
      const { fence, token, pending, left, seq } = stored;
      return [`a${n}`, [fence, token, untilOf(stored, now), pending, left.join(','), seq].join('|')];
    });
    if (fields.length > 0) await redis.hset(redisKey(settings, 'claims', release), ...fields);
    return list.map((_, n) => `${release}-a${n}`);
  }

  it('claims are granted and refused, and a granted one answers what it was and holds', async () => {
    const release = newId('r');
    await fc.assert(
      fc.asyncProperty(
        many,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 }),
        async (list, seqs) => {
          const now = Date.now();
          const placements = await store(release, list, now);
          const requests = placements.map((placement, n) => ({ placement, seq: seqs[n] ?? 1 }));
          const answers = await claims.claim('new', requests, 60, at);
          const kept = await redis.hgetall(redisKey(settings, 'claims', release));
          list.forEach((stored, n) => {
            const before = claimOf(stored, now);
            const { seq = 1 } = requests[n] ?? {};
            const verdict = claimVerdict(before, { seq, now });
            const text = kept[`a${n}`] ?? '';
            if (verdict !== 'granted') {
              const older = (stored?.seq ?? 0) < seq;
              expect(answers[n]).toEqual(verdict === 'busy' ? { verdict, older } : { verdict });
              expect(text.split('|').slice(0, 2)).toEqual([String(stored?.fence), stored?.token]);
              return;
            }
            const { pending = 0, left = [], until = 0 } = before ?? {};
            expect(answers[n]).toEqual({
              verdict,
              known: before !== undefined,
              pending,
              left,
              until: new Date(until),
              run: expect.any(String),
            });
            const [fence, token, , ...rest] = text.split('|');
            expect([fence, token, ...rest]).toEqual([seq, 'new', pending, left.join(','), seq].map(String));
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('the door opens, and says from then on that something may have left; by closing it changes nothing', async () => {
    const release = newId('r');
    const asked = fc.record({
      token: fc.constantFrom('a', 'b'),
      seq: fc.integer({ min: 1, max: 4 }),
      same: fc.boolean(),
      freezes: fc.integer({ min: 1, max: 2 }),
      edition: fc.constantFrom('', 'e1'),
      frozen: fc.boolean(),
      // Far enough from now that no run of this decides it.
      ends: fc.constantFrom(undefined, -60_000, 60_000),
    });
    const twelve = fc.array(asked, { minLength: 12, maxLength: 12 });
    const calls = fc.integer({ min: 0, max: 5 });
    const marks = fc.option(
      fc.record({
        version: fc.integer({ min: 1, max: 2 }),
        edition: fc.constantFrom('', 'e1'),
        same: fc.boolean(),
      }),
      { nil: undefined },
    );
    await fc.assert(
      fc.asyncProperty(many, twelve, marks, calls, async (list, asks, written, calledOff) => {
        const [now, of] = [Date.now(), await run()];
        const mark = written && { ...written, run: written.same ? of : 'another' };
        if (mark) await redis.set(freezeKey(settings, 0), `${mark.version}|${mark.run}|${mark.edition}`);
        else await redis.del(freezeKey(settings, 0));
        const placements = await store(release, list, now);
        if (calledOff > 0) await claims.callOff(release, calledOff);
        const key = redisKey(settings, 'claims', release);
        const before = await redis.hgetall(key);
        const requests = placements.map((placement, n) => {
          const { token = 'a', seq = 1, same = true, freezes = 1, edition = '', frozen = false, ends } = asks[n] ?? {};
          const until = ends === undefined ? undefined : now + ends;
          return { placement, token, seq, run: same ? of : 'another', freezes, edition, frozen, until };
        });
        const answers = await Promise.all(requests.map((request) => claims.door(request, 60)));
        expect(answers).toEqual(
          requests.map(({ placement: _, run: claimedRun, until, ...request }, n) =>
            doorVerdict(claimOf(list[n], now), { ...request, now, run: of, claimedRun, calledOff, until, mark }),
          ),
        );
        const after = await redis.hgetall(key);
        requests.forEach(({ seq }, n) => {
          const [was, is] = [before, after].map((all) => all[`a${n}`]?.split('|'));
          if (answers[n] !== 'open') return expect(is).toEqual(was);
          const left = new Set([...(list[n]?.left ?? []), seq]);
          expect(new Set(is?.[4]?.split(',').map(Number))).toEqual(left);
          return expect([0, 1, 3, 5].map((part) => is?.[part])).toEqual([0, 1, 3, 5].map((part) => was?.[part]));
        });
      }),
      { numRuns: 150 },
    );
  });
});

describe('where Redis is lost', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-claims-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function withRedis<T>(
    act: (book: ClaimBook, connection: Redis, where: RedisSettings) => Promise<T>,
  ): Promise<T> {
    const child = await startRedisChild(folder, () => undefined);
    const connection = new Redis(child.url);
    try {
      const where = { url: child.url, prefix: 'lost' };
      return await act(openClaims(connection, where), connection, where);
    } finally {
      await connection.quit();
      await child.stop();
    }
  }

  it('the door is closed to whoever claimed before, by its run after a restart, by its claim after a flush', async () => {
    const runOf = async (book: ClaimBook, token: string): Promise<string> => {
      const [answer] = await book.claim(token, [{ placement: 'r1-a1', seq: 1 }], 600, at);
      expect(answer).toMatchObject({ verdict: 'granted', known: false });
      return answer && 'run' in answer ? answer.run : '';
    };
    const before = await withRedis(async (book, connection, where) => {
      const of = await runOf(book, 'a');
      await raise(1, connection, where);
      return of;
    });
    await withRedis(async (book, connection, where) => {
      const ask = (of: string, token = 'a') =>
        book.door({ placement: 'r1-a1', token, seq: 1, run: of, ...unfrozen }, 60);
      expect(await ask(before)).toBe('run');
      await connection.flushall();
      expect(await ask(before)).toBe('lost');
      // Whoever claims then is under another run, though the server is the same.
      const after = await runOf(book, 'b');
      await connection.flushall();
      const last = await runOf(book, 'b');
      expect(new Set([before, after, last]).size).toBe(3);
      expect(await ask(after, 'b')).toBe('run');
      // What Redis knew of the freezes is gone with it: nobody is let through on what was true before.
      expect(await ask(last, 'b')).toBe('stale');
      await raise(1, connection, where);
      expect(await ask(last, 'b')).toBe('open');
    });
  });
});
