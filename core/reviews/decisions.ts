/** Decisions with the signature of whoever took them: what an order's statement tells of the steps before its last. */
import type { ClientSession } from 'mongoose';
import type { Vault } from '../accounts/vault.js';
import { LianfaError } from '../errors.js';
import type { Decision, Review } from '../model/review.js';
import type { PeopleMeans } from '../people/write.js';
import type { Authority } from '../placements/place.js';
import { isSignature } from '../signatures/ed25519.js';
import { readKey, signerOf } from '../signatures/keys.js';
import { hubId } from '../signatures/seals.js';
import { decisionText } from '../signatures/statement.js';
import type { Chain } from './chains.js';
import { namesOf } from './takers.js';

export type SigningMeans = PeopleMeans & { vault: Vault };

/** The person's key must have been made before: `ensureKey`. @throws LianfaError no_signing_key */
export async function signDecision(
  means: SigningMeans,
  review: About,
  chain: Chain,
  decision: Omit<Decision, 'key' | 'signature'>,
  session: ClientSession,
  as: 'pass' | 'return' = 'pass',
): Promise<Decision & { key: string; signature: string }> {
  const signer = await signerOf(means, decision.person, session);
  if (!signer) throw new LianfaError('no_signing_key');
  const { step, person, at, note } = decision;
  const said = { step, person, key: signer.key, at: at.toISOString(), ...(note !== undefined && { note }) };
  const text = decisionText(aboutOf(means, review, chain), { ...said, decision: as });
  return { ...decision, key: signer.key, signature: signer.sign(text) };
}

/** As the statement has them. @throws LianfaError decision_unsigned for one that was not signed by a key of that person */
export async function signedDecisions(
  means: SigningMeans,
  review: About,
  chain: Chain,
  decisions: readonly Decision[],
): Promise<Authority['decisions']> {
  return Promise.all(
    decisions.map(async (decision) => {
      const { step, person, key = '', at, note, signature = '' } = decision;
      const said = { step, person, key, at: new Date(at).toISOString(), ...(note !== undefined && { note }) };
      const known = await readKey(means, key);
      const text = decisionText(aboutOf(means, review, chain), said);
      if (known?.person !== person || !isSignature(text, signature, known.publicKey))
        throw new LianfaError('decision_unsigned', { who: await namesOf(means, [person]) });
      return { ...said, signature };
    }),
  );
}

type About = Pick<Review, 'release' | 'revision' | 'hash'>;

function aboutOf({ vault }: SigningMeans, { release, revision, hash }: About, { id, version, steps }: Chain) {
  // When the public will date it is not known yet, and no part of what is decided.
  const dated = new Date(0).toISOString();
  return { hub: hubId(vault), release, revision: { id: revision, hash, dated }, chain: { id, version, steps } };
}
