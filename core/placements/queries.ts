/** What the screens ask of the ledger. Every number is counted from rows. */
import type { QueryFilter } from 'mongoose';
import { LianfaError } from '../errors.js';
import type { Audience, Order } from '../model/order.js';
import {
  placementIds,
  placementId,
  wantedOf,
  type Evidence,
  type HistoryEntry,
  type Placement,
} from '../model/placement.js';
import { isFinal, type PlacementState } from '../model/states.js';
import { endingsOf, endOfNewest } from '../releases/endings.js';
import type { Store } from '../store/store.js';
import { audienceSize } from './audience.js';
import { historyOf, newestWords } from './history.js';
import { orderBody } from './order-body.js';
import { leftToCome, signedFor } from './to-come.js';
import type { AudienceSize, Count, PlacementBody, PlacementRow, ReleaseStatus } from './report.js';

type Place = Pick<Placement, 'channel' | 'state'>;

export interface PlacementFilter {
  channel?: string | undefined;
  state?: PlacementState | undefined;
  q?: string | undefined;
  after?: string | undefined;
  limit: number;
}

export interface Queries {
  /** Counts by channel and state of each release; one without placements has an empty list. */
  counts(releases: readonly string[]): Promise<Map<string, Count[]>>;
  status(release: string): Promise<ReleaseStatus>;
  placements(release: string, filter: PlacementFilter): Promise<{ items: PlacementRow[]; next?: string }>;
  /** Rows as they are told, with the names of their accounts and units. */
  named(rows: readonly Placement[]): Promise<PlacementRow[]>;
  /** Throws `not_found`. */
  placement(id: string): Promise<PlacementBody>;
  /** Within the places that whoever asks may see. */
  audienceSize(audience: Audience, places: readonly string[]): Promise<AudienceSize>;
}

const headColumns = { number: 1, title: 1, emergency: 1, signed: 1 } as const;
/** Ids asked for in one query. */
const idsAtOnce = 500;

