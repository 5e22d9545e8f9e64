/** What persons do to their own account. Each asks again for the password, and for a fresh code where there is a second step: an open session alone changes nothing that lets somebody in. */
import { attempt, refused, type Attempted } from '../audit/attempt.js';
import { LianfaError } from '../errors.js';
import { invalid } from '../import-given.js';
import type { Person } from '../model/person.js';
import { personal, type Permission } from '../model/roles.js';
import type { Actor } from '../model/actor.js';
import { addressOf } from './addresses.js';
import { createApiKey } from './api-keys.js';
import { newRecoveryCodes, sealSecret, spendCode, startFrom, stepOf } from './factor.js';
import { hashPassword, passwordFits, requireStrong } from './passwords.js';
import type { Proof } from './proof.js';
import { activePerson } from './read.js';
import { enabledIn, placeOf } from './standing.js';
import { changePerson, type PeopleMeans } from './write.js';

/**
 * Proves that it is the person who sits there. A refusal is kept under `entry`, the act that it was asked for.
 * Somebody without a password (who comes by a provider) proves it by the code alone.
 * @throws LianfaError proof_failed, code_full_width
 */
export async function requireProof(means: PeopleMeans, by: Actor, proof: Proof, entry: Attempted): Promise<Person> {
  const person = await activePerson(means, by.person);
  if (!person) throw new LianfaError('sign_in_required');
  try {
    if (by.key !== undefined) throw new LianfaError('key_personal');
    const fits = await passwordFits(proof.password, person.passwordHash);
    const byPassword = person.passwordHash !== undefined;
    if (byPassword ? !fits : person.factor === undefined) throw new LianfaError('proof_failed');
    if (person.factor !== undefined) await spendCode(means, person, proof.code ?? '').catch(asProof);
    return person;
  } catch (error) {
    if (error instanceof LianfaError) await refused(means.store, entry, error);
    throw error;
  }
}

function asProof(error: unknown): never {
  if (error instanceof LianfaError && error.code === 'code_wrong')
    throw new LianfaError('proof_failed', { field: 'code' }, { cause: error });
  throw error;
}

function entryOf(act: string, by: Actor): Attempted {
  return { act, who: by, on: { person: by.person } };
}

/** @returns the person as they are now: every other session has ended @throws LianfaError proof_failed, password_weak */
export async function changePassword(means: PeopleMeans, by: Actor, password: string, proof: Proof): Promise<Person> {
  const entry = entryOf('account.password', by);
  const known = await requireProof(means, by, proof, entry);
  requireStrong(password, known);
  if (await passwordFits(password, known.passwordHash))
    throw new LianfaError('password_weak', { field: 'password', reason: isOld });
  const passwordHash = await hashPassword(password);
  return attempt(means.store, entry, async (session) =>
    changePerson(means, await enabledIn(means, by.person, session), { passwordHash, mustChange: undefined }, session),
  );
}

/** @throws LianfaError proof_failed, address_taken, field_invalid */
export async function changeAddress(means: PeopleMeans, by: Actor, written: string, proof: Proof): Promise<Person> {
  const entry = entryOf('account.address', by);
  await requireProof(means, by, proof, entry);
  const address = addressOf(written);
  return attempt(means.store, entry, async (session) => {
    const person = await enabledIn(means, by.person, session);
    const name = person.name === person.address ? address : person.name;
    return changePerson(means, person, { address, name }, session);
  });
}

/** Turns the second step on, or renews it, by a code of the new secret; until then the old one counts. @throws LianfaError code_wrong */
export async function confirmFactor(
  means: PeopleMeans,
  by: Actor,
  secret: string,
  code: string,
): Promise<{ person: Person; codes: string[] }> {
  return attempt(means.store, entryOf('account.factor', by), async (session) => {
    const step = stepOf(secret, code.replace(/\s/g, ''), Date.now());
    if (step === undefined) throw new LianfaError('code_wrong', { field: 'code' });
    const factor = sealSecret(means, by.person, secret);
    const person = await changePerson(means, await enabledIn(means, by.person, session), { factor }, session);
    await startFrom(means, by.person, step, session);
    return { person, codes: await newRecoveryCodes(means, by.person, session) };
  });
}

