import fc from 'fast-check';
import type { Remote } from '../../channels/channel.js';
import {
  loggedId,
  wantedOf,
  type LoggedEvent,
  type Placement,
  type PlacementEvent,
  type Wanted,
} from '../model/placement.js';
import { isFinal, rereads, states } from '../model/states.js';
import { applyEvents } from './apply.js';
import { askedWords, doubtWords, lastClaimed, newestWords, relieved } from './history.js';
import { concluded } from './protocol.js';

const start = new Date('2026-11-24T10:00:00Z');
const after = (seconds: number): Date => new Date(start.getTime() + seconds * 1_000);
const first: Remote = { id: 'p1', url: 'https://w.example/p1' };
const second: Remote = { id: 'p2', url: 'https://w.example/p2' };
const words = { zh: '原因', en: 'the cause' };

type Kind = PlacementEvent['is'];
type Of<K extends Kind> = Extract<PlacementEvent, { is: K }>;
let made = 0;

/** An event of order 1, or of `seq`, one second after the start, or at `at`. */
function event<K extends Kind>(is: K, rest: Omit<Of<K>, 'id' | 'at' | 'by' | 'seq' | 'is'> & Partial<Of<K>>): Of<K> {
  made += 1;
  return { id: `e${made}`, at: after(1), by: 'publish', seq: 1, is, ...rest } as unknown as Of<K>;
}

/** A placement on which these orders were put, nothing done yet. */
function placement(...orders: Wanted[]): Placement {
  const wanted = orders.length > 0 ? orders : [{ seq: 1, revision: 'v1' }];
  return {
    _id: 'r1-a1',
    release: 'r1',
    channel: 'toy',
    account: 'a1',
    organization: 'o1',
    region: '350100',
    lane: 'routine',
    orders: wanted,
    settled: 0,
    open: [],
    doubted: [],
    unsure: [],
    standing: [],
    run: 'run1',
    oldestRun: 'run1',
    state: 'queued',
    since: start,
    dueAt: after(900),
    attempts: 0,
    recent: [],
    version: 0,
  };
}

function applied(row: Placement, ...events: PlacementEvent[]): Placement {
  const next = applyEvents(row, events);
  if (!next) throw new Error('nothing was new');
  return next;
}

const sending = (rest: Partial<Of<'sending'>> = {}) => event('sending', { try: 't1', ...rest });
const accepted = (rest: Partial<Of<'accepted'>> = {}) =>
  event('accepted', { revision: 'v1', remote: first, seen: 'published', dueAt: after(2), ...rest });
const read = (outcome: Of<'read'>['outcome'], rest: Partial<Of<'read'>> = {}) =>
  event('read', { outcome, remote: first, by: 'verify', at: after(3), ...rest });

/** Published under order 1, then order 2 for revision v2, in which nothing is done yet. */
function revised(): Placement {
  const row = applied(placement(), sending(), accepted(), read('verified'));
  const { evidence: _evidence, ...plain } = row;
  return {
    ...plain,
    orders: [...row.orders, { seq: 2, revision: 'v2' }],
    state: 'queued',
    since: after(9),
    attempts: 0,
  };
}

