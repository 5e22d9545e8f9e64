/** How an event changes a placement: a pure function, so that replaying the stream changes nothing twice. */
import { wantedOf, type EventWords, type Placement, type PlacementEvent, type Stands } from '../model/placement.js';
import { deadlines, isFinal, isTodo, mayMove, rereads, type PlacementState } from '../model/states.js';
import { doubtWords, hasEnded, hasStoodBefore, newestWords, tellsOfText } from './history.js';
import { concluded, happen, isSame, judged } from './protocol.js';
import { isAskedWhy, takenOut, whyOf } from './why.js';

/** Hand-outs of one order that follow one another at once. */
const mostAtOnce = 12;

/**
 * Applies events in order and returns the changed placement, or undefined where all of them are known already. The row
 * itself knows its `recent` ones; those that are in the log the caller leaves out (see history.ts). What belongs to an order that nobody waits for any more still tells what stands; it moves nothing else.
 */
export function applyEvents(placement: Placement, events: readonly PlacementEvent[]): Placement | undefined {
  const known = new Set(placement.recent.map((event) => event.id));
  const fresh = events.filter((event) => !known.has(event.id) && known.add(event.id));
  if (fresh.length === 0) return undefined;
  // Not by a spread: an object that begins as one is slow to give another field (see outcomes.ts).
  const next: Placement = Object.assign({}, placement, {
    recent: [...placement.recent],
    version: placement.version + 1,
  });
  for (const event of fresh) applyOne(next, event);
  return next;
}

function applyOne(row: Placement, event: PlacementEvent): void {
  const ignored = !takes(row, event);
  if (ignored) {
    row.recent.push({ ...event, to: row.state, ignored: true });
    return;
  }
  change(row, event);
  const to = stateAfter(row, event);
  if (!mayMove(row.state, to)) throw new Error(`a placement may not move from ${row.state} to ${to}`);
  const stays = row.state === to;
  const words = (to === 'needs_action' && !event.todo) || to === 'accepted' ? wordsFor(row, event) : undefined;
  row.recent.push(Object.assign({}, event, words, { to }));
  const due = dueAfter(row, event, to);
  if (!stays) row.since = event.at;
  row.state = to;
  if (isAskedWhy(to)) row.why = whyOf(newestWords(row));
  else if (to === 'cancelled' && wantedOf(row).stops) row.why = takenOut;
  else delete row.why;
  if (due) row.dueAt = due;
  else delete row.dueAt;
}

/** What is out always counts; what only moves the state counts for the order that is wanted. */
function takes(row: Placement, event: PlacementEvent): boolean {
  const current = event.seq === wantedOf(row).seq;
  switch (event.is) {
    case 'sending':
      // Its outcome is here already, by way of another recorder.
      return !hasEnded(row, event.try);
    case 'read':
      return current && !isTodo(row.state) && row.state !== 'failed' && row.state !== 'cancelled';
    case 'confirmed':
      // What the machine has read back meanwhile is better known.
      return current && row.state !== 'verified';
    case 'given_up':
      // What is out meanwhile cannot be given up.
      return current && (row.state === 'needs_action' || isTodo(row.state));
    case 'person':
      // A reminder is no news of a try: whoever has asked for a retry meanwhile is not called back.
      return current && (event.by !== 'clock' || row.state === 'needs_action');
    case 'denied':
    case 'retry':
    case 'unanswered':
      return current;
    default:
      return true;
  }
}

