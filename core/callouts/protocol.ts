/**
 * The protocol of a callout: one list of what a unit is to do, and one ladder of people for it. Every decision about it as a pure function from the row to the next one, without clock or
 * store. Each is written under the row's version, so that of a receipt and an escalation in the same instant one is
 * decided upon what the other has left. Undefined: nothing changes. Intervals are lengths of time, counted in ms.
 */
import type { PlatformWords, Said } from '../../channels/channel.js';
import type { Callout, Called, CalloutEvent, CalloutItem, CalloutMessage, Receipt } from '../model/callout.js';
import type { Rung } from '../duty/roster.js';

const minute = 60_000;
/** How long a claim on a message holds, ms: longer than any one way may take to answer. */
export const lease = 60_000;
/**
 * ms that a list is gathered before anybody is told of it: accounts of one unit fall silent within seconds of each other,
 * and nobody gets a message for each.
 */
export const gathering = 3_000;
/** Tries of one message, and ms before each but the first. */
export const mostTries = 3;
const pauses = [5_000, 20_000];

/** What became of one try. `again`: it may be tried once more. `doubted`: it may have landed all the same. */
export type Outcome =
  | { is: 'accepted'; platform?: PlatformWords }
  | { is: 'failed'; cause: Said; platform?: PlatformWords; again: boolean; doubted?: true }
  /** It left, and whether it arrived nobody can tell: never sent again. */
  | { is: 'unknown'; cause: Said };

export type NewCallout = Omit<
  Callout,
  'state' | 'releases' | 'passed' | 'stepAt' | 'messages' | 'receipts' | 'happened' | 'dueAt' | 'version'
>;

export function begun(made: NewCallout): Callout {
  const nothing = { passed: [], messages: [], receipts: [] };
  const happened: CalloutEvent[] = made.items.map(({ id }) => ({ at: made.at, is: 'made', item: id }));
  const stepAt = new Date(made.at.getTime() + gathering);
  return due({ ...made, ...nothing, releases: releasesOf(made.items), happened, state: 'calling', stepAt, version: 1 });
}

const releasesOf = (items: readonly CalloutItem[]): string[] => [...new Set(items.map(({ release }) => release))];

/**
 * More joins the list. Whoever has been told of the newest step is told once more, of all that came meanwhile, and nobody
 * more often than once a minute; what is still queued for them says it already.
 */
export function joined(row: Callout, more: readonly CalloutItem[], now: Date): Callout | undefined {
  const fresh = more.filter(({ id }) => row.items.every((item) => item.id !== id));
  if (row.state !== 'calling' || row.open === undefined || fresh.length === 0) return undefined;
  const items = [...row.items, ...fresh];
  const happened = fresh.map(({ id }): CalloutEvent => ({ at: now, is: 'joined', item: id }));
  const next: Callout = { ...row, items, releases: releasesOf(items), happened: [...row.happened, ...happened] };
  for (const { to, way } of newestCalls(row)) {
    const theirs = next.messages.filter((one) => one.kind === 'call' && one.way === way && isSame(one.to, to));
    if (theirs.some(({ state }) => state === 'queued')) continue;
    const last = Math.max(...theirs.map((one) => one.dueAt.getTime()));
    const dueAt = new Date(Math.max(now.getTime() + gathering, last + minute));
    const n = next.messages.length + 1;
    next.messages = [...next.messages, { n, kind: 'call', to, way, state: 'queued', dueAt, tries: 0 }];
  }
  return written(next);
}

/** Those of the newest step. */
function newestCalls({ messages }: Callout): CalloutMessage[] {
  const calls = messages.filter(({ kind }) => kind === 'call');
  const newest = calls.at(-1)?.to;
  return calls.filter(({ to }) => to.unit === newest?.unit && to.step === newest.step);
}

/** The next step that anybody stands on has its turn; empty ones are passed at once. */
export function stepped(row: Callout, ladder: readonly Rung[], now: Date): Callout | undefined {
  if (row.state !== 'calling' || !row.stepAt || row.stepAt > now) return undefined;
  const next: Callout = { ...row, passed: [...row.passed], happened: [...row.happened] };
  delete next.stepAt;
  for (const rung of ladder) {
    const key = `${rung.unit}/${rung.step}`;
    if (next.passed.includes(key)) continue;
    next.passed.push(key);
    if (rung.people.length === 0) {
      next.happened.push({ at: now, is: 'skipped', unitName: rung.unitName, step: rung.step });
      continue;
    }
    next.messages = [...row.messages, ...callsOf(rung, row.messages.length, now)];
    for (const { called } of rung.people)
      next.happened.push({ at: now, is: 'called', name: called.name, unitName: rung.unitName, step: rung.step });
    next.stepAt = new Date(now.getTime() + Math.max(row.minutes, latestOf(rung) + 1) * minute);
    return written(next);
  }
  next.exhausted = true;
  // What comes later begins a ladder of its own.
  delete next.open;
  next.happened.push({ at: now, is: 'exhausted' });
  return written(next);
}