describe('from an order to its end', () => {
  it('goes from queued to verified and keeps every event with the state it led to', () => {
    const row = applied(placement(), sending(), accepted(), read('verified', { cause: words }));
    expect(row).toMatchObject({
      state: 'verified',
      attempts: 1,
      settled: 1,
      open: [],
      standing: [{ seq: 1, revision: 'v1', remote: first, seen: 'published' }],
      evidence: { by: 'machine', at: after(3), said: words },
      version: 1,
    });
    expect(row.recent.map(({ to }) => to)).toEqual(['sending', 'published', 'verified']);
  });

  it('waits where nothing left, until the time that was named, and says of which order something may be out', () => {
    const sent = applied(placement(), sending());
    expect(sent).toMatchObject({ state: 'sending', open: [1], dueAt: after(41) });
    const refused = applied(sent, event('nothing', { then: 'waiting', cause: words, dueAt: after(60) }));
    expect(refused).toMatchObject({ state: 'waiting', open: [], dueAt: after(60) });
    const doubtful = applied(sent, event('unanswered', { dueAt: after(5) }));
    expect(doubtful).toMatchObject({ state: 'waiting', open: [1], dueAt: after(5) });
  });

  it('asks a person, or fails, with the words and the due time of that state', () => {
    const [asked, failed] = (['needs_action', 'failed'] as const).map((then) =>
      applied(placement(), sending(), event('nothing', { then, cause: words, todo: words })),
    );
    expect(asked).toMatchObject({ state: 'needs_action', halt: 'needs_action', dueAt: after(24 * 3600 + 1) });
    expect(failed).toMatchObject({ state: 'failed', halt: 'failed' });
    expect(failed?.dueAt).toBeUndefined();
  });

  it('counts an attempt for each claim of the order that is wanted', () => {
    const waits = (): PlacementEvent => event('nothing', { then: 'waiting' });
    const row = applied(placement(), sending(), waits(), sending({ try: 't2' }), waits(), sending({ try: 't3' }));
    expect(row.attempts).toBe(3);
    expect(applied(revised(), sending({ try: 't9' })).attempts).toBe(0);
  });

  it('is withdrawn where something stood and must not any more, cancelled where nothing ever did', () => {
    const gone = { ...revised(), orders: [{ seq: 1, revision: 'v1' }, { seq: 2 }] };
    expect(applied(gone, event('withdrawn', { seq: 2, remote: 'p1' }))).toMatchObject({
      state: 'withdrawn',
      standing: [],
    });
    const looked = event('looked', { seq: 2, asked: [2], found: [], settles: true });
    const never = placement({ seq: 1, revision: 'v1' }, { seq: 2 });
    expect(applied(never, looked)).toMatchObject({ state: 'cancelled', standing: [] });
  });

  it('is for a person while what lies with the platform is a draft, and goes on when that is published', () => {
    const held = applied(placement(), sending(), accepted({ seen: 'held', todo: words }));
    expect(held).toMatchObject({ state: 'needs_action', dueAt: after(2) });
    expect(applied(held, read('verified'))).toMatchObject({ state: 'verified', standing: [{ seen: 'published' }] });
  });

  it('gives a person words where the same text stands twice', () => {
    const again = event('looked', {
      asked: [1],
      found: [{ seq: 1, revision: 'v1', remote: second, seen: 'published' }],
      settles: true,
    });
    const row = applied(placement(), sending(), accepted(), again);
    expect(row.state).toBe('needs_action');
    expect(row.recent.at(-1)?.cause?.zh).toContain('https://w.example/p1 、 https://w.example/p2');
  });
});

describe('what comes again', () => {
  it('changes nothing, whether all of it comes or a part', () => {
    const events = [sending(), accepted(), read('verified')];
    const once = applied(placement(), ...events);
    expect(applyEvents(once, events)).toBeUndefined();
    expect(applyEvents(once, events.slice(1))).toBeUndefined();
    expect(applied(placement(), ...events, ...events)).toEqual(once);
  });

  it('adds only what is new', () => {
    const [sent, yes, seen] = [sending(), accepted(), read('verified')];
    const row = applied(placement(), sent, yes);
    expect(applied(row, sent, yes, seen).recent.map(({ id }) => id)).toEqual([sent.id, yes.id, seen.id]);
  });

  it('takes a claim that comes after its own outcome as history', () => {
    const late = sending();
    const row = applied(placement(), accepted({ try: 't1' }));
    expect(applied(row, late)).toMatchObject({ state: 'published', open: [] });
    expect(applied(row, late).recent.at(-1)).toMatchObject({ id: late.id, ignored: true, to: 'published' });
    expect(applied(row, sending({ try: 't2' })).open).toEqual([1]);
  });

  it('does not touch the placement it was given', () => {
    const before = placement();
    applied(before, sending(), accepted());
    expect(before).toEqual(placement());
  });
});

