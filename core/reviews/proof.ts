/** Proof, right before it counts, that whoever acts is the person whose session it is. */
import type { ClientSession } from 'mongoose';
import { LianfaError } from '../errors.js';
import { spendCode } from '../people/factor.js';
import { passwordFits } from '../people/passwords.js';
import { activePerson } from '../people/read.js';
import type { PeopleMeans } from '../people/write.js';

export interface Proven {
  person: string;
  /** Whether the person is still the one that gave the proof. Read inside a transaction, it holds until the commit. @throws LianfaError sign_in_required */
  still(session: ClientSession): Promise<void>;
}

/**
 * The password again; of whoever has none, for they come by a provider, a fresh code of their app. How often one may try
 * is for the caller to bound.
 * @throws LianfaError proof_failed, sign_in_required, code_full_width
 */
export async function prove(means: PeopleMeans, person: string, given: string): Promise<Proven> {
  const row = await activePerson(means, person);
  if (!row) throw new LianfaError('sign_in_required');
  if (row.passwordHash === undefined && row.factor !== undefined) await spendCode(means, row, given);
  else if (!(await passwordFits(given, row.passwordHash))) throw new LianfaError('proof_failed', { field: 'password' });
  return {
    person,
    async still(session) {
      const now = await activePerson(means, person, session);
      if (now?.rights !== row.rights) throw new LianfaError('sign_in_required');
    },
  };
}
