/** Proof, right before it counts, that whoever acts is the person whose session it is; and that it is still theirs at the commit. */
import type { ClientSession } from 'mongoose';
import { LianfaError } from '../errors.js';
import type { Actor } from '../model/actor.js';
import { requireProof } from '../people/own.js';
import type { Proof } from '../people/proof.js';
import { activePerson } from '../people/read.js';
import type { PeopleMeans } from '../people/write.js';

export interface Proven {
  /** Whether the person is still the one that gave the proof. Read inside a transaction, it holds until the commit. @throws LianfaError sign_in_required */
  still(session: ClientSession): Promise<void>;
}

/** For what it is given, as the book of acts names it. */
export interface ProvenFor {
  act: string;
  on: Readonly<Record<string, string>>;
}

/** How often one may try is for the caller to bound. @throws LianfaError proof_failed, sign_in_required, key_personal */
export async function prove(means: PeopleMeans, by: Actor, proof: Proof, entry: ProvenFor): Promise<Proven> {
  const { rights } = await requireProof(means, by, proof, { ...entry, who: by });
  return {
    async still(session) {
      const now = await activePerson(means, by.person, session);
      if (now?.rights !== rights) throw new LianfaError('sign_in_required');
    },
  };
}