describe('an older order', () => {
  it('tells late that its text stands: what is wanted has to be done over it', () => {
    const done = applied(
      placement({ seq: 1, revision: 'v1' }, { seq: 2, revision: 'v2' }),
      accepted({ seq: 2, revision: 'v2', remote: second }),
      read('verified', { seq: 2, remote: second }),
    );
    const late = applied(done, accepted());
    expect(late.standing.map(({ revision }) => revision)).toEqual(['v2', 'v1']);
    expect(late).toMatchObject({ state: 'queued', settled: 2 });
  });

  it('is read no more, and its person, its doubt about an answer and its retry move nothing', () => {
    const row = revised();
    const late = [
      read('mismatch'),
      event('person', {}),
      event('unanswered', { dueAt: after(5) }),
      event('retry', {}),
      event('confirmed', { note: '看到了' }),
      event('denied', { run: 'run9', note: '没有' }),
      event('given_up', { note: '算了' }),
    ];
    const next = applied(row, ...late);
    expect({ ...next, recent: [], version: 0 }).toEqual({ ...row, recent: [], version: 0 });
    expect(next.recent.slice(-late.length)).toEqual(late.map((one) => ({ ...one, to: 'queued', ignored: true })));
  });

  it('does not send anew by its late outcome what a person has given up or must decide', () => {
    const orders = [
      { seq: 1, revision: 'v1' },
      { seq: 2, revision: 'v2' },
    ] as const;
    const asked = event('person', { seq: 2, parked: true });
    const row = applied(placement(...orders), asked);
    const outcomes = [
      accepted(),
      event('looked', { asked: [1], found: [], settles: true }),
      event('withdrawn', { remote: 'p0' }),
      event('nothing', { then: 'waiting' }),
    ];
    for (const outcome of outcomes) {
      expect(applied(row, outcome)).toMatchObject({ state: 'needs_action', parked: true });
      expect(applied(row, event('given_up', { seq: 2, note: '算了' }), outcome).state).toBe('cancelled');
    }
    expect(applied(row, accepted()).standing).toMatchObject([{ revision: 'v1', remote: first }]);
  });

  it('makes way as soon as it ends, whoever was refused meanwhile', () => {
    const row = placement({ seq: 1, revision: 'v1' }, { seq: 2, revision: 'v2' });
    const held = applied(row, sending());
    expect(held).toMatchObject({ state: 'queued', dueAt: row.dueAt, attempts: 0 });
    const ends = [accepted({ at: after(7) }), event('nothing', { then: 'failed', at: after(7) })];
    for (const end of ends) expect(applied(held, end)).toMatchObject({ state: 'queued', dueAt: after(7) });
    // Where the newer one is in hand or waits, it goes its own way.
    const inHand = applied(held, sending({ seq: 2, try: 't2', at: after(5) }));
    const waiting = applied(inHand, event('nothing', { then: 'waiting', seq: 2, dueAt: after(99) }));
    for (const end of ends) {
      expect(applied(inHand, end)).toMatchObject({ state: 'sending', dueAt: inHand.dueAt });
      expect(applied(waiting, end)).toMatchObject({ state: 'waiting', dueAt: after(99) });
    }
  });

  it('keeps the placement open until its own outcome is known', () => {
    const sent = applied(revised(), sending({ try: 't8' }));
    const newer = applied(sent, accepted({ seq: 2, revision: 'v2', replaces: 'p1' }));
    expect(newer).toMatchObject({ state: 'queued', open: [1] });
    const settled = applied(newer, event('looked', { asked: [1], found: [], settles: true, try: 't8' }));
    expect(settled).toMatchObject({ state: 'published', open: [], standing: [{ revision: 'v2' }] });
  });
});