function change(row: Placement, event: PlacementEvent): void {
  const current = event.seq === wantedOf(row).seq;
  switch (event.is) {
    case 'sending':
      if (current) row.attempts += 1;
      happen(row, event);
      return;
    case 'accepted':
    case 'owed': {
      if (current) resume(row);
      const { seq, revision, remote, seen } = event;
      const stands: Stands = { seq, revision, remote, seen };
      if (event.is === 'owed') stands.owed = true;
      happen(row, { is: 'accepted', seq, stands, replaces: event.replaces });
      if (!isEvidenced(row)) delete row.evidence;
      if (event.is === 'owed' && current) leave(row, event);
      return;
    }
    case 'withdrawn': {
      if (current) resume(row);
      const { standing } = row;
      happen(row, event);
      // What was known of the wanted text may have been about the copy that is gone.
      const { revision } = wantedOf(row);
      const isGone = (entry: Stands): boolean => entry.revision === revision && !row.standing.includes(entry);
      if (standing.some(isGone)) delete row.evidence;
      return;
    }
    case 'looked':
      // A look that finds nothing new takes nothing off a person's list.
      if (current && (event.settles || event.found.length > 0)) resume(row);
      happen(row, { ...event, settles: event.settles === true });
      return;
    case 'nothing':
      happen(row, event);
      if (!current) return;
      resume(row);
      leave(row, event);
      return;
    case 'doubt':
      happen(row, event);
      return;
    case 'person':
      row.halt = 'needs_action';
      if (event.parked) row.parked = true;
      return;
    case 'unanswered':
      return;
    case 'read':
      read(row, event);
      return;
    case 'confirmed':
      confirm(row, event);
      return;
    case 'denied':
      resume(row);
      Object.assign(row, {
        open: [],
        doubted: [],
        run: event.run,
        oldestRun: event.run,
        settled: Math.max(row.settled, row.orders.at(-2)?.seq ?? 0),
      });
      return;
    case 'given_up':
      giveUp(row);
      return;
    case 'retry':
      resume(row);
      return;
  }
}

/** The machine is at it again. An older order's late outcome is no reason to: it tells what stands, and who waits goes on waiting. */
function resume(row: Placement): void {
  delete row.halt;
  delete row.parked;
  delete row.frozen;
}

/** The machine leaves it alone, where that is what becomes of it. */
function leave(row: Placement, event: Extract<PlacementEvent, { is: 'nothing' | 'owed' }>): void {
  if (event.then !== 'waiting') row.halt = event.then;
  if (event.parked) row.parked = true;
  if (event.is !== 'nothing' || event.frozen === undefined) return;
  row.frozen = event.frozen;
  // However long a freeze lasts, it has cost no attempt.
  row.attempts = Math.max(0, row.attempts - 1);
}

/** What is out cannot be given up, only what is still owed of it. */
function giveUp(row: Placement): void {
  const { revision } = wantedOf(row);
  const isOwed = (entry: Stands): boolean => entry.revision === revision && entry.owed === true;
  if (!row.standing.some(isOwed)) {
    row.halt = 'cancelled';
    return;
  }
  resume(row);
  row.standing = row.standing.map((entry) => {
    if (!isOwed(entry)) return entry;
    const { owed: _owed, ...rest } = entry;
    return rest;
  });
}

function isEvidenced(row: Placement): boolean {
  return row.state === 'verified' || row.state === 'confirmed';
}

function read(row: Placement, event: Extract<PlacementEvent, { is: 'read' }>): void {
  const entry = row.standing.find(({ remote }) => isSame(remote, event.remote)) ?? row.standing.at(-1);
  if (!entry) return;
  const put = (next: Stands): void => {
    row.standing = row.standing.map((one) => (one === entry ? next : one));
  };
  // Under another name it is known otherwise: what the channel noted to find the first by would mislead it.
  const { extra: known, ...before } = entry.remote;
  const extra = { ...(before.id === event.remote.id && known), ...event.remote.extra };
  const remote = { ...before, ...event.remote, ...(Object.keys(extra).length > 0 && { extra }) };
  const { changed: _changed, ...plain } = entry;
  switch (event.outcome) {
    case 'verified':
      if (!entry.owed) resume(row);
      put({ ...plain, remote, seen: 'published' });
      row.evidence = { by: 'machine', at: event.at, said: event.cause ?? { zh: '已读回。', en: 'Read back.' } };
      return;
    case 'published':
      if (!entry.owed) resume(row);
      put({ ...plain, remote, seen: 'published' });
      return;
    case 'mismatch':
      put({ ...entry, changed: true });
      delete row.evidence;
      row.halt = 'needs_action';
      return;
    case 'rejected':
      row.standing = row.standing.filter((one) => one !== entry);
      delete row.evidence;
      row.halt = 'failed';
      return;
    case 'ask':
      row.halt = 'needs_action';
      return;
    case 'pending':
      return;
  }
}

