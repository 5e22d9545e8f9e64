/** Reads back what the public sees, until it matches what was signed or a person must look; and again later, for what changes behind our back. */
import type { Verification } from '../../channels/channel.js';
import { newId } from '../../core/ids.js';
import { wantedOf, type Placement, type PlacementEvent, type Stands } from '../../core/model/placement.js';
import { askedWords } from '../../core/placements/history.js';
import { eventOfVerification, seconds, type EventFrame } from '../../core/placements/outcomes.js';
import { isSame, judged, suspectsOf } from '../../core/placements/protocol.js';
import { errandFor, type Owner } from './errand.js';
import { judge } from './judge.js';
import type { PublishMeans } from './means.js';

/** Longest time, in seconds, that a placement may stay accepted or unverified before a person is asked. */
const patience = { accepted: 24 * 3600, published: 6 * 3600 };

function frameOf(row: Placement): EventFrame {
  return { id: newId('e'), at: new Date(), by: 'verify', seq: wantedOf(row).seq };
}

/** Never throws for what a channel does. Nothing, where there is nothing to read. */
export async function followUp(row: Placement, owner: Owner, means: PublishMeans): Promise<PlacementEvent | undefined> {
  const other = await unseen(row, owner, means);
  if (other) return other;
  const wanted = wantedOf(row);
  const entry = wanted.stops
    ? judged(row.standing, wanted).right
    : row.standing.find((stands) => stands.revision === wanted.revision);
  // Nothing stands, and nothing was found: that, too, is looked at again.
  if (!entry) return row.unsure.length > 0 ? { is: 'looked', asked: [], found: [], ...frameOf(row) } : undefined;
  return row.state === 'needs_action' ? lookForPerson(row, entry, owner, means) : readBack(row, entry, owner, means);
}

/** A request that outlived its time-out may have landed since: orders that were closed by a look alone are looked for again. */
async function unseen(row: Placement, owner: Owner, means: PublishMeans): Promise<PlacementEvent | undefined> {
  const found: Stands[] = [];
  for (const { seq, revision } of suspectsOf(row, wantedOf(row).seq)) {
    if (revision === undefined || !row.unsure.includes(seq)) continue;
    const errand = await errandFor(owner, row._id, { seq, revision, lane: row.lane }, row.standing, means);
    const finding = await owner.channel.find(owner.account, errand.rendition, errand.call).catch(() => undefined);
    if (finding?.outcome !== 'found') continue;
    const known = row.standing.some((stands) => isSame(stands.remote, finding.remote));
    if (!known) found.push({ seq, revision, remote: finding.remote, seen: finding.state });
  }
  if (found.length === 0) return undefined;
  const cause = { zh: '复查时发现账号上还有别的一份。', en: 'Another copy was found when it was read again.' };
  return { is: 'looked', asked: [], found, cause, ...frameOf(row) };
}

/** A person may have done on the platform what was asked; until then the request stands as it was, looked at ever more seldom. */
async function lookForPerson(
  row: Placement,
  entry: Stands,
  owner: Owner,
  means: PublishMeans,
): Promise<PlacementEvent> {
  const { channel, account } = owner;
  const frame = frameOf(row);
  const errand = await errandFor(owner, row._id, { lane: row.lane, ...entry }, row.standing, means);
  const verification = await channel
    .verify(account, entry.remote, errand.rendition, errand.call)
    .catch(() => undefined);
  if (verification && answersPerson(verification, entry))
    return eventOfVerification(verification, { ...frame, now: new Date(), remote: entry.remote });
  const { cause, todo } = askedWords(row);
  const age = (Date.now() - row.since.getTime()) / 1_000;
  return {
    is: 'read',
    outcome: 'pending',
    remote: entry.remote,
    dueAt: seconds(new Date(), Math.min(6 * 3600, Math.max(60, age / 2))),
    ...(cause && { cause }),
    ...(todo && { todo }),
    ...frame,
  };
}

/** It is there, or it is surely not what it should be. That a text can be read is no answer to what is owed beside it. */
function answersPerson({ outcome }: Verification, { owed, seen, changed }: Stands): boolean {
  switch (outcome) {
    case 'verified':
      return !owed;
    case 'published':
      return seen === 'held';
    case 'rejected':
      return true;
    case 'mismatch':
      // A draft that has left its box may be on its way by a person's hand.
      return seen !== 'held' && !changed;
    case 'pending':
      return false;
  }
}

async function readBack(row: Placement, entry: Stands, owner: Owner, means: PublishMeans): Promise<PlacementEvent> {
  const { channel, account } = owner;
  const { remote } = entry;
  const frame = frameOf(row);
  const errand = await errandFor(owner, row._id, { lane: row.lane, ...entry }, row.standing, means);
  try {
    const verification = await channel.verify(account, remote, errand.rendition, errand.call);
    const event = eventOfVerification(verification, { ...frame, now: new Date(), remote });
    return event.is === 'read' && isTooLong(row, event.outcome) ? { ...frame, ...tooLong, remote } : event;
  } catch (error) {
    const judgement = judge(channel, error, false);
    const words = { cause: judgement.cause, ...(judgement.platform && { platform: judgement.platform }) };
    const again = (inSeconds: number): PlacementEvent => ({
      is: 'read',
      outcome: 'pending',
      remote,
      dueAt: seconds(new Date(), inSeconds),
      ...words,
      ...frame,
    });
    const ask = (todo: PlacementEvent['todo']): PlacementEvent => ({
      is: 'read',
      outcome: 'ask',
      remote,
      ...(todo && { todo }),
      ...words,
      ...frame,
    });
    switch (judgement.class) {
      case 'refresh':
        await channel.refresh?.(account, errand.call).catch(() => undefined);
        return again(2);
      case 'wait':
        return again((judgement.until.getTime() - Date.now()) / 1_000);
      // What is out stays out; it is read back again once the credential is renewed.
      case 'action':
        return judgement.credential ? again(1_800) : ask(judgement.todo);
      case 'permanent':
        return ask(judgement.todo);
      case 'retry':
        return judgement.ours && isTooLong(row, 'pending') ? ask(undefined) : again(Math.max(5, judgement.delay));
      case 'unknown':
      case 'duplicate':
        return again(15);
    }
  }
}

/** It makes no headway any more. */
function isTooLong(row: Placement, outcome: Extract<PlacementEvent, { is: 'read' }>['outcome']): boolean {
  if (outcome !== 'pending' && outcome !== 'published') return false;
  if (row.state !== 'accepted' && row.state !== 'published') return false;
  if (row.state === 'accepted' && outcome === 'published') return false;
  return Date.now() - row.since.getTime() > patience[row.state] * 1_000;
}

const tooLong = {
  is: 'read' as const,
  outcome: 'ask' as const,
  cause: { zh: '平台已接收，但长时间没有公开。', en: 'Accepted by the platform, but not public for too long.' },
  todo: {
    zh: '请到平台上查看是否已公开，再选择处理结果。',
    en: 'Look on the platform whether it is public, then say here what you saw.',
  },
};