export function openQueries(store: Store): Queries {
  /** How many placements of a release stand where. Read from one index alone. */
  async function countsOf(release: string): Promise<Count[]> {
    const groups = await store.placements.aggregate<{ _id: Place; count: number }>([
      { $match: { release } },
      { $group: { _id: { channel: '$channel', state: '$state' }, count: { $sum: 1 } } },
    ]);
    return groups.map(({ _id: { channel, state }, count }) => ({ channel, state, count }));
  }

  /** What it is called, whether it is a drill, and how its warning has ended. */
  async function headOf(release: string, orders: readonly Order[]) {
    const revisions = await store.revisions.find({ release }, headColumns).sort({ number: 1 }).lean();
    const newest = revisions.findLast(({ signed }) => signed) ?? revisions.at(-1);
    const ended = endOfNewest(revisions, await endingsOf(store, release, revisions, orders, new Date()));
    return {
      title: newest?.title ?? '',
      ...(newest?.emergency?.status === 'Exercise' && { exercise: true as const }),
      ...(ended && { ended }),
    };
  }

  /**
   * The first rows by id. The index by places holds each place's rows in that order: a page of each, merged, reads a few
   * hundred rows where one query over all would read or sort every row of the release.
   */
  async function pageOf(
    release: string,
    asked: Partial<Place>,
    after: string | undefined,
    limit: number,
  ): Promise<Placement[]> {
    const names = (['channel', 'state'] as const).filter((name) => asked[name] !== undefined);
    const parts: Partial<Place>[] =
      names.length === 0
        ? [{}]
        : (await countsOf(release)).flatMap(({ channel, state }) =>
            names.every((name) => ({ channel, state })[name] === asked[name]) ? [{ channel, state }] : [],
          );
    const later: QueryFilter<Placement> = after === undefined ? {} : { _id: { $gt: after } };
    const pages = await Promise.all(
      parts.map((part) =>
        store.placements
          .find(part.state === undefined ? { _id: placementIds(release, after) } : { release, ...part, ...later })
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

  /** The same among these accounts: a placement's id says its account, so that only their rows are read. */
  async function pageAmong(
    release: string,
    accounts: readonly string[],
    asked: Partial<Place>,
    after: string | undefined,
    limit: number,
  ): Promise<Placement[]> {
    const ids = accounts.map((account) => placementId(release, account)).sort();
    const left = after === undefined ? ids : ids.filter((id) => id > after);
    const rows: Placement[] = [];
    for (let at = 0; at < left.length && rows.length < limit; at += idsAtOnce) {
      const some = left.slice(at, at + idsAtOnce);
      rows.push(
        ...(await store.placements
          .find({ _id: { $in: some }, ...asked })
          .sort({ _id: 1 })
          .limit(limit)
          .lean()),
      );
    }
    return rows.slice(0, limit);
  }

  async function named(rows: readonly Placement[]): Promise<PlacementRow[]> {
    const [accounts, units] = await Promise.all([
      store.accounts.find({ _id: { $in: rows.map((row) => row.account) } }, { name: 1 }).lean(),
      store.organizations.find({ _id: { $in: [...new Set(rows.map((row) => row.organization))] } }, { name: 1 }).lean(),
    ]);
    const accountNames = new Map(accounts.map((row) => [row._id, row.name]));
    const unitNames = new Map(units.map((row) => [row._id, row.name]));
    return rows.map((row) =>
      placementRow(
        row,
        accountNames.get(row.account) ?? row.account,
        unitNames.get(row.organization) ?? row.organization,
      ),
    );
  }

  return {
    async counts(releases) {
      return new Map(await Promise.all(releases.map(async (release) => [release, await countsOf(release)] as const)));
    },

    async status(release) {
      // The orders first: what is put meanwhile is then counted twice at no time.
      const orders = await store.orders.find({ release }).sort({ seq: 1 }).lean();
      const [counts, head] = await Promise.all([countsOf(release), headOf(release, orders)]);
      const total = counts.reduce((sum, entry) => sum + entry.count, 0);
      const finished =
        total > 0 &&
        counts.every((entry) => isFinal(entry.state)) &&
        orders.every(({ state }) => state !== 'running' && state !== 'held');
      const toCome = leftToCome(signedFor(orders), counts);
      return {
        release,
        at: new Date().toISOString(),
        ...head,
        counts,
        total,
        toCome,
        finished,
        orders: orders.map(orderBody),
      };
    },

    async placements(release, { after, limit, q, channel, state }) {
      const asked = { ...(channel !== undefined && { channel }), ...(state !== undefined && { state }) };
      const rows = q
        ? await pageAmong(release, await accountsNamed(store, q), asked, after, limit + 1)
        : await pageOf(release, asked, after, limit + 1);
      const items = await named(rows.slice(0, limit));
      const last = items.at(-1);
      return rows.length > limit && last ? { items, next: last.id } : { items };
    },

    named,

    async placement(id) {
      const row = await store.placements.findById(id).lean();
      if (!row) throw new LianfaError('not_found', { what: id });
      const [body] = await named([row]);
      return { ...(body as PlacementRow), events: (await historyOf(store, row)).map(eventBody) };
    },

    audienceSize: (audience, places) => audienceSize(store, audience, places),
  };
}

/** Ids of accounts whose own or whose unit's name begins with the words: of at most 1,000 accounts and 1,000 units. */
async function accountsNamed(store: Store, q: string): Promise<string[]> {
  const range = { $gte: q, $lt: `${q}\u{10FFFF}` };
  const [accounts, units] = await Promise.all([
    store.accounts.find({ name: range }, { _id: 1 }).limit(1_000).lean(),
    store.organizations.find({ name: range }, { _id: 1 }).limit(1_000).lean(),
  ]);
  const theirs =
    units.length === 0
      ? []
      : await store.accounts
          .find({ organization: { $in: units.map((row) => row._id) } }, { _id: 1 })
          .limit(5_000)
          .lean();
  return [...new Set([...accounts, ...theirs].map((row) => row._id))];
}

function placementRow(row: Placement, accountName: string, organizationName: string): PlacementRow {
  const { seq, revision } = wantedOf(row);
  const standing = row.standing.map(({ remote, seq: of, revision: text, seen, changed }) => ({
    seq: of,
    revision: text,
    seen,
    ...(remote.url !== undefined && { url: remote.url }),
    ...(changed && { changed }),
  }));
  const url = (standing.find((entry) => entry.revision === revision) ?? standing.at(-1))?.url;
  return {
    id: row._id,
    release: row.release,
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
    wanted: { seq, ...(revision !== undefined && { revision }) },
    standing,
    ...(row.evidence && { evidence: evidenceBody(row.evidence) }),
    ...(row.dueAt && !isFinal(row.state) && { dueAt: row.dueAt.toISOString() }),
    ...(url !== undefined && { url }),
    ...newestWords(row),
  };
}

function evidenceBody(evidence: Evidence): PlacementRow['evidence'] {
  return { ...evidence, at: new Date(evidence.at).toISOString() };
}

function eventBody(event: HistoryEntry): PlacementBody['events'][number] {
  const { id, is, seq, by, cause, todo, platform, ignored } = event;
  const url =
    'remote' in event && typeof event.remote === 'object' ? event.remote.url : 'url' in event ? event.url : undefined;
  return {
    id,
    is,
    to: event.to ?? 'queued',
    seq,
    by,
    at: new Date(event.at).toISOString(),
    ...(event.dueAt && { dueAt: new Date(event.dueAt).toISOString() }),
    ...(cause && { cause }),
    ...(todo && { todo }),
    ...(platform && { platform }),
    ...(url !== undefined && { url }),
    ...('note' in event && { note: event.note }),
    ...(ignored && { ignored }),
  };
}