/**
 * A person's word settles all doubt: what is wanted stands, at the address given where there is one. Where it was known
 * beside an older text, that one is still to be taken away, unless the person was told to do both in one act.
 */
function confirm(row: Placement, event: Extract<PlacementEvent, { is: 'confirmed' }>): void {
  resume(row);
  const { seq, stops } = wantedOf(row);
  // Where it was taken out, what somebody saw is the text before.
  const { revision } = (stops && row.orders.findLast((order) => order.revision !== undefined)) || wantedOf(row);
  const before = row.standing.find((entry) => entry.revision === revision);
  const { url } = event;
  const remote = { id: url ?? '', ...before?.remote, ...(url !== undefined && { url }) };
  const isOlder = (entry: Stands): boolean =>
    before !== undefined &&
    entry.revision !== revision &&
    !isSame(entry.remote, before.remote) &&
    !before.remote.instead?.some(({ id }) => id === entry.remote.id);
  const older = row.standing.filter(isOlder);
  Object.assign(row, {
    open: [],
    doubted: [],
    settled: seq,
    standing: revision === undefined ? [] : [...older, { seq, revision, remote, seen: 'published' } satisfies Stands],
    evidence: {
      by: 'person',
      who: event.by,
      at: event.at,
      note: event.note,
      ...(url !== undefined && { url }),
      ...(event.picture !== undefined && { picture: event.picture }),
    },
  });
}

/** What a person is to do where the ledger alone has come to a conclusion that only a person can mend. */
function wordsFor(row: Placement, event: PlacementEvent): EventWords | undefined {
  if (row.halt) return undefined;
  const conclusion = concluded(row);
  if (conclusion === 'unseen') return { cause: event.cause ?? oldStands };
  if (conclusion === 'doubt') {
    const { cause, todo } = doubtWords(row);
    return { ...(cause && { cause }), ...(todo && { todo }) };
  }
  if (conclusion !== 'twice') return undefined;
  const places = row.standing.map(({ remote }) => remote.url ?? remote.id).join(' 、 ');
  return {
    cause: {
      zh: `同一内容在该账号上出现了两份：${places}`,
      en: `The same text stands twice on this account: ${places}`,
    },
    todo: {
      zh: '请到平台删除多余的一份，然后在此选“已发布”，填写保留的那一份的地址。',
      en: 'Delete one of them on the platform, then choose "published" here with the address of the one that stays.',
    },
  };
}

const oldStands = {
  zh: '新的一版平台已受理，尚未公开；旧的一版仍在公开，待新版公开后再撤下。',
  en: 'The new text is accepted but not yet public; the old one still is, and is taken away once the new one is.',
};

function stateAfter(row: Placement, event: PlacementEvent): PlacementState {
  if (row.halt) return row.halt;
  switch (concluded(row)) {
    case 'doubt':
    case 'twice':
      return 'needs_action';
    case 'unseen':
      return unseenState(row);
    case 'done':
      return doneState(row, event);
    case 'todo':
      return todoState(row, event);
  }
}

/** What is to be read, or published by a person, before the old text goes. */
function unseenState(row: Placement): PlacementState {
  const { right } = judged(row.standing, wantedOf(row));
  return right?.seen === 'held' ? 'needs_action' : 'accepted';
}

