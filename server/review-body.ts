/** Reviews as the API shows them. */
import { beijingStamp } from '../channels/beijing-calendar.js';
import type { Review } from '../core/model/review.js';
import { audienceSize } from '../core/placements/audience.js';
import { drillsAmong } from '../core/releases/drills-among.js';
import { unmarkableIn } from '../core/releases/stand-ins.js';
import type { AudienceSize } from '../core/placements/report.js';
import { openShared } from '../core/shared-reading.js';
import { chainOf } from '../core/reviews/chains.js';
import { mayTake } from '../core/reviews/list.js';
import { mayAlone } from '../core/reviews/solo.js';
import { boundTo, takersOf } from '../core/reviews/takers.js';
import type { ReviewBody, ReviewRow } from './contract/reviews.js';
import type { Caller } from './endpoint.js';
import { broadcastOf, glassOf, type BroadcastMeans } from './broadcast-body.js';

/** Rows of a list, each exercise marked as one. */
export async function rowBodies({ store }: Pick<Means, 'store'>, rows: readonly Review[]): Promise<ReviewRow[]> {
  const drills = await drillsAmong(store, rows);
  return rows.map((row) => rowBody(row, drills.has(row.revision)));
}

function rowBody(row: Review, drill: boolean): ReviewRow {
  const {
    _id,
    release,
    title,
    kind,
    organization,
    occasion,
    revision,
    state,
    step,
    by,
    writer,
    at,
    lane,
    solo,
    broadcast,
  } = row;
  return {
    id: _id,
    ...{ release, title, kind, organization, occasion, revision, state, step, by, writer, lane, solo },
    ...(drill && { drill: true as const }),
    ...(broadcast && { linked: broadcast }),
    at: at.toISOString(),
    ...(row.state !== 'open' && { ended: { by: row.ended.by, at: new Date(row.ended.at).toISOString() } }),
    ...(row.state === 'returned' && { reason: row.reason }),
    ...(row.state === 'signed' && { order: row.order }),
  };
}

type Means = BroadcastMeans;

const counted = new WeakMap<Means['store'], ReturnType<typeof openShared>>();

/** Who lies in a shape is found account by account: those who look at one review together have it counted once. */
function sizeOf({ store }: Pick<Means, 'store'>, { audience, path }: Review): Promise<AudienceSize> {
  const count = (): Promise<AudienceSize> => audienceSize(store, audience, [path]);
  if (!audience.polygons?.length && !audience.circles?.length) return count();
  const shared = counted.get(store) ?? openShared(Date.now);
  counted.set(store, shared);
  return shared(JSON.stringify([audience, path]), count);
}

export async function reviewBody(means: Means, row: Review, caller: Caller): Promise<ReviewBody> {
  const { store } = means;
  const chain = await chainOf(means, row).catch(() => ({ ...row.chain, unit: '', steps: [] }));
  const left = row.state === 'open' ? chain.steps.slice(row.step) : [];
  const [size, takers, revision, against] = await Promise.all([
    sizeOf(means, row).catch(() => ({ total: 0, byChannel: {} })),
    takersOf(means, row, left),
    store.revisions.findById(row.revision, { number: 1, emergency: 1, attachments: 1 }).lean(),
    before(means, row),
  ]);
  const stuck = left.filter(({ id }) => takers.get(id)?.length === 0).map(({ id }) => id);
  const unmarked = revision ? unmarkableIn(revision) : [];
  return {
    ...rowBody(row, revision?.emergency?.status === 'Exercise'),
    hash: row.hash,
    number: revision?.number ?? 0,
    audience: row.audience,
    size,
    ...(row.again && { again: true as const }),
    ...(row.notBefore && { notBefore: beijingStamp(row.notBefore) }),
    ...(row.expires && { expires: beijingStamp(row.expires) }),
    tolerance: row.tolerance,
    chain: { id: chain.id, version: chain.version, steps: chain.steps },
    decisions: row.decisions.map(({ step, person, role, at, note }) => ({
      ...{ step, person, role, note },
      at: new Date(at).toISOString(),
    })),
    passedOn: row.passedOn.map((one) => ({ ...one, at: new Date(one.at).toISOString() })),
    takers: Object.fromEntries(takers),
    stuck,
    may: await allowed(means, row, caller, { ...chain, stuck: stuck.includes(left[0]?.id ?? '') }),
    ...glassOf(row),
    ...(await broadcastOf(means, row, caller._id)),
    ...(against !== undefined && { against }),
    ...(unmarked.length > 0 && { unmarked }),
  };
}

const nothing = { approve: false, giveBack: false, sign: false, takeBack: false, passOn: false };

async function allowed(
  means: Means,
  row: Review,
  { _id, rights }: Caller,
  chain: Awaited<ReturnType<typeof chainOf>> & { stuck: boolean },
): Promise<ReviewBody['may']> {
  const next = chain.steps[row.step];
  if (row.state !== 'open' || !next) return nothing;
  // A broadcast is signed at its last two steps.
  const signing = row.step >= chain.steps.length - (row.broadcast ? 2 : 1);
  const takes = rights.may('releases.review', row.path) && (await mayTake(means, row, _id, rights));
  const signs = rights.may('releases.sign', row.path);
  const alone = signs && (await mayAlone(means, _id, row.path, chain));
  return {
    approve: takes && !signing,
    giveBack: takes,
    sign: (takes && signing) || (alone && !row.broadcast),
    takeBack: rights.may('releases.write', row.path),
    passOn: chain.stuck && boundTo(row, next) !== undefined && rights.may('chains.manage', row.path),
  };
}

/** What it is compared with: what was signed last, else what was submitted before. */
async function before({ store }: Means, { _id, release, revision }: Review): Promise<string | undefined> {
  const number = (await store.revisions.findById(revision, { number: 1 }).lean())?.number ?? 0;
  const [signed] = await store.revisions
    .find({ release, number: { $lt: number }, signed: { $exists: true } }, { _id: 1 })
    .sort({ number: -1 })
    .limit(1)
    .lean();
  if (signed) return signed._id;
  const reviews = await store.reviews
    .find({ release, _id: { $lt: _id } }, { revision: 1, decisions: 1 })
    .sort({ _id: -1 })
    .limit(20)
    .lean();
  const others = reviews.filter((one) => one.revision !== revision);
  return (others.find(({ decisions }) => decisions.length > 0) ?? others[0])?.revision;
}
