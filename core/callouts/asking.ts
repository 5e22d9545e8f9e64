/**
 * From a placement that asks for a person to its callout. `record` notes those that ask, after it has written them: whoever
 * is cut short in between gets the same events again, and notes them then. What is noted twice is one callout.
 */
import type { AccountRow } from '../model/account.js';
import type { Asking, Callout, Reason } from '../model/callout.js';
import { versionId, type EventTemplateVersion } from '../model/event-template.js';
import type { Organization } from '../model/organization.js';
import { wantedOf, type Lane, type Placement } from '../model/placement.js';
import type { Release, Revision } from '../model/release.js';
import { minutesOf } from '../duty/book.js';
import { newestWords } from '../placements/history.js';
import { insertMissing } from '../store/insert-missing.js';
import type { Store } from '../store/store.js';
import { calloutId } from './book.js';
import { begun } from './protocol.js';

/** A routine one whose credential is dead is the operator's affair, and goes on by itself. */
function asksForHand({ state, lane, parked }: Placement): boolean {
  return state === 'needs_action' && (lane === 'emergency' || !parked);
}

/** Notes those of the rows that ask for a person. */
export async function askForHands(store: Store, rows: readonly Placement[]): Promise<void> {
  const asking = rows.filter(asksForHand);
  if (asking.length === 0) return;
  await insertMissing(
    store.askings,
    asking.map((row): Asking => {
      const since = new Date(row.since);
      return { _id: calloutId(row), placement: row._id, lane: row.lane, since };
    }),
  );
}

/** Askings in one look. */
const together = 200;

/** Makes the callouts of what was noted in a lane; those that ask no more have none. Returns how many askings it took. */
export async function makeCallouts(store: Store, lane: Lane, now: Date): Promise<number> {
  const asked = await store.askings.find({ lane }).sort({ _id: 1 }).limit(together).lean<Asking[]>();
  if (asked.length === 0) return 0;
  const rows = await store.placements
    .find({ _id: { $in: asked.map(({ placement }) => placement) } })
    .lean<Placement[]>();
  const known = new Map(rows.map((row) => [row._id, row]));
  const still = asked.flatMap(({ _id, placement }) => {
    const row = known.get(placement);
    return row && asksForHand(row) && calloutId(row) === _id ? [row] : [];
  });
  await insertMissing(store.callouts, await calloutsOf(store, still, now));
  await store.askings.deleteMany({ _id: { $in: asked.map(({ _id }) => _id) } });
  return asked.length;
}

async function calloutsOf(store: Store, rows: readonly Placement[], now: Date): Promise<Callout[]> {
  const idsOf = (name: 'account' | 'organization' | 'release'): string[] => [...new Set(rows.map((row) => row[name]))];
  const [accounts, units, releases] = await Promise.all([
    store.accounts.find({ _id: { $in: idsOf('account') } }).lean<AccountRow[]>(),
    store.organizations.find({ _id: { $in: idsOf('organization') } }).lean<Organization[]>(),
    store.releases.find({ _id: { $in: idsOf('release') } }).lean<Release[]>(),
  ]);
  const find = <T extends { _id: string }>(list: readonly T[], id: string): T | undefined =>
    list.find(({ _id }) => _id === id);
  const made: Callout[] = [];
  for (const row of rows) {
    const [account, unit, release] = [
      find(accounts, row.account),
      find(units, row.organization),
      find(releases, row.release),
    ];
    const { cause, todo } = newestWords(row);
    const text = await textOf(store, row);
    made.push(
      begun({
        _id: calloutId(row),
        placement: row._id,
        release: row.release,
        title: release?.title ?? row.release,
        account: row.account,
        accountName: account?.name ?? row.account,
        organization: row.organization,
        unitName: unit?.name ?? row.organization,
        path: account?.path ?? unit?.path ?? '',
        channel: row.channel,
        lane: row.lane,
        reason: reasonOf(row),
        ...(cause && { cause }),
        ...(todo && { todo }),
        ...(text?.emergency?.status === 'Exercise' && { exercise: true as const }),
        ...(text?.emergency?.spoken !== undefined && { spoken: text.emergency.spoken }),
        since: new Date(row.since),
        at: now,
        minutes: (await minutesOfTemplate(store, text)) ?? (await minutesOf(store, row.organization, row.lane)),
      }),
    );
  }
  return made;
}

function reasonOf({ standing, doubted, open, recent }: Placement): Reason {
  if (standing.some(({ seen }) => seen === 'held')) return 'hand';
  if (doubted.length > 0 || open.length > 0) return 'unknown';
  return recent.at(-1)?.is === 'nothing' ? 'hand' : 'action';
}

type Text = Pick<Revision, 'emergency' | 'template'>;

async function textOf(store: Store, row: Placement): Promise<Text | null> {
  // A withdrawal names no text of its own: what it takes back says whose it is.
  const revision = wantedOf(row).revision ?? row.orders.findLast((order) => order.revision !== undefined)?.revision;
  if (revision === undefined) return null;
  return store.revisions.findById(revision, { emergency: 1, template: 1 }).lean<Text>();
}

/** What the event template of the text gives each step; undefined where that leaves it to the unit. */
async function minutesOfTemplate({ eventTemplateVersions }: Store, text: Text | null): Promise<number | undefined> {
  const { id, version } = text?.template ?? {};
  if (id === undefined || version === undefined) return undefined;
  const row = await eventTemplateVersions.findById(versionId(id, version)).lean<EventTemplateVersion>();
  return row?.content.minutes;
}