function doneState(row: Placement, event: PlacementEvent): PlacementState {
  const wanted = wantedOf(row);
  const stands = judged(row.standing, wanted).right;
  if (!stands) return hasStoodBefore(row, event) && !wanted.stops ? 'withdrawn' : 'cancelled';
  if (stands.seen === 'held') return 'needs_action';
  // With the old text gone too, a person's word about the new one stands.
  if (event.is === 'confirmed' || (event.is === 'withdrawn' && row.evidence?.by === 'person')) return 'confirmed';
  if (event.is === 'read' && event.outcome === 'verified') return 'verified';
  // Where nothing new stands, what is known stays as it was; anything else is read back anew.
  return isEvidenced(row) && !isNews(event) ? row.state : stands.seen;
}

function isNews(event: PlacementEvent): boolean {
  return tellsOfText(event) || event.is === 'denied';
}

function todoState(row: Placement, event: PlacementEvent): PlacementState {
  const current = event.seq === wantedOf(row).seq;
  if (event.is === 'sending') return current || !isTodo(row.state) ? 'sending' : row.state;
  if (current && (event.is === 'nothing' || event.is === 'owed' || event.is === 'unanswered')) return 'waiting';
  // Between its claim and its outcome a try tells what it sees: it is still at it.
  const looking = event.is === 'looked' && event.asked.length > 0 && !event.settles;
  if (current && (event.is === 'doubt' || looking)) return 'sending';
  // An older try has ended; where none of the newest order is under way, its turn is now.
  return !current && isTodo(row.state) && row.attempts > 0 ? row.state : 'queued';
}

function dueAfter(row: Placement, event: PlacementEvent, to: PlacementState): Date | undefined {
  const after = (seconds: number): Date => new Date(event.at.getTime() + seconds * 1_000);
  const older = event.seq !== wantedOf(row).seq;
  if (older && to === 'queued' && row.attempts === 0 && event.is !== 'sending') return event.at;
  if (older && to === row.state && row.dueAt) return row.dueAt;
  if (to === 'verified') return sooner(rereadAt(row, event), endsAfter(row, event));
  if (to === 'confirmed') return sooner(confirmedReadAt(row, event), endsAfter(row, event));
  if (to === 'withdrawn' && row.unsure.length > 0) return rereadAt(row, event);
  if (isFinal(to)) return undefined;
  if (event.dueAt) return event.dueAt;
  // The next step waits for nothing; but what makes no headway comes ever more seldom.
  if (to === 'queued')
    return row.attempts <= mostAtOnce ? event.at : after(Math.min(600, 2 ** (row.attempts - mostAtOnce)));
  // What stands since before was accepted long ago: it is read as soon as the rest is done.
  if (to === 'accepted') return after(event.is === 'accepted' ? (deadlines.accepted ?? 0) : 2);
  return after(deadlines[to] ?? 0);
}

/** A person's word is read back all the same, where there is an address: soon, then thinning out. */
function confirmedReadAt(row: Placement, event: PlacementEvent): Date | undefined {
  if (event.is === 'read') return rereadAt(row, event);
  if (event.is !== 'confirmed') return row.dueAt;
  const readable = row.standing.some(({ remote }) => remote.url !== undefined);
  return readable ? new Date(event.at.getTime() + 1_000) : undefined;
}

/** When the clock alone ends what stands: it is looked at then, whether it can be read or not. */
function endsAfter({ standing }: Placement, { at }: PlacementEvent): Date | undefined {
  const ends = standing.flatMap(({ remote }) => (remote.ends === undefined ? [] : [Date.parse(remote.ends)]));
  const next = Math.min(...ends.filter((end) => end > at.getTime()));
  return Number.isFinite(next) ? new Date(next) : undefined;
}

function sooner(one: Date | undefined, other: Date | undefined): Date | undefined {
  return one && other ? (one < other ? one : other) : (one ?? other);
}

/** The next of the later readings, counted from the first. */
function rereadAt(row: Placement, event: PlacementEvent): Date | undefined {
  const first = isFinal(row.state) ? row.since : event.at;
  const age = (event.at.getTime() - first.getTime()) / 1_000;
  const next = rereads.find((seconds) => seconds > age + 1);
  return next === undefined ? undefined : new Date(first.getTime() + next * 1_000);
}
