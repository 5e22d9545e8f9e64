/** What was taken in before: the messages that one names, the releases that they became, and others that look like it. */
import type { ClientSession } from 'mongoose';
import type { AlertRow } from '../model/alert.js';
import type { Store } from '../store/store.js';
import type { Alert } from './alert.js';
import type { Link } from './chain.js';

/** By what the standard names a message, without its time: no sender uses one identifier twice. */
export function identityOf({ sender, identifier }: { sender: string; identifier: string }): string {
  return `${sender},${identifier}`;
}

/** The releases of the messages named, each with the newest message in it. `foreign`: one of them is another sender's. `other`: one is of another status or scope. `unknown`: how many never came. */
export async function linksOf(
  store: Store,
  { sender, status, scope, references }: Pick<Alert, 'sender' | 'status' | 'scope' | 'references'>,
  session: ClientSession,
): Promise<{ links: Link[]; foreign: boolean; other: boolean; unknown: number }> {
  const names = [...new Set(references.slice(0, 200).map(identityOf))];
  const rows = await store.alerts.find({ identity: { $in: names } }, null, { session }).lean();
  const known = rows.filter((row) => releasesOf(row).length > 0);
  const links: Link[] = [];
  for (const release of new Set(known.flatMap(releasesOf))) {
    const link = await linkOf(store, release, session);
    if (link) links.push(link);
  }
  return {
    links,
    foreign: known.some((row) => row.sender !== sender),
    other: known.some((row) => row.status !== status || row.scope !== scope),
    unknown: names.length - known.length,
  };
}

function releasesOf({ outcome }: AlertRow): string[] {
  switch (outcome.is) {
    case 'drafted':
      return [outcome.release];
    case 'revised':
    case 'late':
      return outcome.releases;
    default:
      return [];
  }
}

async function linkOf(store: Store, id: string, session: ClientSession): Promise<Link | undefined> {
  const release = await store.releases.findById(id, { withdrawnAt: 1 }, { session }).lean();
  const revisions = await store.revisions.find({ release: id }, null, { session }).sort({ number: -1 }).lean();
  const newest = revisions.find(({ alert }) => alert !== undefined);
  const row = newest?.alert === undefined ? null : await store.alerts.findById(newest.alert, null, { session }).lean();
  if (!release || !row?.sentAt) return undefined;
  const lifted = row.msgType === 'Cancel' || revisions[0]?.emergency?.msgType === 'Cancel';
  return {
    release: id,
    newest: identityOf({ sender: row.sender ?? '', identifier: row.identifier ?? '' }),
    sentAt: row.sentAt,
    ended: lifted || release.withdrawnAt !== undefined,
  };
}

/** Drafts of the same sender, event and expiry that this one does not name: told, never joined by themselves. */
export async function looksLike(
  store: Store,
  { _id, sender, event, expires }: AlertRow,
  session: ClientSession,
): Promise<string[]> {
  if (sender === undefined || event === undefined) return [];
  const rows = await store.alerts
    .find({ sender, event, state: 'drafted' }, null, { session })
    .sort({ _id: -1 })
    .limit(20)
    .lean();
  const like = rows.filter((row) => row._id !== _id && row.expires?.getTime() === expires?.getTime());
  return like.flatMap(({ outcome }) => (outcome.is === 'drafted' ? [outcome.release] : []));
}