/** Minutes until the last way of a step is used: an event template may give a step less than a roster was made for, and each way has its turn all the same. */
function latestOf({ people }: Rung): number {
  return Math.max(-1, ...people.flatMap(({ told }) => told.map(({ after }) => after)));
}

function callsOf({ people }: Rung, before: number, now: Date): CalloutMessage[] {
  const wished = people.flatMap(({ called, told }) => told.map((one) => ({ called, ...one })));
  return wished.map(({ called: to, by: way, after }, place) => ({
    n: before + place + 1,
    kind: 'call',
    to,
    way,
    state: 'queued',
    dueAt: new Date(now.getTime() + after * minute),
    tries: 0,
  }));
}

/** Claims what is due: whoever writes this first sends it. A claim that has run out is taken over. */
export function taken(row: Callout, now: Date, token: string): { row: Callout; mine: CalloutMessage[] } | undefined {
  const until = new Date(now.getTime() + lease);
  const mine: CalloutMessage[] = [];
  const messages = row.messages.map((one) => {
    const free =
      one.state === 'queued' || (one.state === 'sending' && one.claim !== undefined && one.claim.until <= now);
    if (!free || one.dueAt > now) return one;
    // Who held it before has told nothing: it may have left.
    const doubted = (one.doubted ?? one.state === 'sending') && { doubted: true as const };
    const claimed: CalloutMessage = {
      ...one,
      ...doubted,
      state: 'sending',
      tries: one.tries + 1,
      claim: { token, until },
    };
    // Under the first claim of all it leaves for the first time.
    claimed.sentAt ??= now;
    mine.push(claimed);
    return claimed;
  });
  return mine.length === 0 ? undefined : { row: written({ ...row, messages }), mine };
}

/**
 * What became of a try. A try whose claim was taken over is too late for anything but a yes: that is true whoever heard
 * it first.
 */
export function ended(row: Callout, n: number, token: string, outcome: Outcome, now: Date): Callout | undefined {
  const message = row.messages.find((one) => one.n === n);
  if (message?.state !== 'sending') return undefined;
  if (message.claim?.token !== token && outcome.is !== 'accepted') return undefined;
  const next: Callout = { ...row, happened: [...row.happened] };
  const { claim: _claim, ...open } = message;
  const about = { at: now, name: message.to.name, way: message.way, message: n };
  switch (outcome.is) {
    case 'accepted':
      put(next, {
        ...open,
        state: 'accepted',
        acceptedAt: now,
        ...(outcome.platform && { platform: outcome.platform }),
      });
      next.happened.push({ ...about, is: 'accepted' });
      break;
    case 'unknown':
      put(next, { ...open, state: 'unknown', stumbled: true, cause: outcome.cause });
      next.happened.push({ ...about, is: 'unknown', cause: outcome.cause });
      break;
    case 'failed': {
      const { cause, platform } = outcome;
      const again = outcome.again && message.tries < mostTries && isWaitedFor(row, message);
      put(next, {
        ...open,
        state: again ? 'queued' : outcome.doubted ? 'unknown' : 'failed',
        stumbled: true,
        cause,
        ...(platform && { platform }),
        ...(outcome.doubted && { doubted: true }),
        ...(again && { dueAt: new Date(now.getTime() + (pauses[message.tries - 1] ?? minute)) }),
      });
      next.happened.push({ ...about, is: 'failed', cause });
    }
  }
  callOff(next, now);
  if (row.state !== 'calling') standDown(next, now);
  else if (isHopeless(next)) next.stepAt = now;
  return written(next);
}

/** Nobody of the newest step has been reached by any way: waiting out its time would wait for nobody. */
function isHopeless(row: Callout): boolean {
  const same = newestCalls(row);
  if (same.length === 0 || !row.stepAt) return false;
  return same.every(({ state, stumbled }) => stumbled && state !== 'accepted' && state !== 'sending');
}

function isWaitedFor(row: Callout, { kind }: CalloutMessage): boolean {
  return kind === 'stand-down' || row.state === 'calling';
}