/** @throws LianfaError proof_failed, factor_off */
export async function renewRecoveryCodes(means: PeopleMeans, by: Actor, proof: Proof): Promise<string[]> {
  const entry = entryOf('account.recovery', by);
  const { factor } = await requireProof(means, by, proof, entry);
  return attempt(means.store, entry, (session) => {
    if (factor === undefined) throw new LianfaError('factor_off');
    return newRecoveryCodes(means, by.person, session);
  });
}

/** @throws LianfaError proof_failed, factor_off; factor_required where the person's roles ask for it */
export async function turnFactorOff(
  means: PeopleMeans,
  by: Actor,
  proof: Proof,
  isRequired: (person: Person) => Promise<boolean>,
): Promise<Person> {
  const entry = entryOf('account.factor-off', by);
  await requireProof(means, by, proof, entry);
  return attempt(means.store, entry, async (session) => {
    const person = await enabledIn(means, by.person, session);
    if (person.factor === undefined) throw new LianfaError('factor_off');
    if (await isRequired(person)) throw new LianfaError('factor_required');
    await means.store.recoveryCodes.deleteMany({ person: by.person }, { session });
    return changePerson(means, person, { factor: undefined }, session);
  });
}

/** Days that a key lasts, unless told otherwise; and at most. */
export const keyDays = { usual: 90, most: 366 };

/** @returns the key, shown once @throws LianfaError proof_failed, field_invalid */
export async function makeKey(
  means: PeopleMeans,
  by: Actor,
  wish: {
    name: string;
    permissions?: Permission[] | undefined;
    organization?: string | undefined;
    expiresAt?: Date | undefined;
  },
  proof: Proof,
): Promise<string> {
  const { name, permissions, organization } = wish;
  const entry = { ...entryOf('account.key', by), unit: organization };
  await requireProof(means, by, proof, entry);
  const now = Date.now();
  const expiresAt = wish.expiresAt ?? new Date(now + keyDays.usual * 86_400_000);
  if (expiresAt.getTime() <= now || expiresAt.getTime() > now + keyDays.most * 86_400_000)
    throw invalid('expiresAt', term);
  if (permissions?.some((permission) => personal.includes(permission))) throw invalid('permissions', takesPerson);
  return attempt(means.store, entry, async (session, tell) => {
    const place = organization === undefined ? {} : await placeOf(means.store, organization, session);
    const scope = { ...(permissions && { permissions }), ...place, expiresAt };
    const key = await createApiKey(means, name, by.person, scope, session);
    tell({ on: { person: by.person, key: key.split('_')[1] ?? '' }, after: { permissions, organization, expiresAt } });
    return key;
  });
}

/** @throws LianfaError not_found */
export function revokeKey(means: PeopleMeans, by: Actor, id: string): Promise<void> {
  const entry = { act: 'account.key-revoke', who: by, on: { person: by.person, key: id } };
  return attempt(means.store, entry, async (session) => {
    const { matchedCount } = await means.store.apiKeys.updateOne(
      { _id: id, createdBy: by.person },
      { $set: { revokedAt: new Date(), secretHash: '' } },
      { session },
    );
    if (matchedCount === 0) throw new LianfaError('not_found', { what: id });
  });
}

const isOld = { zh: '与原来的密码相同。', en: 'it is the one you have.' };
const term = {
  zh: `有效期要在今后，最长 ${keyDays.most} 天。`,
  en: `it lies ahead and is ${keyDays.most} days at most.`,
};
const takesPerson = {
  zh: '审核、签发、撤回、冻结、人员和流程管理只能本人登录办理，不能交给密钥。',
  en: 'reviewing, signing, withdrawing, freezing and managing people or chains take a person, never a key.',
};