describe('what was read back', () => {
  const out = (): Placement => applied(placement(), sending(), accepted());

  it('alone makes a placement verified', () => {
    const others = [
      accepted(),
      sending({ try: 't5' }),
      read('published', { dueAt: after(9) }),
      read('pending', { dueAt: after(9) }),
      event('looked', { asked: [1], found: [], settles: true }),
      event('confirmed', { note: '看到了' }),
    ];
    for (const other of others) expect(applied(out(), other).state).not.toBe('verified');
    expect(applied(out(), read('verified')).state).toBe('verified');
  });

  it('needs a person where it is not what was signed, and is put right when it is replaced', () => {
    const changed = applied(out(), read('verified'), read('mismatch', { cause: words, todo: words, at: after(600) }));
    expect(changed).toMatchObject({ state: 'needs_action', standing: [{ changed: true }] });
    expect(changed.evidence).toBeUndefined();
    const again = applied(changed, event('retry', { by: 'u1' }));
    expect(again).toMatchObject({ state: 'queued', standing: [{ changed: true }] });
    expect(again.halt).toBeUndefined();
    const put = applied(again, accepted({ replaces: 'p1' }));
    expect(put).toMatchObject({ state: 'published', standing: [{ remote: first }] });
    expect(put.standing[0]?.changed).toBeUndefined();
  });

  it('fails where the platform took it down, and nothing stands then', () => {
    const row = applied(out(), read('rejected', { cause: words }));
    expect(row).toMatchObject({ state: 'failed', standing: [] });
    expect(row.dueAt).toBeUndefined();
  });

  it('adds what it learned of the address, and forgets nothing known before', () => {
    const row = applied(
      placement(),
      accepted({ seen: 'accepted', remote: { id: 'p1', extra: { task: '7' } } }),
      read('verified', { remote: { id: 'p1', url: 'https://w.example/p1', extra: { index: '0' } } }),
    );
    expect(row.standing[0]).toMatchObject({
      seen: 'published',
      remote: { id: 'p1', url: 'https://w.example/p1', extra: { task: '7', index: '0' } },
    });
  });

  it('forgets what a post was looked for by once a reading has given it its own name', () => {
    const row = applied(
      placement(),
      accepted({ seen: 'accepted', remote: { id: 'lf=1', extra: { unlisted: 'yes' } } }),
      read('verified', { remote: { id: '52', url: 'https://w.example/52', extra: { at: 'then' } } }),
    );
    expect(row.standing).toMatchObject([{ remote: { id: '52' } }]);
    expect(row.standing[0]?.remote.extra).toEqual({ at: 'then' });
  });

  it('is read again at ever longer times, and then no more', () => {
    let row = applied(out(), read('verified'));
    const due: number[] = [];
    while (row.dueAt) {
      due.push((row.dueAt.getTime() - after(3).getTime()) / 1_000);
      row = applied(row, read('verified', { at: row.dueAt }));
    }
    expect(due).toEqual([...rereads]);
    expect(row).toMatchObject({ state: 'verified', since: after(3) });
  });

  it('stays verified where a later reading says nothing new, and where an old claim ends late', () => {
    const row = applied(out(), read('verified'));
    const nothingNew = [
      read('pending', { at: after(603), dueAt: after(604) }),
      event('nothing', { then: 'waiting', at: after(5) }),
      event('looked', { asked: [], found: [], by: 'verify' }),
    ];
    for (const one of nothingNew)
      expect(applied(row, one)).toMatchObject({ state: 'verified', evidence: row.evidence });
  });

  it('does not touch what is to be sent, what failed and what was given up', () => {
    const rows = [
      placement(),
      applied(placement(), event('nothing', { then: 'failed' })),
      applied(placement(), event('given_up', { note: '算了' })),
    ];
    for (const row of rows) {
      const next = applied(row, read('verified'));
      expect(next.state).toBe(row.state);
      expect(next.recent.at(-1)?.ignored).toBe(true);
    }
  });
});