/** The link was opened by hand. */
export function opened(row: Callout, n: number, now: Date): Callout | undefined {
  const message = row.messages.find((one) => one.n === n);
  if (!message || message.openedAt) return undefined;
  const next: Callout = { ...row, happened: [...row.happened] };
  put(next, { ...message, openedAt: now });
  next.happened.push({ at: now, is: 'opened', name: message.to.name, message: n });
  return written(next);
}

export type Given = Pick<Receipt, 'name' | 'url' | 'words' | 'picture'>;

/** Whether this link has answered for this already: it does so once. */
export function hasAnswered({ receipts }: Callout, n: number, item: string): boolean {
  return receipts.some((one) => one.message === n && one.item === item);
}

/**
 * Somebody answers by the link of message `n`, for one thing on the list. Where all have answered who had to, it has its
 * answer; where nothing is open any more, nothing more goes to that place: what is queued is withdrawn, and superiors who
 * were told meanwhile are told that it is done. Comes it when nobody waits for it any more, it is kept with its time, and
 * nothing follows.
 */
export function answered(row: Callout, n: number, of: string, given: Given, now: Date): Callout | undefined {
  const message = row.messages.find((one) => one.n === n);
  const item = row.items.find(({ id }) => id === of);
  if (!message || !item || hasAnswered(row, n, of)) return undefined;
  const { to } = message;
  const late = row.state !== 'calling' || item.state !== 'open';
  const receipt: Receipt = {
    at: now,
    item: of,
    message: n,
    ...given,
    unit: to.unit,
    ...(to.person !== undefined && { person: to.person }),
    ...(late && { late: true as const }),
  };
  const next: Callout = {
    ...row,
    receipts: [...row.receipts, receipt],
    happened: [...row.happened, { at: now, is: late ? 'late' : 'receipt', name: given.name, message: n, item: of }],
  };
  put(next, { ...message, receiptAt: message.receiptAt ?? now });
  if (late) return written(next);
  if (isSatisfied(next, of)) {
    close(next, [of], 'answered');
    next.settleAt = now;
    next.happened.push({ at: now, is: 'answered', item: of });
  }
  // Whoever has the whole list before them needs no further message by another way.
  if (next.items.every(({ id, state }) => state !== 'open' || hasWordOf(next, to, id)))
    withdraw(next, (one) => isSame(one.to, to));
  conclude(next, now);
  return written(next);
}

/** Of these nobody needs to answer any more: the machine has read them back, a person has settled them, or they were cancelled. */
export function over(row: Callout, items: readonly string[], cause: Said, now: Date): Callout | undefined {
  const ended = row.items.filter(({ id, state }) => items.includes(id) && state === 'open').map(({ id }) => id);
  if (ended.length === 0) return undefined;
  const next: Callout = { ...row, happened: [...row.happened] };
  close(next, ended, 'over');
  for (const item of ended) next.happened.push({ at: now, is: 'over', item, cause });
  conclude(next, now);
  return written(next);
}

/**
 * The warnings of these have ended by the clock before anybody put them there: nobody is called for them any more, and
 * whoever was told to do it is told once, by each way, not to.
 */
export function calledOff(row: Callout, ends: ReadonlyMap<string, Date>, cause: Said, now: Date): Callout | undefined {
  const ended = row.items.filter(({ id, state }) => ends.has(id) && state === 'open').map(({ id }) => id);
  if (ended.length === 0) return undefined;
  const next: Callout = { ...row, happened: [...row.happened] };
  close(next, ended, 'over');
  next.items = next.items.map((item) => {
    const at = ended.includes(item.id) ? ends.get(item.id) : undefined;
    return at ? { ...item, ended: at } : item;
  });
  for (const item of ended) next.happened.push({ at: now, is: 'over', item, cause });
  callOff(next, now);
  conclude(next, now);
  return written(next);
}

/** Who may have read that an item asks for them, and has not answered it, is told that it does not any more: once by each way, however often this is asked. */
function callOff(row: Callout, now: Date): void {
  const ended = row.items.filter((item) => item.ended).map(({ id }) => id);
  if (ended.length === 0) return;
  const calls = row.messages.filter(
    ({ kind, state }) => kind === 'call' && (state === 'accepted' || state === 'unknown'),
  );
  for (const { to, way } of calls) {
    const theirs = row.messages.filter((one) => one.way === way && isSame(one.to, to));
    const known = new Set(theirs.flatMap((one) => one.ended ?? []));
    const told = ended.filter((id) => theirs.some((one) => one.kind === 'call' && listed(row, one, id)));
    const left = told.filter((id) => !known.has(id) && !hasWordOf(row, to, id));
    if (left.length === 0) continue;
    const n = row.messages.length + 1;
    row.messages = [
      ...row.messages,
      { n, kind: 'stand-down', ended: left, to, way, state: 'queued', dueAt: now, tries: 0 },
    ];
    row.happened.push({ at: now, is: 'withdrawn', name: to.name, way, message: n });
  }
}

