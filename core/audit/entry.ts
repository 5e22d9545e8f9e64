/** One entry of the book: what is said of an act, and the text that is hashed. */
import { createHash } from 'node:crypto';
import { asJson, canonical } from '../canonical-json.js';
import type { ErrorCode } from '../errors.js';
import type { AuditEntry, AuditHead, Outcome } from '../model/audit-entry.js';
import type { Actor } from '../model/actor.js';
import { withoutSecrets } from './secrets.js';

/** Who acts: a person or a key of theirs, in a role, from somewhere; or a part of the hub by its name (`clock`). Ids only: a person can be erased, an entry cannot. */
export type Doer = string | Actor;

/** What whoever acts says of it. */
export interface Entry {
  /** `release.save`, `person.grant`, `freeze.thaw`: what it is about, and what was done. */
  act: string;
  outcome: Outcome;
  /** With a refusal: the code of the error. */
  code?: ErrorCode | undefined;
  who?: Doer | undefined;
  /** Where nobody is known yet, as with a failed sign-in. */
  from?: { ip: string; agent: string } | undefined;
  /** Id of the unit concerned. */
  unit?: string | undefined;
  /** The ids of what it was done to, by kind: `{ release, revision }`. */
  on: Readonly<Record<string, string>>;
  before?: unknown;
  after?: unknown;
  note?: string | undefined;
}

/** What is hashed. A later format has another `v`, and each is read by its own rules. */
export interface EntryBody {
  v: 1;
  n: number;
  hub: string;
  /** ISO 8601, UTC, milliseconds: a text, so that no store rounds it. */
  at: string;
  act: string;
  outcome: Outcome;
  code?: string;
  who: { person?: string; key?: string; role?: string; process?: string };
  from?: { ip: string; agent: string };
  unit?: string;
  /** Of the unit, as it was then. */
  path?: string;
  on: Record<string, string>;
  before?: unknown;
  after?: unknown;
  note?: string;
  /** Hash of the entry before; of the first, zeros. */
  prev: string;
}

/** What stands before the first entry. */
export const nothing = '0'.repeat(64);

export function hashOf(body: string): string {
  return createHash('sha256').update(body, 'utf8').digest('hex');
}

/** The row for the place after `head`. @throws Error for what has no canonical JSON */
export function rowOf(entry: Entry, head: Pick<AuditHead, 'hub' | 'n' | 'hash'>, at: Date, path?: string): AuditEntry {
  const { who, from, ...rest } = entry;
  const doer = typeof who === 'object' ? who : undefined;
  const said = withoutSecrets(rest);
  const body = canonical(
    asJson({
      ...said,
      v: 1,
      n: head.n + 1,
      hub: head.hub,
      at: at.toISOString(),
      who: doer?.process
        ? { process: doer.person }
        : doer
          ? { person: doer.person, key: doer.key, role: doer.role }
          : { process: who },
      from: doer?.from ?? from,
      path,
      prev: head.hash,
    }),
  );
  return { _id: hashOf(body), n: head.n + 1, body, ...columnsOf(JSON.parse(body) as EntryBody) };
}

/** What a row repeats of its body. */
export function columnsOf({ at, act, outcome, who, path, on }: EntryBody): Omit<AuditEntry, '_id' | 'n' | 'body'> {
  const { release } = on;
  return {
    at: new Date(at),
    act,
    outcome,
    ...(who.person !== undefined && { person: who.person }),
    path: path ?? '',
    ...(release !== undefined && { release }),
  };
}