describe("a person's word", () => {
  const asked = (): Placement => applied(placement(), sending(), event('unanswered', {}), event('person', {}));
  const word = { by: 'u7', at: after(30) };

  it('alone makes a placement confirmed, with name, time and address, and settles all doubt', () => {
    const url = 'https://w.example/seen';
    const row = applied(asked(), event('confirmed', { url, note: '已在客户端看到', ...word }));
    expect(row).toMatchObject({
      state: 'confirmed',
      open: [],
      settled: 1,
      standing: [{ revision: 'v1', remote: { url }, seen: 'published' }],
      evidence: { by: 'person', who: 'u7', at: after(30), note: '已在客户端看到', url },
    });
    for (const other of [
      accepted(),
      read('published'),
      event('retry', {}),
      event('looked', { asked: [1], found: [], settles: true }),
    ])
      expect(applied(asked(), other).state).not.toBe('confirmed');
  });

  it('is read back all the same where there is an address: soon, then thinning out', () => {
    const row = applied(asked(), event('confirmed', { url: 'https://w.example/1', note: '看到', ...word }));
    expect(row.dueAt).toEqual(after(31));
    const pending = applied(row, read('pending', { at: after(31), dueAt: after(33) }));
    expect(pending).toMatchObject({ state: 'confirmed', dueAt: after(30 + (rereads[0] ?? 0)) });
    expect(applied(pending, read('verified', { at: after(700) })).state).toBe('verified');
    expect(applied(asked(), event('confirmed', { note: '看到', ...word })).dueAt).toBeUndefined();
  });

  it('says of a withdrawal that it is gone', () => {
    const row = applied(
      { ...revised(), orders: [{ seq: 1, revision: 'v1' }, { seq: 2 }] },
      event('person', { seq: 2 }),
    );
    const gone = applied(row, event('confirmed', { seq: 2, note: '已删除', ...word }));
    expect(gone).toMatchObject({ state: 'withdrawn', standing: [], open: [] });
  });

  it('about a text that was to be put in the place of another says that the other is gone, where that was asked in one act', () => {
    const url = 'https://w.example/new';
    const held = (instead: Remote['instead']): Placement =>
      applied(
        revised(),
        accepted({ seq: 2, revision: 'v2', remote: { id: 'p2', ...(instead && { instead }) }, seen: 'held' }),
      );
    const told = event('confirmed', { seq: 2, url, note: '已更换', ...word });
    expect(held(undefined)).toMatchObject({ state: 'needs_action', standing: [{ revision: 'v1' }, { seen: 'held' }] });
    expect(applied(held(undefined), told)).toMatchObject({ state: 'queued', standing: [{ remote: first }, {}] });
    const asked = held([{ id: 'p1', title: '旧文' }]);
    expect(asked.standing).toHaveLength(2);
    expect(applied(asked, told)).toMatchObject({ state: 'confirmed', standing: [{ revision: 'v2', remote: { url } }] });
  });

  it('that came while the older text still stood holds once that is taken away, not once what was seen is', () => {
    const beside = [accepted({ seq: 2, revision: 'v2', remote: second, seen: 'published' })];
    const seen = applied(revised(), ...beside, event('confirmed', { seq: 2, by: 'zhang', note: '看到' }));
    expect(seen.state).not.toBe('confirmed');
    const alone = applied(seen, event('withdrawn', { seq: 2, remote: 'p1' }));
    expect(alone).toMatchObject({ state: 'confirmed', evidence: { by: 'person', who: 'zhang' } });
    const copies = applied(alone, accepted({ seq: 2, try: 't5', revision: 'v2', remote: { id: 'p3' } }));
    expect(copies.state).toBe('needs_action');
    const other = applied(copies, event('withdrawn', { seq: 2, remote: 'p2' }));
    expect([other.state, other.evidence]).toEqual(['published', undefined]);
  });

  it('about what the clock ends is looked at then, whether there is an address or not', () => {
    const held = applied(
      placement(),
      accepted({ remote: { id: 'p1', ends: after(500).toISOString() }, seen: 'held', dueAt: after(60) }),
    );
    const row = applied(held, event('confirmed', { note: '看到', ...word }));
    expect(row).toMatchObject({ state: 'confirmed', dueAt: after(500) });
    expect(applied(row, read('pending', { at: after(500), dueAt: after(900) })).dueAt).not.toEqual(after(500));
    const over = applied(row, read('mismatch', { at: after(500), cause: words, todo: words }));
    expect(over).toMatchObject({ state: 'needs_action', standing: [{ changed: true }] });
    expect(applied(over, event('confirmed', { note: '已撤下', ...word, at: after(600) })).dueAt).toBeUndefined();
  });

  it('that nothing is out lets it be sent, under the Redis in which it was said', () => {
    const row = applied(asked(), event('denied', { run: 'run9', note: '没有发出', ...word }));
    expect(row).toMatchObject({
      state: 'queued',
      open: [],
      doubted: [],
      run: 'run9',
      oldestRun: 'run9',
      dueAt: after(30),
    });
    expect(row.halt).toBeUndefined();
  });

  it('to give it up ends it, and to retry begins anew from there', () => {
    const row = applied(asked(), event('given_up', { note: '不发了', ...word }));
    expect(row).toMatchObject({ state: 'cancelled' });
    expect(row.dueAt).toBeUndefined();
    expect(applied(row, event('retry', { by: 'u7' })).state).toBe('queued');
  });

  it('counts of two persons at once: who saw it published is believed over who gave it up', () => {
    const [seen, up] = [event('confirmed', { note: '看到', ...word }), event('given_up', { note: '算了', ...word })];
    expect(applied(asked(), up, seen).state).toBe('confirmed');
    expect(applied(asked(), seen, up).state).toBe('confirmed');
  });

  it('comes too late where the machine has read it back meanwhile', () => {
    const row = applied(placement(), sending(), accepted({ seen: 'held' }), read('verified'));
    const late = [event('confirmed', { note: '看到', ...word }), event('given_up', { note: '算了', ...word })];
    expect(applied(row, ...late)).toMatchObject({ state: 'verified', evidence: { by: 'machine' } });
  });
});

