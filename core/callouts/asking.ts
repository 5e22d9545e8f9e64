/**
 * From placements that ask for a person to the callout of their unit. `record` notes those that ask, after it has written
 * them: whoever is cut short in between gets the same events again, and notes them then. What is noted twice is one item.
 */
import type { AccountRow } from '../model/account.js';
import type { Asking, Callout, CalloutItem, Reason } from '../model/callout.js';
import { versionId, type EventTemplateVersion } from '../model/event-template.js';
import type { Organization } from '../model/organization.js';
import { wantedOf, type Lane, type Placement } from '../model/placement.js';
import type { Release, Revision } from '../model/release.js';
import { minutesOf } from '../duty/book.js';
import { newestWords } from '../placements/history.js';
import { insertMissing } from '../store/insert-missing.js';
import type { Store } from '../store/store.js';
import { change, itemId } from './book.js';
import { begun, joined, type NewCallout } from './protocol.js';
import { endsAmong } from './watch.js';

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
      return { _id: itemId(row), placement: row._id, lane: row.lane, since };
    }),
  );
}

/** Askings in one look. */
const together = 200;

/** Puts what was noted in a lane on the lists of its units; what asks no more stands on none. Returns how many askings it took. */
export async function makeCallouts(store: Store, lane: Lane, now: Date, clock = now): Promise<number> {
  const asked = await store.askings.find({ lane }).sort({ _id: 1 }).limit(together).lean<Asking[]>();
  if (asked.length === 0) return 0;
  const rows = await store.placements
    .find({ _id: { $in: asked.map(({ placement }) => placement) } })
    .lean<Placement[]>();
  const known = new Map(rows.map((row) => [row._id, row]));
  const still = asked.flatMap(({ _id, placement }) => {
    const row = known.get(placement);
    return row && asksForHand(row) && itemId(row) === _id ? [row] : [];
  });
  // Nobody is called for what has ended before anybody could be.
  const ended = await endsAmong(store, still, clock);
  const calling = still.filter((row) => !ended.has(itemId(row)));
  for (const { list, items } of await listsOf(store, calling, now)) await putOn(store, list, items, now);
  await store.askings.updateMany({ _id: { $in: asked.map(({ _id }) => _id) } }, { $unset: { lane: 1 } });
  return asked.length;
}

type List = Omit<NewCallout, '_id' | 'items'> & { open: string };

/** On the unit's list where there is one, else on a new one: of two who begin one at once the other joins. */
async function putOn(store: Store, list: List, items: readonly CalloutItem[], now: Date): Promise<void> {
  const [first] = items;
  if (!first) return;
  for (;;) {
    const there = await store.callouts.findOne({ open: list.open }).lean<Callout>();
    if (there) {
      const { row } = await change(store, there._id, (known) => joined(known, items, now));
      if (row.open === list.open) return;
      continue;
    }
    const made = begun({ ...list, _id: first.id, items: [...items] });
    if ((await insertMissing(store.callouts, [made])).size > 0) return;
    // It began, and has ended, before whoever began it could note that here.
    if (await store.callouts.exists({ _id: first.id })) return;
  }
}

interface Listed {
  list: List;
  items: CalloutItem[];
}

/** By unit, and drills apart. */
async function listsOf(store: Store, rows: readonly Placement[], now: Date): Promise<Listed[]> {
  const idsOf = (name: 'account' | 'organization' | 'release'): string[] => [...new Set(rows.map((row) => row[name]))];
  const [accounts, units, releases] = await Promise.all([
    store.accounts.find({ _id: { $in: idsOf('account') } }).lean<AccountRow[]>(),
    store.organizations.find({ _id: { $in: idsOf('organization') } }).lean<Organization[]>(),
    store.releases.find({ _id: { $in: idsOf('release') } }).lean<Release[]>(),
  ]);
  const lists = new Map<string, Listed>();
  for (const row of rows) {
    const { organization, lane } = row;
    const account = accounts.find(({ _id }) => _id === row.account);
    const unit = units.find(({ _id }) => _id === organization);
    const release = releases.find(({ _id }) => _id === row.release);
    const text = await textOf(store, row);
    const exercise = text?.emergency?.status === 'Exercise';
    const minutes = (await minutesOfTemplate(store, text)) ?? (await minutesOf(store, organization, lane));
    const open = JSON.stringify([organization, lane, exercise]);
    const listed = lists.get(open) ?? {
      items: [],
      list: {
        open,
        organization,
        unitName: unit?.name ?? organization,
        path: unit?.path ?? account?.path ?? '',
        lane,
        ...(exercise && { exercise: true as const }),
        at: now,
        minutes,
      },
    };
    // What is most pressing on the list sets its pace.
    listed.list.minutes = Math.min(listed.list.minutes, minutes);
    listed.items.push(itemOf(row, text, release?.title, account?.name));
    lists.set(open, listed);
  }
  return [...lists.values()];
}

function itemOf(row: Placement, text: Text | null, title = row.release, accountName = row.account): CalloutItem {
  const { cause, todo } = newestWords(row);
  const { _id: placement, release, account, channel } = row;
  return {
    id: itemId(row),
    placement,
    release,
    title,
    account,
    accountName,
    channel,
    reason: reasonOf(row),
    ...(cause && { cause }),
    ...(todo && { todo }),
    ...(text?.emergency?.spoken !== undefined && { spoken: text.emergency.spoken }),
    since: new Date(row.since),
    state: 'open',
  };
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
