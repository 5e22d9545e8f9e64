/** The second step: codes of an authenticator app (RFC 6238: six digits, thirty seconds, SHA-1), and recovery codes in its place. */
import { randomInt } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { Secret, TOTP } from 'otpauth';
import { LianfaError } from '../errors.js';
import type { Person } from '../model/person.js';
import type { PeopleMeans } from './write.js';

/** Seconds that one code is shown. */
const period = 30;
/** Steps by which a phone's clock may be ahead or behind. */
const drift = 1;
export const recoveryCodeCount = 10;

/** A new secret, base32. */
export function newSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What the QR code holds. */
export function otpauthAddress(secret: string, { name }: Pick<Person, 'name'>, hub: string): string {
  return totpOf(secret, name, hub).toString();
}

function totpOf(secret: string, label = '', issuer = ''): TOTP {
  return new TOTP({ secret: Secret.fromBase32(secret), label, issuer, algorithm: 'SHA1', digits: 6, period });
}

/** Which step's code it is; undefined where it is none that could be shown now. */
export function stepOf(secret: string, code: string, now: number): number | undefined {
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window: drift });
  return delta === null ? undefined : Math.floor(now / 1000 / period) + delta;
}

export function sealSecret({ vault }: PeopleMeans, person: string, secret: string): string {
  return vault.seal(`factor ${person}`, secret);
}

export function openSecret({ vault }: PeopleMeans, person: string, sealed: string): string {
  return String(vault.open(`factor ${person}`, sealed));
}

/**
 * Takes a code as people type it, blanks and all. A code counts once, and none older than the last: the step that is spent
 * lies in the store, so that every process knows it. @returns which kind it was
 * @throws LianfaError code_wrong, code_full_width, factor_off
 */
export async function spendCode(
  means: PeopleMeans,
  { _id, factor }: Pick<Person, '_id' | 'factor'>,
  typed: string,
  session?: ClientSession,
): Promise<'app' | 'recovery'> {
  if (factor === undefined) throw new LianfaError('factor_off');
  const code = typed.replace(/[\s-]/g, '').toLowerCase();
  if (code !== code.normalize('NFKC')) throw new LianfaError('code_full_width', { field: 'code' });
  const options = session ? { session } : {};
  if (/^\d{6}$/.test(code)) {
    const step = stepOf(openSecret(means, _id, factor), code, Date.now());
    if (step === undefined) throw wrong();
    const newer = { _id, step: { $lt: step } };
    const { matchedCount } = await means.store.spentSteps.updateOne(newer, { $set: { step } }, options);
    if (matchedCount === 0) throw wrong();
    return 'app';
  }
  const { deletedCount } = await means.store.recoveryCodes.deleteOne(
    { _id: markOf(means, _id, code), person: _id },
    options,
  );
  if (deletedCount === 0) throw wrong();
  return 'recovery';
}

function wrong(): LianfaError {
  return new LianfaError('code_wrong', { field: 'code' });
}

/** Seconds until the app shows a code that was not used yet: none counts again, and none older than the last. */
export async function secondsToCode({ store }: PeopleMeans, person: string): Promise<number> {
  const spent = await store.spentSteps.findById(person).lean();
  return Math.max(0, Math.ceil((((spent?.step ?? 0) + 1) * period * 1000 - Date.now()) / 1000));
}

/** From now on no code of this step or an older one counts. */
export async function startFrom(
  { store }: PeopleMeans,
  person: string,
  step: number,
  session: ClientSession,
): Promise<void> {
  await store.spentSteps.updateOne({ _id: person }, { $set: { step } }, { upsert: true, session });
}

/** Without the characters that people mistake for one another. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** New ones in place of all older ones. Shown once; only marks of them are kept. */
export async function newRecoveryCodes(means: PeopleMeans, person: string, session: ClientSession): Promise<string[]> {
  const codes = Array.from({ length: recoveryCodeCount }, () =>
    Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]).join(''),
  );
  await means.store.recoveryCodes.deleteMany({ person }, { session });
  const rows = codes.map((code) => ({ _id: markOf(means, person, code), person }));
  await means.store.recoveryCodes.insertMany(rows, { session });
  return codes.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`);
}

export function recoveryCodesLeft({ store }: PeopleMeans, person: string): Promise<number> {
  return store.recoveryCodes.countDocuments({ person });
}

function markOf({ vault }: PeopleMeans, person: string, code: string): string {
  return vault.mark('recovery', [person, code]);
}