describe('lying for a person', () => {
  const parked = (): Placement =>
    applied(placement(), sending(), event('nothing', { then: 'needs_action', parked: true, todo: words }));

  it('stays parked through a reminder and a look that finds nothing', () => {
    const reminder = event('person', { by: 'clock', cause: words, at: after(90_000) });
    const look = event('looked', { asked: [], found: [], by: 'verify', at: after(90_000) });
    for (const one of [reminder, look])
      expect(applied(parked(), one)).toMatchObject({ state: 'needs_action', parked: true });
  });

  it('is not called back to a person by a reminder that crosses the retry', () => {
    const retried = applied(parked(), event('retry', { by: 'u1' }));
    const reminder = event('person', { by: 'clock', cause: words, at: after(90_000) });
    expect(applied(retried, reminder)).toMatchObject({ state: 'queued' });
    expect(applied(retried, reminder).halt).toBeUndefined();
  });

  it('goes on when it is retried, parked no more', () => {
    const row = applied(parked(), event('retry', { by: 'clock' }));
    expect(row.state).toBe('queued');
    expect(row.parked).toBeUndefined();
  });

  it('asks where the platform cannot tell of an earlier order, once what is wanted stands', () => {
    const doubt = event('doubt', { about: [1], seq: 2, cause: words, todo: words });
    const row = applied(revised(), sending({ seq: 2, try: 't2' }), doubt);
    expect(row).toMatchObject({ state: 'sending', doubted: [1] });
    const done = applied(row, accepted({ seq: 2, revision: 'v2', replaces: 'p1' }));
    expect(done).toMatchObject({ state: 'needs_action', open: [1], doubted: [1] });
    const told = applied(done, event('looked', { asked: [1], found: [], seq: 2 }));
    expect(told).toMatchObject({ state: 'published', open: [], doubted: [] });
  });
});

