/** The one-time link by which a person chooses a password. Its secret stands behind `#`, which no browser sends and no server logs. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { attempt } from '../audit/attempt.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Person } from '../model/person.js';
import type { Link } from '../model/sign-in.js';
import type { Actor } from '../model/actor.js';
import { revokeKeysOf } from './api-keys.js';
import { spendCode } from './factor.js';
import { hashPassword, requireStrong } from './passwords.js';
import { activePerson } from './read.js';
import { enabledIn, reachOf, requireRight } from './standing.js';
import { changePerson, type PeopleMeans } from './write.js';

/** Milliseconds that a link works. */
export const linkLife = 72 * 3600 * 1000;

export interface NewLink {
  address: string;
  until: Date;
}

/** `hubUrl`: the configured public address; what a request calls us proves nothing. */
export interface LinkMeans extends PeopleMeans {
  hubUrl: string;
}

/** Makes the link inside an act, and ends older ones. */
export async function linkIn(
  means: LinkMeans,
  { _id: person, passwordHash }: Person,
  by: string,
  session: ClientSession,
): Promise<NewLink> {
  const { store, hubUrl } = means;
  const at = new Date();
  const secret = randomBytes(32).toString('base64url');
  const link = {
    _id: newId('l', at.getTime()),
    person,
    use: passwordHash === undefined ? ('invitation' as const) : ('reset' as const),
    until: new Date(at.getTime() + linkLife),
    by,
    at,
  };
  await store.links.deleteMany({ person }, { session });
  await store.links.create([{ ...link, mark: markOf(means, link, secret) }], { session });
  return { address: `${hubUrl}/welcome#${link._id}.${secret}`, until: link.until };
}

function markOf({ vault }: PeopleMeans, link: Omit<Link, 'mark' | 'by' | 'at'>, secret: string): string {
  return vault.mark('link', [link._id, link.person, link.use, link.until.getTime(), secret]);
}

/**
 * A link for somebody who has none, lost theirs or forgot the password. It takes the right to manage people wherever this
 * one holds a role: who can set a password can become that person.
 * @throws LianfaError forbidden, own_account, person_disabled, not_found
 */
export function makeLink(means: LinkMeans, by: Actor, id: string): Promise<NewLink> {
  return attempt(means.store, { act: 'person.link', who: by, on: { person: id } }, async (session, tell) => {
    const person = await enabledIn(means, id, session);
    tell({ unit: person.organization });
    const reach = await reachOf(means, person, session);
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', reach, session) } });
    if (id === by.person) throw new LianfaError('own_account');
    return linkIn(means, person, by.person, session);
  });
}

/** Whose it is. @throws LianfaError link_over, whatever is wrong with it */
export async function personOfLink(
  means: PeopleMeans,
  text: string,
  session?: ClientSession,
): Promise<{ link: Link; person: Person }> {
  const [, id = '', secret = ''] = /^(l[0-9a-z]{10,40})\.([\w-]{43})$/.exec(text) ?? [];
  const link = await means.store.links.findById(id, null, session ? { session } : {}).lean();
  const person = link && (await activePerson(means, link.person, session));
  if (!link || !person || link.until <= new Date() || !same(link.mark, markOf(means, link, secret)))
    throw new LianfaError('link_over');
  return { link, person };
}

function same(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

/**
 * Sets the password. Who has a second step must pass it here too: a mailbox alone changes nothing. After a reset the keys
 * of the person are dead, for whoever knew the old password may have made some.
 * @throws LianfaError link_over, password_weak, code_wrong, code_full_width
 */
export async function acceptLink(
  means: PeopleMeans,
  given: { link: string; password: string; code?: string | undefined },
  from: Actor['from'],
): Promise<Person> {
  const { person: known } = await personOfLink(means, given.link);
  requireStrong(given.password, known);
  const passwordHash = await hashPassword(given.password);
  const entry = { act: 'person.link-accept', from, on: { person: known._id }, unit: known.organization };
  return attempt(means.store, entry, async (session, tell) => {
    const { link, person } = await personOfLink(means, given.link, session);
    tell({ who: { person: person._id, from }, after: { use: link.use } });
    if (person.factor !== undefined) await spendCode(means, person, given.code ?? '', session);
    await means.store.links.deleteMany({ person: person._id }, { session });
    if (link.use === 'reset') await revokeKeysOf(means, person._id, session);
    return changePerson(means, person, { passwordHash, mustChange: undefined }, session);
  });
}