/** What was on the list as the message left stands in it. */
function listed({ happened }: Callout, { sentAt, state }: CalloutMessage, item: string): boolean {
  const since = happened.find((one) => (one.is === 'made' || one.is === 'joined') && one.item === item)?.at;
  return (
    (state === 'accepted' || state === 'unknown') && sentAt !== undefined && since !== undefined && since <= sentAt
  );
}

function close(row: Callout, ids: readonly string[], state: 'answered' | 'over'): void {
  row.items = row.items.map((item) => {
    if (!ids.includes(item.id)) return item;
    return { ...item, state, ...(state === 'answered' && { owed: true as const }) };
  });
}

/** The ladder ends with the last open thing of its list. */
function conclude(row: Callout, now: Date): void {
  if (row.state !== 'calling' || row.items.some(({ state }) => state === 'open')) return;
  row.state = row.items.some(({ state }) => state === 'answered') ? 'answered' : 'over';
  delete row.open;
  end(row, now);
}

/** The ledger knows what was said of this. */
export function settled(row: Callout, item: string): Callout {
  const items = row.items.map((one): CalloutItem => {
    if (one.id !== item) return one;
    const { owed: _owed, ...rest } = one;
    return rest;
  });
  const { settleAt, ...next } = row;
  const isOwed = items.some(({ owed }) => owed);
  return { ...next, items, ...(isOwed && settleAt && { settleAt }), version: row.version + 1 };
}

function hasWordOf({ messages, receipts }: Callout, to: Called, item: string): boolean {
  return receipts.some((one) => {
    const by = messages.find(({ n }) => n === one.message)?.to;
    return one.item === item && by !== undefined && isSame(by, to);
  });
}

/** Where some must answer themselves, all of them who were told; else anybody. */
function isSatisfied(row: Callout, item: string): boolean {
  const must = row.messages.filter(({ kind, to }) => kind === 'call' && to.required);
  return must.length > 0
    ? must.every(({ to }) => hasWordOf(row, to, item))
    : row.receipts.some((one) => one.item === item);
}

function end(row: Callout, now: Date): void {
  delete row.stepAt;
  withdraw(row, () => true);
  standDown(row, now);
}

/** What is queued for these is not sent. */
function withdraw(row: Callout, whose: (message: CalloutMessage) => boolean): void {
  row.messages = row.messages.map((one) =>
    one.state === 'queued' && one.kind === 'call' && whose(one) ? { ...one, state: 'withdrawn' } : one,
  );
}

/** No superior is left waiting: each who may have been told and has not answered is told that it is done, once by each way. */
function standDown(row: Callout, now: Date): void {
  // They were told that all of it has ended.
  if (row.items.every(({ ended }) => ended)) return;
  const told = row.messages.filter(
    ({ kind, to, state }) => kind === 'call' && to.level > 0 && (state === 'accepted' || state === 'unknown'),
  );
  for (const { to, way, receiptAt } of told) {
    const known = row.messages.some(
      (one) => one.kind === 'stand-down' && !one.ended && one.way === way && isSame(one.to, to),
    );
    const hasAnswered = receiptAt !== undefined || row.messages.some((one) => one.receiptAt && isSame(one.to, to));
    if (known || hasAnswered) continue;
    const n = row.messages.length + 1;
    row.messages = [...row.messages, { n, kind: 'stand-down', to, way, state: 'queued', dueAt: now, tries: 0 }];
    row.happened.push({ at: now, is: 'withdrawn', name: to.name, way, message: n });
  }
}

function isSame(one: Called, other: Called): boolean {
  return one.unit === other.unit && one.name === other.name && one.person === other.person;
}

function put(row: Callout, message: CalloutMessage): void {
  row.messages = row.messages.map((one) => (one.n === message.n ? message : one));
}

function written(row: Callout): Callout {
  return due({ ...row, version: row.version + 1 });
}

/** When the clock looks at it next. */
function due(row: Callout): Callout {
  const times = [
    row.stepAt,
    ...row.messages.map(({ state, dueAt, claim }) =>
      state === 'queued' ? dueAt : state === 'sending' ? claim?.until : undefined,
    ),
  ].flatMap((one) => one?.getTime() ?? []);
  const next = { ...row };
  if (times.length > 0) next.dueAt = new Date(Math.min(...times));
  else delete next.dueAt;
  return next;
}
