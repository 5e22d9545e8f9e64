/** What signing takes, of one person or of two: who asks for what, and the authority that an order carries. */
import type { ClientSession } from 'mongoose';
import type { Vault } from '../accounts/vault.js';
import type { LookMeans } from '../broadcasts/looks.js';
import type { Actor } from '../model/actor.js';
import type { ChainStep } from '../model/chain.js';
import type { Decision, Review } from '../model/review.js';
import type { PeopleMeans } from '../people/write.js';
import type { Orders, Publication } from '../placements/orders.js';
import type { Authority } from '../placements/place.js';
import type { Consent } from '../signatures/statement.js';
import type { Chain } from './chains.js';
import { signDecision } from './decisions.js';
import { openReview } from './reviews.js';
import type { Taker } from './takers.js';

export interface SignMeans extends PeopleMeans, LookMeans {
  vault: Vault;
  orders: Orders;
}

export interface Signing {
  review: string;
  /** How many accounts the signer saw, or of a broadcast typed; where it is another number now, they look again. */
  accounts?: number | undefined;
  /** Of a broadcast: what else they said yes to. */
  consents?: readonly Consent[] | undefined;
  /** 紧急直发: why nobody else signs. */
  glass?: string | undefined;
}

/** What a review is about, as whoever signs it orders it. */
export function askedIn(review: Review, { person }: Actor): Publication {
  const { release, revision, audience, lane, again, live, notBefore, expires, tolerance } = review;
  return { release, revision, audience, lane, again, live, notBefore, expires, tolerance, by: person };
}

/** Somebody else may have signed while this one was on its way: then that is the answer. */
export async function whoWasFirst(means: SignMeans, id: string, error: unknown): Promise<never> {
  await means.store.connection.transaction((session) => openReview(means, id, session));
  throw error;
}

/** Those before, and with 单人值守 those for the steps that the same person takes with this one. */
export async function decisionsOf(
  means: SignMeans,
  review: Review,
  chain: Chain,
  { role }: Pick<Taker, 'role'>,
  person: string,
  at: Date,
  session: ClientSession,
): Promise<Decision[]> {
  const left = chain.steps.slice(review.step, -1);
  const own = left.map(({ id: step }) => signDecision(means, review, chain, { step, person, role, at }, session));
  return [...review.decisions, ...(await Promise.all(own))];
}

/** `boundTo`: the persons whose step it is; absent where anybody of its role may take it. */
export function authorityOf(
  { id, version, steps }: Chain,
  decisions: Authority['decisions'],
  boundTo: (step: ChainStep) => string[] | undefined,
): Authority {
  const stated = steps.map((step) => {
    const persons = boundTo(step);
    return { id: step.id, role: step.role, ...(persons && { persons }) };
  });
  return { chain: { id, version, steps: stated }, decisions };
}
