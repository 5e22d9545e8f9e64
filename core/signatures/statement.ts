/**
 * What one signature says, as one canonical text (docs/signatures.md): everything that decides what becomes public, where,
 * and by whose word. The text is what is signed and kept; nothing is read from anywhere else.
 */
import { z } from 'zod';
import { changes } from '../../channels/channel.js';
import { actions, type Audience, type Order, type SecondSignature } from '../model/order.js';
import { lanes } from '../model/placement.js';
import { canonical, readCanonical } from '../canonical-json.js';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.iso.datetime({ precision: 3 });
const names = z.array(z.string()).optional();

/** What whoever signs a broadcast says yes to beside the text: see core/broadcasts/consents.ts. */
export const consents = ['night', 'words', 'live', 'files'] as const;
export type Consent = (typeof consents)[number];

/** One person's yes to a step before the last, with a signature of its own over `decisionText`. */
const decision = z.strictObject({
  step: z.string(),
  person: z.string(),
  key: z.string(),
  at: instant,
  note: z.string().optional(),
  signature: z.string(),
});

const schema = z.strictObject({
  format: z.literal('lianfa-order-1'),
  hub: z.string(),
  order: z.string(),
  release: z.string(),
  /** Of the order within its release: what is signed later goes before what was signed earlier. */
  seq: z.int().positive(),
  action: z.enum(actions),
  /** Absent with a withdrawal and with a taking out. `hash` is over the content, `dated` the date that the public reads on it. */
  revision: z.strictObject({ id: z.string(), hash, dated: instant }).optional(),
  change: z.enum(changes).optional(),
  /** By channel, the hash of each rendition that the accounts reached will show, in ascending order. */
  renditions: z.record(z.string(), z.array(hash)).optional(),
  /** Path of the unit whose release it is; empty with one of the hub as a whole. */
  place: z.string(),
  audience: z.strictObject({
    channels: names,
    regions: names,
    polygons: names,
    circles: names,
    organizations: names,
    tags: names,
    accounts: names,
    except: z.array(z.strictObject({ organizations: names, accounts: names, reason: z.string() })).optional(),
  }),
  /** What the audience held at signing. Absent where it decides nothing: the order goes wherever the release stands. */
  accounts: z.strictObject({ number: z.int(), digest: hash }).optional(),
  reach: z.strictObject({ audience: z.boolean(), standing: z.boolean() }),
  keeps: z.literal(true).optional(),
  over: z.literal(true).optional(),
  lane: z.enum(lanes),
  /** Nothing leaves before, and nothing from then on. */
  notBefore: instant.optional(),
  expires: instant.optional(),
  reason: z.string().optional(),
  /**
   * 联动发布: two persons sign this text, the second beside `signers`, and from then on `countdown` seconds pass. `accounts`:
   * the number that both typed by hand. `glass`: why one person alone signed (紧急直发).
   */
  broadcast: z
    .strictObject({
      countdown: z.int().positive(),
      accounts: z.int(),
      /** 期限: minutes from when it may leave, within which it is to have reached everybody. */
      deadline: z.int().positive().optional(),
      consents: z.array(z.enum(consents)).optional(),
      glass: z.string().optional(),
    })
    .optional(),
  /** A drill: to test accounts alone, or live to real ones. */
  exercise: z.enum(['test', 'live']).optional(),
  /** The chain as it was then. */
  chain: z.strictObject({
    id: z.string(),
    version: z.int(),
    /** `persons`: whose step it was, where it was not anybody's of its role. */
    steps: z.array(z.strictObject({ id: z.string(), role: z.string(), persons: names })).min(1),
  }),
  /** Who wrote the revision. */
  writer: z.string().optional(),
  decisions: z.array(decision),
  /** Who signs this text, each for a step: of their signatures it is told beside the text, in this order. */
  signers: z.array(z.strictObject({ step: z.string(), person: z.string(), key: z.string() })).min(1),
  /** 单人值守: one person may stand for several steps, and for the writer. */
  solo: z.literal(true).optional(),
  at: instant,
});

export type Statement = z.infer<typeof schema>;
export type Chain = Statement['chain'];
export type Decision = Statement['decisions'][number];

export function statementText(statement: Statement): string {
  return canonical(plain(statement));
}

/** @throws NotCanonical, ZodError */
export function readStatement(text: string): Statement {
  return schema.parse(readCanonical(text));
}

/** What a person signs who passes or returns a revision (or a withdrawal, without one) at a step. */
export function decisionText(
  of: Pick<Statement, 'hub' | 'release' | 'revision' | 'chain'>,
  { step, person, key, at, note, decision = 'pass' }: Omit<Decision, 'signature'> & { decision?: 'pass' | 'return' },
): string {
  const { hub, release, revision, chain } = of;
  const about = { hub, release, revision: revision && { id: revision.id, hash: revision.hash } };
  const by = { step, person, key, at, note, decision };
  return canonical(
    plain({ format: 'lianfa-decision-1', ...about, chain: { id: chain.id, version: chain.version }, ...by }),
  );
}

/** What is absent is left out: so a text is the same whatever a store makes of nothing. */
export function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === undefined || member === null ? [] : [[name, plain(member)]],
    ),
  );
}

/** A selector in one spelling: a list that is empty chooses nothing and is left out. */
export function plainAudience(audience: Audience): Audience {
  return Object.fromEntries(Object.entries(audience).filter(([, list]) => Array.isArray(list) && list.length > 0));
}

/** The instant before which nothing leaves: as planned, and of a broadcast not before its countdown has passed. */
export function leavesFrom({ notBefore, broadcast, at }: Statement, second?: SecondSignature): string | undefined {
  if (!broadcast) return notBefore;
  const signed = second ? new Date(second.at).getTime() : Date.parse(at);
  const counted = new Date(signed + broadcast.countdown * 1_000).toISOString();
  return notBefore !== undefined && notBefore > counted ? notBefore : counted;
}

/** By when a broadcast is to have reached everybody. */
export function deadlineOf(statement: Statement, second?: SecondSignature): string | undefined {
  const minutes = statement.broadcast?.deadline;
  const leaves = leavesFrom(statement, second);
  if (minutes === undefined || leaves === undefined) return undefined;
  return new Date(Date.parse(leaves) + minutes * 60_000).toISOString();
}

/** What an order's row must say, by its statement: the rest of the row is how far dispatch has come. */
export function rowOf(statement: Statement, second?: SecondSignature): Record<string, unknown> {
  const { order, release, seq, revision, action, audience, place, reach, keeps, over, lane } = statement;
  const { expires, reason, at } = statement;
  const notBefore = leavesFrom(statement, second);
  const deadline = deadlineOf(statement, second);
  const named = { _id: order, release, seq, revision: revision?.id, action, audience, place, reach, keeps, over, lane };
  return { ...named, notBefore, deadline, expires, reason, at };
}

/** The first field in which the row says something else than the statement. */
export function differsIn(order: Order, statement: Statement): string | undefined {
  const row: Record<string, unknown> = { ...order, audience: plainAudience(order.audience) };
  return Object.entries(rowOf(statement, order.second)).find(
    ([name, value]) => textOf(row[name]) !== textOf(value),
  )?.[0];
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : canonical(plain(value));
}
