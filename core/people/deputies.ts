/** Standing in for somebody (代理): given by the person, from one instant to another, and over when their own role is. */
import type { Said } from '../../channels/channel.js';
import { attempt } from '../audit/attempt.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Grant } from '../model/person.js';
import type { Actor } from '../model/actor.js';
import { requireMayMeet, shown } from './grants.js';
import { enabledIn, personIn, requireRight } from './standing.js';
import { changePerson, insertGrant, isGrantSealed, type PeopleMeans } from './write.js';

/** Days that one may be away at a stretch. */
export const longestDeputy = 92;

/** @throws LianfaError not_deputised, own_role, roles_apart, person_disabled, not_found */
export function giveDeputy(
  means: PeopleMeans,
  by: Actor,
  wish: { grant: string; to: string; from: Date; until: Date },
): Promise<Grant> {
  const { store } = means;
  const { from, until } = wish;
  const entry = {
    act: 'person.deputy',
    who: by,
    on: { person: wish.to, grant: wish.grant },
    after: { from, until },
  };
  return attempt(store, entry, async (session, tell) => {
    const now = new Date();
    const own = await store.grants.findById(wish.grant, null, { session }).lean();
    if (own?.person !== by.person || !isGrantSealed(means, own)) throw not(notHeld);
    tell({ unit: own.organization, who: { ...by, role: own.role } });
    if (wish.to === by.person) throw new LianfaError('own_role');
    if (own.asked || (own.until && own.until <= now) || (own.from && own.from > now)) throw not(notHeld);
    if (own.deputyOf !== undefined) throw not(second);
    if (own.role === 'admin') throw not(admins);
    if (until <= from || until <= now || until.getTime() - from.getTime() > longestDeputy * 86_400_000) throw not(term);
    const deputy = await enabledIn(means, wish.to, session);
    // Whoever cannot see a person cannot name them either.
    await requireRight(means, by, 'people.read', [deputy.path], session);
    await requireMayMeet(means, deputy._id, { ...own, from, until }, session);
    const grant = await insertGrant(
      means,
      {
        _id: newId('g', now.getTime()),
        person: deputy._id,
        role: own.role,
        ...(own.organization !== undefined && { organization: own.organization }),
        path: own.path,
        from,
        until,
        deputyOf: own._id,
        by: by.person,
        at: now,
      },
      session,
    );
    await changePerson(means, deputy, {}, session);
    tell({ on: { person: deputy._id, grant: grant._id }, after: shown(grant) });
    return grant;
  });
}

/** By the person who gave it. @throws LianfaError not_found */
export function endDeputy(means: PeopleMeans, by: Actor, id: string): Promise<void> {
  const entry = { act: 'person.deputy-end', who: by, on: { grant: id } };
  return attempt(means.store, entry, async (session, tell) => {
    const grant = await means.store.grants.findById(id, null, { session }).lean();
    if (grant?.deputyOf === undefined || grant.by !== by.person) throw new LianfaError('not_found', { what: id });
    tell({ on: { grant: id, person: grant.person }, unit: grant.organization, before: shown(grant) });
    await means.store.grants.deleteOne({ _id: id }, { session });
    await changePerson(means, await personIn(means, grant.person, session), {}, session);
  });
}

function not(reason: Said): LianfaError {
  return new LianfaError('not_deputised', { reason });
}

const notHeld: Said = { zh: '这不是您现在持有的角色。', en: 'you do not hold this role now.' };
const second: Said = {
  zh: '代理得来的角色不能再委托。',
  en: 'a role that you hold as a deputy is not handed on.',
};
const admins: Said = {
  zh: '系统管理员不能代理，请另设一位系统管理员。',
  en: 'an admin has no deputy; let another admin be made.',
};
const term: Said = {
  zh: `期限要在今后，最长 ${longestDeputy} 天。`,
  en: `the term lies ahead and is ${longestDeputy} days at most.`,
};
