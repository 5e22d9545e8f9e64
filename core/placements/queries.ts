/** What the screens ask of the ledger. Every number is counted from rows. */
import type { QueryFilter } from 'mongoose';
import type { DeliveryBody, DeliveryRow, DispatchBody, ReleaseStatus } from './report.js';
import { LianfaError } from '../errors.js';
import type { Store } from '../store/store.js';
import { audienceSize } from './audience.js';
import type { Delivery } from '../model/delivery.js';
import type { Audience, Dispatch } from '../model/dispatch.js';
import { isFinal, type DeliveryAction, type DeliveryState } from '../model/states.js';

type Place = Pick<Delivery, 'action' | 'channel' | 'state'>;

export interface Count {
  channel: string;
  state: DeliveryState;
  count: number;
}

export interface DeliveryFilter {
  channel?: string | undefined;
  state?: DeliveryState | undefined;
  action?: DeliveryAction | undefined;
  q?: string | undefined;
  after?: string | undefined;
  limit: number;
}

export interface Queries {
  /** Counts by channel and state of where each release was to be published; a release without deliveries has an empty list. */
  counts(releases: readonly string[]): Promise<Map<string, Count[]>>;
  status(release: string): Promise<ReleaseStatus>;
  deliveries(release: string, filter: DeliveryFilter): Promise<{ items: DeliveryRow[]; next?: string }>;
  /** Throws `not_found`. */
  delivery(id: string): Promise<DeliveryBody>;
  audienceSize(audience: Audience): Promise<{ total: number; byChannel: Record<string, number> }>;
}

export function openQueries(store: Store): Queries {
  /** Where the deliveries of a release stand, and how many. Read from one index alone. */
  async function placesOf(release: string): Promise<{ place: Place; count: number }[]> {
    const groups = await store.deliveries.aggregate<{ _id: Place; count: number }>([
      { $match: { release } },
      { $group: { _id: { action: '$action', channel: '$channel', state: '$state' }, count: { $sum: 1 } } },
    ]);
    return groups.map(({ _id: place, count }) => ({ place, count }));
  }

  /** An account that it was withdrawn from has two deliveries, and is still one account: the actions are counted apart. */
  async function countsOf(release: string): Promise<Record<DeliveryAction, Count[]>> {
    const counts: Record<DeliveryAction, Count[]> = { publish: [], withdraw: [] };
    for (const {
      place: { action, ...place },
      count,
    } of await placesOf(release))
      counts[action].push({ ...place, count });
    return counts;
  }

  /**
   * The first rows by id. The index by places holds each place's rows in that order: a page of each, merged, reads a few
   * hundred rows where one query over all would read or sort every row of the release.
   */
  async function pageOf(
    release: string,
    wanted: Pick<DeliveryFilter, keyof Place>,
    others: QueryFilter<Delivery>,
    limit: number,
  ): Promise<Delivery[]> {
    const asked = Object.entries(wanted).filter(([, value]) => value !== undefined);
    const parts: Partial<Place>[] =
      asked.length === 0
        ? [{}]
        : (await placesOf(release)).flatMap(({ place }) =>
            asked.every(([name, value]) => place[name as keyof Place] === value) ? [place] : [],
          );
    const pages = await Promise.all(
      parts.map((part) =>
        store.deliveries
          .find({ release, ...part, ...others })
          .sort({ _id: 1 })
          .limit(limit)
          .lean(),
      ),
    );
    return pages
      .flat()
      .sort((one, other) => (one._id < other._id ? -1 : 1))
      .slice(0, limit);
  }

  async function named(rows: readonly Delivery[]): Promise<DeliveryRow[]> {
    const [accounts, units] = await Promise.all([
      store.accounts.find({ _id: { $in: rows.map((row) => row.account) } }, { name: 1 }).lean(),
      store.organizations.find({ _id: { $in: [...new Set(rows.map((row) => row.organization))] } }, { name: 1 }).lean(),
    ]);
    const accountNames = new Map(accounts.map((row) => [row._id, row.name]));
    const unitNames = new Map(units.map((row) => [row._id, row.name]));
    return rows.map((row) =>
      deliveryRow(
        row,
        accountNames.get(row.account) ?? row.account,
        unitNames.get(row.organization) ?? row.organization,
      ),
    );
  }

  return {
    async counts(releases) {
      return new Map(
        await Promise.all(releases.map(async (release) => [release, (await countsOf(release)).publish] as const)),
      );
    },

    async status(release) {
      const [{ publish: counts, withdraw: withdrawal }, dispatches] = await Promise.all([
        countsOf(release),
        store.dispatches.find({ release }).sort({ at: 1 }).lean(),
      ]);
      const total = counts.reduce((sum, entry) => sum + entry.count, 0);
      const finished =
        total > 0 &&
        [...counts, ...withdrawal].every((entry) => isFinal(entry.state)) &&
        dispatches.every((entry) => entry.state === 'done');
      return { release, counts, total, withdrawal, finished, dispatches: dispatches.map(dispatchBody) };
    },

    async deliveries(release, { after, limit, q, ...wanted }) {
      const others: QueryFilter<Delivery> = after === undefined ? {} : { _id: { $gt: after } };
      if (q) {
        const owners = await matching(store, q);
        if (owners.length === 0) return { items: [] };
        others.$or = owners;
      }
      const rows = await pageOf(release, wanted, others, limit + 1);
      const items = await named(rows.slice(0, limit));
      const last = items.at(-1);
      return rows.length > limit && last ? { items, next: last.id } : { items };
    },

    async delivery(id) {
      const row = await store.deliveries.findById(id).lean();
      if (!row) throw new LianfaError('not_found', { what: id });
      const [body] = await named([row]);
      return {
        ...(body as DeliveryRow),
        events: row.events.map(({ remote, at, dueAt, clean: _clean, parked: _parked, ...event }) => ({
          ...event,
          at: new Date(at).toISOString(),
          ...(dueAt && { dueAt: new Date(dueAt).toISOString() }),
          ...(remote?.url && { url: remote.url }),
        })),
      };
    },

    audienceSize: (audience) => audienceSize(store, audience),
  };
}

