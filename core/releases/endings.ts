/**
 * How the warnings of a release have ended: lifted (已解除), replaced (已被取代) or expired (已失效), three different words,
 * with when it was and until when each was to hold at first.
 */
import type { Emergency, Ending } from '../../channels/emergency.js';
import type { Order } from '../model/order.js';
import type { Revision } from '../model/release.js';
import type { Store } from '../store/store.js';
import { isLifting } from './emergency.js';
import type { End } from './ending.js';

type Message = Pick<Revision, '_id' | 'number' | 'emergency' | 'signed'>;
type Sent = Pick<Order, 'revision' | 'state' | 'at' | 'startedAt'>;

/** How the warning stands with its newest message: of an all-clear, how what it lifts has ended. */
export function endOfNewest(revisions: readonly Message[], ended: ReadonlyMap<string, End>): End | undefined {
  const newest = revisions.findLast(({ signed }) => signed);
  if (!newest) return undefined;
  const meant = isLifting(newest.emergency) ? revisions.findLast(({ _id }) => ended.has(_id)) : newest;
  return meant && ended.get(meant._id);
}

/** Of each message that is over, by revision. `revisions` and `orders`: all of the release, in their order. */
export async function endingsOf(
  store: Store,
  release: string,
  revisions: readonly Message[],
  orders: readonly Sent[],
  now: Date,
): Promise<Map<string, End>> {
  if (!revisions.some(({ emergency }) => emergency)) return new Map();
  const others = await endsByOthers(store, release);
  return new Map(
    revisions.flatMap((revision) => {
      const out = wentOut(revision, orders);
      const after = sentAfter(revision, revisions, orders);
      const ended = out && endOf(revision, [...after, ...others.filter(({ at }) => at >= out.toISOString())], now);
      return ended ? [[revision._id, ended] as const] : [];
    }),
  );
}

const columns = { release: 1, emergency: 1, signed: 1 } as const;
const orderColumns = { revision: 1, state: 1, at: 1, startedAt: 1 } as const;

/** When a message went out; undefined while it has not. */
function wentOut({ _id }: Pick<Message, '_id'>, orders: readonly Sent[]): Date | undefined {
  const order = orders.find(({ revision, state }) => revision === _id && (state === 'running' || state === 'done'));
  return order && (order.startedAt ?? order.at);
}

/** The next message of the same warning that went out: it has lifted this one or taken its place. */
function sentAfter({ number }: Message, revisions: readonly Message[], orders: readonly Sent[]): End[] {
  return revisions.flatMap((next) => {
    const at = next.number > number ? wentOut(next, orders) : undefined;
    return at && next.emergency ? [{ is: endedBy(next.emergency), at: at.toISOString() }] : [];
  });
}

function endedBy({ msgType }: Pick<Emergency, 'msgType'>): Ending {
  return isLifting({ msgType }) ? 'lifted' : 'replaced';
}

/** What messages of other releases that went out have done to this one's warning, the earliest first. */
async function endsByOthers(store: Store, release: string): Promise<End[]> {
  const meaning = (await store.revisions.find({ means: release }, columns).sort({ _id: 1 }).lean()).filter(
    ({ signed }) => signed,
  );
  if (meaning.length === 0) return [];
  const theirs = [...new Set(meaning.map((row) => row.release))];
  const [orders, releases] = await Promise.all([
    store.orders
      .find({ release: { $in: theirs } }, orderColumns)
      .sort({ release: 1, seq: 1 })
      .lean(),
    store.releases.find({ _id: { $in: theirs } }, { withdrawnAt: 1 }).lean(),
  ]);
  const gone = new Set(releases.flatMap(({ _id, withdrawnAt }) => (withdrawnAt ? [_id] : [])));
  return meaning.flatMap((row) => {
    const at = gone.has(row.release) ? undefined : wentOut(row, orders);
    return at && row.emergency ? [{ is: endedBy(row.emergency), at: at.toISOString(), by: row.release }] : [];
  });
}

/** `said`: what later messages say of it, its own release's first. What people have said goes before what the clock says. */
function endOf({ emergency }: Message, said: readonly End[], now: Date): End | undefined {
  if (!emergency || isLifting(emergency)) return undefined;
  const until = emergency.expires === undefined ? undefined : new Date(emergency.expires).toISOString();
  const own = said.find(({ by }) => by === undefined);
  // An all-clear says more than a replacement that came before it.
  const found = own ?? said.find(({ is }) => is === 'lifted') ?? said[0];
  if (found) return { ...found, ...(until !== undefined && { until }) };
  return until !== undefined && Date.parse(until) <= now.getTime() ? { is: 'expired', at: until, until } : undefined;
}
