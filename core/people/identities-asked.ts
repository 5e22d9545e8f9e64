/**
 * Somebody who came by the identity provider without an invitation. They wait; an admin says whose the identity is, by the
 * number that the person reads out. What the provider calls them is a hint and binds nothing.
 */
import type { ClientSession } from 'mongoose';
import { attempt } from '../audit/attempt.js';
import { LianfaError } from '../errors.js';
import type { Actor } from '../model/actor.js';
import type { Person } from '../model/person.js';
import type { IdentityAsked } from '../model/sign-in.js';
import { isDuplicate } from '../store/duplicates.js';
import { tidyLine } from '../text.js';
import { identityId, insertIdentity, type Claimed } from './identities.js';
import { enabledIn, reachOf, requireRight } from './standing.js';
import { changePerson, type PeopleMeans } from './write.js';

/** Milliseconds that one waits, and that a no lasts. */
const patience = 14 * 86_400_000;
/** So many wait at a time; whoever comes then needs an invitation. */
const mostWaiting = 100;

function markOf({ vault }: PeopleMeans, { _id, issuer, name, number, until }: Omit<IdentityAsked, 'mark'>): string {
  return vault.mark('identity asked', [_id, issuer, name ?? null, number, until.getTime()]);
}

function isWaiting(means: PeopleMeans, row: IdentityAsked | null, now: Date): row is IdentityAsked {
  return row !== null && !row.refused && row.until > now && row.mark === markOf(means, row);
}

/** What the person reads out, and the admin compares. */
function numberOf({ vault }: PeopleMeans, id: string): string {
  return vault.mark('identity number', [id]).replace(/\W|_/g, '').slice(0, 6).toUpperCase();
}

/** Lets the identity wait. @returns the number to read out to the admin @throws LianfaError provider_refused where it is somebody's who is gone, was refused, or too many wait */
export function askIdentity(
  means: PeopleMeans,
  claimed: Claimed & { name?: string | undefined },
  from: Actor['from'],
): Promise<string> {
  const { store } = means;
  const _id = identityId(means, claimed);
  const entry = { act: 'identity.ask', from, on: {}, after: { issuer: claimed.issuer } };
  return attempt(store, entry, async (session, tell) => {
    const at = new Date();
    await store.identitiesAsked.deleteMany({ until: { $lte: at } }, { session });
    const before = await store.identitiesAsked.findById(_id, null, { session }).lean();
    const number = numberOf(means, _id);
    tell({ after: { issuer: claimed.issuer, number } });
    if (isWaiting(means, before, at)) return number;
    const rows = await store.identitiesAsked.find({}, { _id: 1 }, { session }).limit(mostWaiting).lean();
    const known = await store.identities.findById(_id, { _id: 1 }, { session }).lean();
    if (before || known || rows.length === mostWaiting) throw new LianfaError('provider_refused');
    const name = tidyLine(claimed.name ?? '').slice(0, 60);
    const row = {
      _id,
      issuer: claimed.issuer,
      ...(name && { name }),
      number,
      at,
      until: new Date(at.getTime() + patience),
    };
    await store.identitiesAsked.create([{ ...row, mark: markOf(means, row) }], { session });
    return number;
  });
}

/** Oldest first; those that the hub wrote itself. */
export async function identitiesWaiting(means: PeopleMeans, now = new Date()): Promise<IdentityAsked[]> {
  const rows = await means.store.identitiesAsked.find({}).sort({ _id: 1 }).limit(mostWaiting).lean();
  return rows.filter((row) => isWaiting(means, row, now)).sort((a, b) => a.at.getTime() - b.at.getTime());
}

async function waitingIn(means: PeopleMeans, id: string, session: ClientSession): Promise<IdentityAsked> {
  const row = await means.store.identitiesAsked.findById(id, null, { session }).lean();
  if (!isWaiting(means, row, new Date())) throw new LianfaError('not_found', { what: id });
  return row;
}

/** The identity is this person's: they sign in by it from now on. @throws LianfaError not_found, own_account, person_disabled, forbidden, changed_meanwhile */
export function confirmIdentity(means: PeopleMeans, by: Actor, id: string, person: string): Promise<Person> {
  const entry = { act: 'identity.confirm', who: by, on: { person } };
  return attempt(means.store, entry, async (session, tell) => {
    const { issuer, number } = await waitingIn(means, id, session);
    const whose = await enabledIn(means, person, session);
    tell({ unit: whose.organization, after: { issuer, number } });
    const over = ['', ...(await reachOf(means, whose, session))];
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', over, session) } });
    // Whoever comes in by it is that person: nobody gives themselves a way in.
    if (person === by.person) throw new LianfaError('own_account');
    await insertIdentity(means, { _id: id, person, issuer }, session).catch((error: unknown) => {
      throw isDuplicate(error) ? new LianfaError('changed_meanwhile', { what: whose.displayName }) : error;
    });
    await means.store.identitiesAsked.deleteOne({ _id: id }, { session });
    return changePerson(means, whose, {}, session);
  });
}

/** It is nobody's here, and waits no more. @throws LianfaError not_found, forbidden */
export function refuseIdentity(means: PeopleMeans, by: Actor, id: string): Promise<void> {
  const entry = { act: 'identity.refuse', who: by, on: {} };
  return attempt(means.store, entry, async (session, tell) => {
    const { issuer, number } = await waitingIn(means, id, session);
    tell({ after: { issuer, number } });
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', [''], session) } });
    await means.store.identitiesAsked.updateOne({ _id: id }, { $set: { refused: true } }, { session });
  });
}