/** Conditions for accounts and units whose name begins with the words, at most 1,000 of each; none where nothing is named so. */
async function matching(store: Store, q: string): Promise<QueryFilter<Delivery>[]> {
  const range = { $gte: q, $lt: `${q}\u{10FFFF}` };
  const [accounts, units] = await Promise.all([
    store.accounts.find({ name: range }, { _id: 1 }).limit(1_000).lean(),
    store.organizations.find({ name: range }, { _id: 1 }).limit(1_000).lean(),
  ]);
  return [
    ...(accounts.length > 0 ? [{ account: { $in: accounts.map((row) => row._id) } }] : []),
    ...(units.length > 0 ? [{ organization: { $in: units.map((row) => row._id) } }] : []),
  ];
}

function deliveryRow(row: Delivery, accountName: string, organizationName: string): DeliveryRow {
  const newest = row.events.findLast((event) => !event.ignored);
  return {
    id: row._id,
    release: row.release,
    action: row.action,
    channel: row.channel,
    account: row.account,
    accountName,
    organization: row.organization,
    organizationName,
    region: row.region,
    lane: row.lane,
    state: row.state,
    since: row.since.toISOString(),
    attempts: row.attempts,
    ...(row.dueAt && { dueAt: row.dueAt.toISOString() }),
    ...(row.remote?.url && { url: row.remote.url }),
    ...(newest?.cause && { cause: newest.cause }),
    ...(newest?.todo && { todo: newest.todo }),
    ...(newest?.platform && { platform: newest.platform }),
  };
}

/** A dispatch as the API shows it. */
export function dispatchBody(row: Dispatch): DispatchBody {
  return {
    id: row._id,
    action: row.action,
    lane: row.lane,
    state: row.state,
    deliveries: row.deliveries,
    at: row.at.toISOString(),
    by: row.by,
  };
}
