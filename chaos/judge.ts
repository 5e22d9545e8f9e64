/** Each release on each account when all has come to rest: what was ordered against what was taken and what the public sees. */
import { setTimeout as pause } from 'node:timers/promises';
import { partsOf, placementId, type HistoryEntry, type Placement } from '../core/model/placement.js';
import { historyOf } from '../core/placements/history.js';
import { isFinal } from '../core/model/states.js';
import type { ChaosAccount } from './accounts.js';
import { textsIn, type Desk, type Release } from './desk.js';
import type { Taken } from './platforms.js';
import { isStoreAway } from './store-away.js';
import { verdict, type Counts } from './verdict.js';
import type { World } from './world.js';

/** Seconds after the last act within which all must have come to rest: Weibo may show a post three minutes late. */
const longest = 330;
/** Seconds that rest must last, for it to be believed. */
const believed = 3;

export interface Judged {
  counts: Counts;
  told: boolean;
  words: string;
  trace: string;
}

/** Until nothing is on its way, or it has lasted too long. */
export async function rest(world: World, desk: Pick<Desk, 'releases'>): Promise<void> {
  let since: number | undefined;
  for (const end = Date.now() + longest * 1_000; Date.now() < end; await pause(500)) {
    since = (await isResting(world, desk).catch(notYet)) ? (since ?? Date.now()) : undefined;
    if (since !== undefined && Date.now() - since > believed * 1_000) return;
  }
}

function notYet(error: unknown): false {
  if (isStoreAway(error)) return false;
  throw error;
}

async function isResting(world: World, desk: Pick<Desk, 'releases'>): Promise<boolean> {
  const releases = desk.releases();
  const ids = releases.map(({ id }) => id);
  const orders = await world.hub.store.orders.find({ release: { $in: ids } }).lean();
  if (orders.some(({ state }) => state === 'running' || state === 'planned')) return false;
  const rows = await rowsOf(world, desk);
  return releases.every(({ id, ordered }) =>
    [...ordered.keys()].every((account) => rests(rows.get(placementId(id, account)))),
  );
}

/** A person may have it in hand; whatever else isn't final is on its way. */
function rests(row: Placement | undefined): boolean {
  return row !== undefined && (isFinal(row.state) || row.state === 'needs_action');
}

type Row = Placement & { events: HistoryEntry[] };

export async function rowsOf({ hub: { store } }: World, desk: Pick<Desk, 'releases'>): Promise<Map<string, Row>> {
  const rows: Row[] = [];
  for (const { id } of desk.releases()) {
    const found: Placement[] = await store.placements.find({ release: id }).lean();
    rows.push(...(await Promise.all(found.map(async (row) => ({ ...row, events: await historyOf(store, row) })))));
  }
  return new Map(rows.map((row) => [row._id, row]));
}

export async function judge(
  release: Release,
  account: ChaosAccount,
  number: number,
  rows: ReadonlyMap<string, Row>,
  log: readonly Taken[],
): Promise<Judged> {
  const row = rows.get(placementId(release.id, account.id));
  const textsOf = (page: string): number[] => textsIn(page, number, release.name);
  const own = log.filter(
    (entry) => entry.channel === account.channel && entry.account === account.name && textsOf(entry.subject).length > 0,
  );
  const ordered = release.ordered.get(account.id) ?? [];
  // One page names its text more than once.
  const named = textsOf(await account.read(release.id));
  const shown = account.inPlace || account.channel === 'weibo' ? [...new Set(named)] : named;
  const taken = own.map(({ subject }) => textsOf(subject)[0] ?? 0);
  const told = row?.state === 'needs_action' || row?.state === 'failed' || row?.halt !== undefined;
  const counts = verdict({ ordered, taken, shown, inPlace: account.inPlace, told, atRest: rests(row) });
  const newest = row?.events.findLast((event) => event.to === row.state && event.cause);
  const words = `${account.channel} ${row?.state ?? ''}: ${newest?.cause?.en ?? ''}`;
  return { counts, told, words, trace: traceOf(release, account, { ordered, taken, shown, counts }, own, row) };
}

function traceOf(
  { name }: Release,
  account: ChaosAccount,
  seen: object,
  log: readonly Taken[],
  row: Row | undefined,
): string {
  const { events = [], recent: _recent, ...plain } = row ?? {};
  return [
    `--- ${name} on ${account.channel} ${account.name} (${row ? partsOf(row._id).join(' ') : 'no row'})`,
    JSON.stringify(seen),
    ...log.map(({ at, call, id, subject }) => `  taken ${at} ${call} ${id} ${subject.slice(0, 60)}`),
    ...events.map((event) => `  ${new Date(event.at).toISOString()} ${eventLine(event)}`),
    `  row ${JSON.stringify(plain)}`,
  ].join('\n');
}

function eventLine({
  id: _id,
  at: _at,
  is,
  to,
  seq,
  by,
  try: token,
  cause,
  todo: _todo,
  dueAt,
  ...rest
}: HistoryEntry): string {
  const due = dueAt ? ` due ${new Date(dueAt).toISOString().slice(14, 23)}` : '';
  return `${is} #${seq} → ${to ?? '?'} by ${by} ${token?.slice(0, 4) ?? ''}${due} ${cause?.en ?? ''} ${JSON.stringify(rest)}`;
}
