/** The accounts that an audience held when it was signed: which those were cannot be told from the selector later. */
import { createHash } from 'node:crypto';
import { Schema } from 'mongoose';

export interface AccountList {
  /** SHA-256 over `accounts`: what a signature covers. One list serves every order to the same accounts. */
  _id: string;
  /** Their ids in ascending order, one a line. */
  accounts: string;
}

export const accountListSchema = new Schema<AccountList>(
  { _id: { type: String, required: true }, accounts: String },
  { versionKey: false, collection: 'account_lists' },
);

export function accountListOf(ids: readonly string[]): AccountList {
  const accounts = [...ids].sort().join('\n');
  return { _id: createHash('sha256').update(accounts).digest('hex'), accounts };
}

/** Its ids; undefined where it is not the list that its id says. */
export function idsOf({ _id, accounts }: AccountList): string[] | undefined {
  if (createHash('sha256').update(accounts).digest('hex') !== _id) return undefined;
  return accounts === '' ? [] : accounts.split('\n');
}
