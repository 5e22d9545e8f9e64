/** The rows of a report, a page at a time: nothing grows with how many there are. */
import { loggedId, placementIds, wantedOf, type Placement, type PlacementEvent } from '../model/placement.js';
import { newestWords } from '../placements/history.js';
import { anyCause, troubled } from '../command/causes.js';
import type { Said } from '../../channels/channel.js';
import type { PlacementState } from '../model/states.js';
import type { End } from '../releases/ending.js';
import type { Store } from '../store/store.js';
import { namesOf, timesOf, type Facts, type Times } from './facts.js';

const pageSize = 500;

export interface ReportRow extends Times {
  placement: string;
  organization: string;
  organizationName: string;
  region: string;
  channel: string;
  account: string;
  accountName: string;
  state: PlacementState;
  since: Date;
  seq: number;
  revision?: string;
  /** Of the message that is wanted there. */
  title?: string;
  /** How its warning has ended. */
  ended?: End;
  attempts: number;
  url?: string;
  evidence?: 'machine' | 'person';
  cause?: Said;
  todo?: Said;
  code?: string;
  words?: string;
  /** Whole minutes after the deadline at which a person confirmed it, or the machine read it back; where nobody has yet, until the report. */
  lateMinutes?: number;
}

/** All placements of the release, by their ids. */
export async function* everyRow(store: Store, facts: Facts): AsyncGenerator<ReportRow> {
  for (let after: string | undefined; ;) {
    const page: Placement[] = await store.placements
      .find({ _id: placementIds(facts.release, after) })
      .sort({ _id: 1 })
      .limit(pageSize)
      .lean();
    yield* await rowsOf(store, facts, page);
    after = page.at(-1)?._id;
    if (page.length < pageSize) return;
  }
}

/** Those that failed, wait or need a person, region by region in the order of their codes. */
export async function* troubledRows(store: Store, facts: Facts): AsyncGenerator<ReportRow> {
  const groups = await store.placements.aggregate<{ _id: string }>([
    { $match: { release: facts.release, why: anyCause } },
    { $group: { _id: '$region', count: { $sum: 1 } } },
  ]);
  for (const { _id: region } of groups.sort((one, other) => (one._id < other._id ? -1 : 1)))
    for (let after: string | undefined; ;) {
      const filter = { ...troubled(facts.release, {}), region };
      const page: Placement[] = await store.placements
        .find(after === undefined ? filter : { ...filter, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(pageSize)
        .lean();
      const rows = await rowsOf(store, facts, page);
      yield* rows;
      after = page.at(-1)?._id;
      if (page.length < pageSize) break;
    }
}

async function rowsOf(store: Store, facts: Facts, page: readonly Placement[]): Promise<ReportRow[]> {
  const [accounts, units, logged] = await Promise.all([
    store.accounts.find({ _id: { $in: page.map(({ account }) => account) } }, { name: 1 }).lean(),
    store.organizations
      .find({ _id: { $in: [...new Set(page.map(({ organization }) => organization))] } }, { name: 1 })
      .lean(),
    loggedOf(store, page),
  ]);
  const accountNames = new Map(accounts.map(({ _id, name }) => [_id, name]));
  const unitNames = new Map(units.map(({ _id, name }) => [_id, name]));
  const timed = page.map((row) => timesOf(row, [...(logged.get(row._id) ?? []), ...row.recent]));
  const people = await namesOf(store, [...new Set(timed.flatMap(({ confirmedBy }) => confirmedBy ?? []))]);
  return page.map((row, place) => {
    const times = timed[place] ?? {};
    const { confirmedBy } = times;
    return {
      ...rowOf(row, facts),
      ...times,
      ...(confirmedBy !== undefined && { confirmedBy: people.get(confirmedBy) ?? confirmedBy }),
      ...lateBy(row, times, facts),
      organizationName: unitNames.get(row.organization) ?? row.organization,
      accountName: accountNames.get(row.account) ?? row.account,
    };
  });
}

type Plain = Omit<ReportRow, 'organizationName' | 'accountName'>;

function rowOf(row: Placement, { messages }: Facts): Plain {
  const { seq, revision } = wantedOf(row);
  const { cause, todo, platform } = newestWords(row);
  const message = messages.find((one) => one.revision === revision);
  const number = message?.number;
  const stands = row.standing.find((entry) => entry.revision === revision) ?? row.standing.at(-1);
  return {
    placement: row._id,
    organization: row.organization,
    region: row.region,
    channel: row.channel,
    account: row.account,
    state: row.state,
    since: row.since,
    seq,
    attempts: row.attempts,
    ...(revision !== undefined && { revision: number === undefined ? revision : String(number) }),
    ...(message && { title: message.title }),
    ...(message?.ended && { ended: message.ended }),
    ...(stands?.remote.url !== undefined && { url: stands.remote.url }),
    ...(row.evidence && { evidence: row.evidence.by }),
    ...(cause && { cause }),
    ...(todo && { todo }),
    ...(platform && { code: platform.code, words: platform.words }),
  };
}

/** By the deadline of its own order, where that was signed with one. What was taken out or back is not waited for. */
function lateBy(row: Placement, { confirmedAt, verifiedAt }: Times, facts: Facts): Pick<ReportRow, 'lateMinutes'> {
  const { seq } = wantedOf(row);
  const deadline = facts.orders.find((order) => order.seq === seq)?.deadline ?? facts.deadline;
  const isOff = row.state === 'cancelled' || row.state === 'withdrawn' || row.orders.at(-1)?.stops;
  const known = confirmedAt ?? verifiedAt ?? (isOff ? undefined : facts.at);
  if (!deadline || !known || known <= deadline) return {};
  return { lateMinutes: Math.ceil((known.getTime() - deadline.getTime()) / 60_000) };
}

/** Events that a row has let go of, of a whole page with one query: their ids begin with their placement's. */
async function loggedOf(store: Store, page: readonly Placement[]): Promise<Map<string, PlacementEvent[]>> {
  const kept = page.filter(({ past }) => past);
  const [first, last] = [kept[0], kept.at(-1)];
  const found = new Map<string, PlacementEvent[]>();
  if (!first || !last) return found;
  const range = { $gte: loggedId(first._id, ''), $lt: `${last._id}0` };
  const rows = await store.events.find({ _id: range }).sort({ _id: 1 }).lean();
  for (const { _id, event } of rows.sort((one, other) => one.n - other.n)) {
    const placement = _id.slice(0, _id.indexOf('/'));
    const known = found.get(placement);
    if (known) known.push(event);
    else found.set(placement, [event]);
  }
  return found;
}