describe('whatever comes, in whatever order and however often', () => {
  const orders: Wanted[] = [
    { seq: 1, revision: 'v1' },
    { seq: 2, revision: 'v2' },
    { seq: 3 },
    { seq: 4, revision: 'v3', over: true },
  ];
  const seqs = fc.integer({ min: 1, max: 4 });
  const remotes = fc.constantFrom<Remote>(first, second, { id: 'p3' }, { id: 'p4', alias: 'p3' });
  const seen = fc.constantFrom('held', 'accepted', 'published');
  const frame = {
    id: fc.integer({ min: 0, max: 40 }).map((n) => `e${n}`),
    at: fc.integer({ min: 0, max: 10 }).map((n) => after(n * 300)),
    by: fc.constantFrom('publish', 'verify', 'clock', 'callback', 'u1'),
    seq: seqs,
    try: fc.constantFrom('t1', 't2', 't3'),
  };
  const stood = fc
    .record({ seq: seqs, remote: remotes, seen })
    .map((entry) => ({ ...entry, revision: `v${Math.min(3, entry.seq)}` }));
  const flag = fc.constant(true as const);
  const some = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }, optional: object = {}) =>
    fc
      .tuple(fc.record({ ...frame, ...shape }), fc.record(optional, { requiredKeys: [] }))
      .map(([given, more]) => ({ ...given, ...more }) as unknown as PlacementEvent);
  const of = <K extends Kind>(is: K) => ({ is: fc.constant(is) });
  const events = fc.oneof(
    some(of('sending')),
    some(
      { ...of('accepted'), revision: fc.constantFrom('v1', 'v2', 'v3'), remote: remotes, seen },
      { replaces: fc.constantFrom('p1', 'p2') },
    ),
    some({ ...of('withdrawn'), remote: fc.constantFrom('p1', 'p2', 'p3') }),
    some(
      { ...of('looked'), asked: fc.array(seqs, { maxLength: 3 }), found: fc.array(stood, { maxLength: 2 }) },
      { settles: flag },
    ),
    some({ ...of('nothing'), then: fc.constantFrom('waiting', 'failed', 'needs_action') }, { parked: flag }),
    some(of('unanswered'), { dueAt: fc.constant(after(60)) }),
    some({ ...of('doubt'), about: fc.array(seqs, { minLength: 1, maxLength: 2 }) }),
    some(of('person'), { parked: flag }),
    some(
      {
        ...of('read'),
        remote: remotes,
        outcome: fc.constantFrom('verified', 'published', 'pending', 'mismatch', 'rejected', 'ask'),
      },
      { dueAt: fc.constant(after(60)) },
    ),
    some({ ...of('confirmed'), note: fc.constant('看到') }, { url: fc.constant('https://w.example/seen') }),
    some({ ...of('denied'), run: fc.constant('run2'), note: fc.constant('没有') }),
    some({ ...of('given_up'), note: fc.constant('算了') }),
    some(of('retry')),
  );
  const streams = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.array(events, { maxLength: 40 }));
  const all = (row: Placement, stream: readonly PlacementEvent[]): Placement => applyEvents(row, stream) ?? row;
  const runs = { numRuns: 500 };

  it('keeps each event once, and comes to the same whether they come one by one, together, or twice over', () => {
    fc.assert(
      fc.property(streams, ([count, stream]) => {
        const row = placement(...orders.slice(0, count));
        const together = all(row, stream);
        const oneByOne = stream.reduce((sofar, one) => all(sofar, [one]), row);
        expect({ ...oneByOne, version: 0 }).toEqual({ ...together, version: 0 });
        expect({ ...all(row, [...stream, ...stream]), version: 0 }).toEqual({ ...together, version: 0 });
        expect(applyEvents(together, stream)).toBeUndefined();
        expect(new Set(together.recent.map(({ id }) => id))).toEqual(new Set(stream.map(({ id }) => id)));
        expect(together.recent).toHaveLength(new Set(together.recent.map(({ id }) => id)).size);
      }),
      runs,
    );
  });

  it('remembers the last claim of another try, however often one try claimed', () => {
    const claim = (id: string, token: string) => sending({ id, try: token });
    const events = [claim('e2', 't2'), claim('e1', 't1'), claim('e3', 't1'), claim('e4', 't1'), claim('e5', 't1')];
    let row = placement(...orders.slice(0, 1));
    for (const event of events) row = relieved(row, applyEvents(row, [event]) ?? row).row;
    expect(row.past?.count).toBeGreaterThan(2);
    expect(lastClaimed(row, 't1')).toEqual(events[0]?.at);
  });

  it('comes to the same where the row lets go of its older events, which the log then holds, once each', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 5 }), ([count, stream], atOnce) => {
        let row = placement(...orders.slice(0, count));
        const whole = all(row, stream);
        const log = new Map<string, LoggedEvent>();
        const record = (some: readonly PlacementEvent[]): void => {
          const next = applyEvents(
            row,
            some.filter(({ id }) => !log.has(loggedId(row._id, id))),
          );
          if (!next) return;
          const lighter = relieved(row, next);
          for (const one of lighter.logged) log.set(one._id, one);
          row = lighter.row;
          expect(row.recent.length).toBeLessThanOrEqual(Math.max(4, atOnce));
        };
        for (let at = 0; at < stream.length; at += atOnce) record(stream.slice(at, at + atOnce));
        const { past: _past, ...plain } = row;
        const older = [...log.values()].sort((one, other) => one.n - other.n);
        expect(older.map(({ n }) => n)).toEqual(older.map((_, n) => n));
        expect([...older.map(({ event: one }) => one), ...row.recent]).toEqual(whole.recent);
        expect({ ...plain, version: 0 }).toEqual({ ...whole, recent: row.recent, version: 0 });
        for (const remembered of [newestWords, askedWords, doubtWords])
          expect(remembered(row)).toEqual(remembered(whole));
        for (const token of ['t1', 't2', 't3']) expect(lastClaimed(row, token)).toEqual(lastClaimed(whole, token));
        const before = row;
        record(stream);
        expect(row).toBe(before);
      }),
      runs,
    );
  });

  it('leaves the row in a state of the table, with a time to look again where that is not final', () => {
    fc.assert(
      fc.property(streams, ([count, stream]) => {
        const row = all(placement(...orders.slice(0, count)), stream);
        expect(states).toContain(row.state);
        if (!isFinal(row.state)) expect(row.dueAt).toBeInstanceOf(Date);
        expect(row.recent.at(-1)?.to ?? 'queued').toBe(row.state);
        if (row.halt) expect(row.state).toBe(row.halt);
      }),
      runs,
    );
  });

  it('says that it is out only where what is wanted stands, alone and surely, and how that is known', () => {
    fc.assert(
      fc.property(streams, ([count, stream]) => {
        const row = all(placement(...orders.slice(0, count)), stream);
        const { revision } = wantedOf(row);
        if (['accepted', 'published', 'verified', 'confirmed'].includes(row.state)) {
          expect(row.state === 'accepted' ? ['done', 'unseen'] : ['done']).toContain(concluded(row));
          expect(row.standing.some((entry) => entry.revision === revision && !entry.changed)).toBe(true);
        }
        const came = (is: Kind): boolean => row.recent.some((one) => one.is === is && !one.ignored);
        const last = (is: Kind): boolean =>
          row.recent.some((one) => one.is === is && !one.ignored && one.to === row.state);
        if (row.state === 'verified') expect([last('read'), row.evidence?.by]).toEqual([true, 'machine']);
        if (row.state === 'confirmed') {
          // A person's word that came while the older text still stood holds once that is taken away.
          const led = last('confirmed') || (came('confirmed') && last('withdrawn'));
          expect([led, row.evidence?.by]).toEqual([true, 'person']);
        }
        if (row.state === 'withdrawn') expect(row.standing.every((entry) => entry.revision !== revision)).toBe(true);
        expect(row.doubted.every((seq) => row.open.includes(seq))).toBe(true);
      }),
      runs,
    );
  });
});
