/**
 * What happened to a placement. Its row holds the newest events, the log those before. Only what a row has been written
 * with goes into the log, before the row lets go of it: whoever is cut short in between has logged what is so anyway, and
 * logs it again under the same id.
 */
import {
  loggedId,
  loggedIdsOf,
  type EventWords,
  type HistoryEntry,
  type LoggedEvent,
  type Past,
  type Placement,
  type PlacementEvent,
} from '../model/placement.js';
import type { Order } from '../model/order.js';
import type { Store } from '../store/store.js';
import { insertMissing } from '../store/insert-missing.js';

/** Events that a row keeps: the whole life of most placements until they are read again. */
const mostRecent = 4;
/** Ended hand-outs that are remembered; of one that is forgotten and begins late, by way of another recorder, the platform is asked again. */
const mostEnded = 4;

type Remembering = Pick<Placement, 'recent' | 'past'>;

/** The outcome of this hand-out is known. */
export function hasEnded({ recent, past }: Remembering, token: string | undefined): boolean {
  if (token === undefined) return false;
  return recent.some((event) => event.try === token && event.is !== 'sending') || past?.ended.includes(token) === true;
}

/** When another hand-out than this one last began. */
export function lastClaimed({ recent, past }: Remembering, token: string): Date | undefined {
  const isOther = (claim: { try?: string | undefined }): boolean => claim.try !== token;
  return (recent.findLast((event) => event.is === 'sending' && isOther(event)) ?? past?.claims.findLast(isOther))?.at;
}

/** Something has stood here before, or does by this event. */
export function hasStoodBefore({ recent, past }: Remembering, event: PlacementEvent): boolean {
  return past?.stood === true || [...recent, event].some(hasStood);
}

function hasStood(event: PlacementEvent): boolean {
  return tellsOfText(event) || event.is === 'withdrawn';
}

export function tellsOfText(event: PlacementEvent): boolean {
  return event.is === 'accepted' || event.is === 'owed' || (event.is === 'looked' && event.found.length > 0);
}

/** What was said with the newest doubt. */
export function doubtWords({ recent, past }: Remembering): EventWords {
  return wordsOf(recent.findLast((event) => event.is === 'doubt')) ?? past?.doubt ?? {};
}

/** What a person was last asked to do. */
export function askedWords({ recent, past }: Remembering): EventWords {
  return wordsOf(recent.findLast(asks)) ?? past?.asked ?? {};
}

function asks({ to, todo }: PlacementEvent): boolean {
  return to === 'needs_action' && todo !== undefined;
}

/** What is to be said of the placement now. */
export function newestWords({ recent, past }: Remembering): EventWords {
  return wordsOf(recent.findLast((event) => !event.ignored)) ?? past?.words ?? {};
}

function wordsOf(event: PlacementEvent | undefined): EventWords | undefined {
  if (!event) return undefined;
  const { cause, todo, platform } = event;
  return { ...(cause && { cause }), ...(todo && { todo }), ...(platform && { platform }) };
}

/** The changed row without the events that it need not keep, and those, as the log takes them. */
export function relieved(before: Placement, after: Placement): { row: Placement; logged: LoggedEvent[] } {
  const going = before.recent;
  if (after.recent.length <= mostRecent || going.length === 0) return { row: after, logged: [] };
  const from = before.past?.count ?? 0;
  const logged = going.map((event, place) => ({ _id: loggedId(before._id, event.id), n: from + place, event }));
  const recent = after.recent.slice(going.length);
  return { row: Object.assign({}, after, { recent, past: pastOf(before) }), logged };
}

/** What is remembered of a row's events when they leave it. */
function pastOf(row: Placement): Past {
  const { recent, past } = row;
  const claims = recent.flatMap((event) => (event.is === 'sending' ? [{ try: event.try, at: event.at }] : []));
  const ended = recent.flatMap((event) => (event.is !== 'sending' && event.try !== undefined ? [event.try] : []));
  const [asked, doubt] = [askedWords(row), doubtWords(row)];
  return {
    count: (past?.count ?? 0) + recent.length,
    words: newestWords(row),
    ...(Object.keys(asked).length > 0 && { asked }),
    ...(Object.keys(doubt).length > 0 && { doubt }),
    ...((past?.stood || recent.some(hasStood)) && { stood: true as const }),
    claims: newestClaims([...(past?.claims ?? []), ...claims]),
    ended: [...new Set([...(past?.ended ?? []), ...ended])].slice(-mostEnded),
  };
}

/** The newest, and the newest of another try: whoever asks for the last of any other than its own finds it here. */
function newestClaims(claims: Past['claims']): Past['claims'] {
  const last = claims.at(-1);
  const other = claims.findLast((claim) => claim.try !== last?.try);
  return [other, last].filter((claim) => claim !== undefined);
}

/** Writes into the log what is not there yet. */
export async function logEvents(store: Store, events: readonly LoggedEvent[]): Promise<void> {
  await insertMissing(store.events, events);
}

/** Ids, as the log has them, of those of the events that lie there. Rows that never let go of any are not asked for. */
export async function knownInLog(
  store: Store,
  rows: readonly Placement[],
  events: ReadonlyMap<string, readonly PlacementEvent[]>,
): Promise<Set<string>> {
  const ids = rows.flatMap(({ _id, past }) =>
    past ? (events.get(_id) ?? []).map((event) => loggedId(_id, event.id)) : [],
  );
  if (ids.length === 0) return new Set();
  const known = await store.events.find({ _id: { $in: ids } }, { _id: 1 }).lean();
  return new Set(known.map(({ _id }) => _id));
}

/** All that happened to a placement, oldest first, and what was ordered where it took effect. */
export async function historyOf(store: Store, row: Placement): Promise<HistoryEntry[]> {
  const logged: LoggedEvent[] = row.past ? await store.events.find({ _id: loggedIdsOf(row._id) }).lean() : [];
  const before = logged.sort((one, other) => one.n - other.n).map(({ event }) => event);
  const entries: HistoryEntry[] = [...before, ...row.recent];
  const seqs = row.orders.map(({ seq }) => seq);
  const orders: Order[] = await store.orders.find({ release: row.release, seq: { $in: seqs } }).lean();
  for (const order of orders.sort((one, other) => other.seq - one.seq)) {
    const place = entries.findIndex((entry) => entry.seq >= order.seq || entry.at >= order.at);
    entries.splice(place < 0 ? entries.length : place, 0, wantedBy(order));
  }
  return entries;
}

function wantedBy({ _id: id, at, by, seq, revision, reason }: Order): HistoryEntry {
  const why = reason !== undefined && { cause: { zh: reason, en: reason } };
  return { id, is: 'wanted', to: 'queued', at, by, seq, ...(revision !== undefined && { revision }), ...why };
}
