/**
 * Authorisations under way, and what became of them: short-lived, in Redis, so that any server process knows them. A
 * state is good once, for the account and the signed-in session that it was made for.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { RedisClient } from '../core/queue/connection.js';
import { redisKey } from '../core/queue/keys.js';
import { authorisation, type AuthorisationBody } from './contract/accounts.js';

/** Seconds within which the keeper must have said yes or no, and for which the outcome can be read. */
export const authorisationLife = 600;

const pending = z.object({ account: z.string(), session: z.string() });
export type Pending = z.infer<typeof pending>;

export interface AuthorisationBook {
  /** A state that nobody can guess. */
  open(authorisation: Pending): Promise<string>;
  /** What the state was made for, once: the second time there is nothing. */
  take(state: string): Promise<Pending | undefined>;
  /** Keeps an outcome; answers the id under which the dashboard reads it. */
  keep(outcome: AuthorisationBody): Promise<string>;
  outcome(id: string): Promise<AuthorisationBody | undefined>;
  /**
   * The browser's proof that it is the one of this session. The session cookie is strict and does not come along from
   * the platform's site; this one does, is of no use for anything else, and says nothing about the session's id.
   */
  proofOf(session: string): string;
  proves(proof: string | undefined, session: string): boolean;
}

export function openAuthorisationBook({
  redis,
  prefix,
  secret,
}: {
  redis: RedisClient;
  prefix: string;
  secret: string;
}): AuthorisationBook {
  const stateKey = (state: string) => redisKey({ prefix }, 'authorisation', 'state', state);
  const outcomeKey = (id: string) => redisKey({ prefix }, 'authorisation', 'outcome', id);
  const proofOf = (session: string) =>
    createHmac('sha256', secret).update(`authorisation ${session}`).digest('base64url');
  return {
    async open(authorisation) {
      const state = unguessable();
      await redis.set(stateKey(state), JSON.stringify(authorisation), 'EX', authorisationLife);
      return state;
    },
    async take(state) {
      if (!wellFormed.test(state)) return undefined;
      const text = await redis.getdel(stateKey(state));
      return text === null ? undefined : pending.parse(JSON.parse(text));
    },
    async keep(outcome) {
      const id = unguessable();
      await redis.set(outcomeKey(id), JSON.stringify(outcome), 'EX', authorisationLife);
      return id;
    },
    async outcome(id) {
      const text = wellFormed.test(id) ? await redis.get(outcomeKey(id)) : null;
      return text === null ? undefined : authorisation.parse(JSON.parse(text));
    },
    proofOf,
    proves(proof, session) {
      const [given, good] = [Buffer.from(proof ?? ''), Buffer.from(proofOf(session))];
      return given.length === good.length && timingSafeEqual(given, good);
    },
  };
}

const wellFormed = /^[\w-]{32}$/;

function unguessable(): string {
  return randomBytes(24).toString('base64url');
}
