/** Which chain a text passes: the nearest unit's that has one, down the tree, where it is as strict as those above. */
import type { ClientSession } from 'mongoose';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { stepRoles, type ChainStep, type ChainVersion, type Occasion } from '../model/chain.js';
import type { Kind } from '../../channels/channel.js';
import type { Actor } from '../model/actor.js';
import type { PeopleMeans } from '../people/write.js';
import { isDuplicate } from '../store/duplicates.js';
import { withSecond } from '../placements/broadcast.js';
import type { Review } from '../model/review.js';
import { covers, missingOf } from './strictness.js';

/** A chain as a review follows it. */
export interface Chain {
  id: string;
  version: number;
  /** The unit that set it; empty: the hub as a whole, or nobody. */
  unit: string;
  steps: ChainStep[];
}

/** Where nobody has set one: the writer and another person who signs. */
export const standard: Chain = {
  id: 'standard',
  version: 1,
  unit: '',
  steps: [{ id: 'sign', name: { zh: '签发', en: 'Signing' }, role: 'signer' }],
};

/** Ids of the units on a path, from the top; the hub as a whole before them. */
export function unitsOn(path: string): string[] {
  return ['', ...path.split('/').filter((id) => id !== '')];
}

/** What a chain is for. */
export interface ChainFor {
  unit: string;
  kind?: Kind | undefined;
  occasion?: Occasion | undefined;
}

function scopeOf({ unit, kind = '', occasion = '' }: { unit: string; kind?: string; occasion?: string }): string {
  return `${unit}|${kind}|${occasion}`;
}

function markOf({ vault }: Pick<PeopleMeans, 'vault'>, row: Omit<ChainVersion, 'seal'>): string {
  const { _id, scope, version, unit, kind, occasion, steps } = row;
  const said = steps.map(({ id, name, role, persons }) => [id, name.zh, name.en, role, persons ?? null]);
  return vault.mark('chain', [_id, scope, version, unit, kind ?? null, occasion ?? null, said]);
}

function isSealed(means: PeopleMeans, row: ChainVersion): boolean {
  const scope = scopeOf(row);
  return row.scope === scope && row._id === `${scope}@${row.version}` && row.seal === markOf(means, row);
}

/** The newest version of every chain of these units, in no order. One that the hub did not write counts for nothing. */
export async function newestChains(
  means: PeopleMeans,
  units: readonly string[],
  session?: ClientSession,
): Promise<ChainVersion[]> {
  const rows = await means.store.chains.find({ unit: { $in: [...units] } }, null, session ? { session } : {}).lean();
  const newest = new Map<string, ChainVersion>();
  for (const row of rows)
    if (isSealed(means, row) && row.version > (newest.get(row.scope)?.version ?? 0)) newest.set(row.scope, row);
  return [...newest.values()];
}

/** Every version of every chain of a unit that the hub wrote, newest first: at most so many. */
const mostVersions = 200;
export async function versionsOf(means: PeopleMeans, unit: string): Promise<ChainVersion[]> {
  const rows = await means.store.chains.find({ unit }).lean();
  return rows
    .filter((row) => isSealed(means, row))
    .sort((a, b) => b.at.getTime() - a.at.getTime() || b.version - a.version)
    .slice(0, mostVersions);
}

/** From the hub down: a unit's own goes before those above it, unless it asks less. */
export function inForce(chains: readonly ChainVersion[], path: string, kind: Kind, occasion: Occasion): Chain {
  let found = standard;
  for (const unit of unitsOn(path)) {
    const own = ofUnit(chains, unit, kind, occasion);
    if (own && (found === standard || covers(stepsFor(own, occasion), found.steps)))
      found = { ...asChain(own), steps: stepsFor(own, occasion) };
  }
  return found;
}

/** Kind and occasion go before kind, kind before occasion, occasion before neither. */
function ofUnit(
  chains: readonly ChainVersion[],
  unit: string,
  kind: Kind,
  occasion: Occasion,
): ChainVersion | undefined {
  return [{ kind, occasion }, { kind }, { occasion }, {}]
    .map((of) => chains.find((row) => row.scope === scopeOf({ unit, ...of }) && row.steps.length > 0))
    .find((row) => row !== undefined);
}

/** A withdrawal is one signer's word, at once: of any chain, its last step. */
function stepsFor({ steps }: ChainVersion, occasion: Occasion): ChainStep[] {
  return occasion === 'withdraw' ? steps.slice(-1) : steps;
}

function asChain({ scope, version, unit, steps }: ChainVersion): Chain {
  return { id: scope, version, unit, steps };
}

export async function chainFor(
  means: PeopleMeans,
  path: string,
  kind: Kind,
  occasion: Occasion,
  session?: ClientSession,
): Promise<Chain> {
  return inForce(await newestChains(means, unitsOn(path), session), path, kind, occasion);
}

/** A version of a chain, as it was then. @throws LianfaError chain_unknown where the hub wrote no such version */
export async function chainAt(
  means: PeopleMeans,
  { id, version }: { id: string; version: number },
  session?: ClientSession,
): Promise<Chain> {
  if (id === standard.id) return standard;
  const row = await means.store.chains.findById(`${id}@${version}`, null, session ? { session } : {}).lean();
  if (!row || !isSealed(means, row)) throw new LianfaError('chain_unknown');
  return asChain(row);
}

/** The chain that a review follows: of a broadcast, with two steps that sign. @throws LianfaError chain_unknown */
export async function chainOf(
  means: PeopleMeans,
  { chain, broadcast }: Pick<Review, 'chain' | 'broadcast'>,
  session?: ClientSession,
): Promise<Chain> {
  const found = await chainAt(means, chain, session);
  return broadcast ? { ...found, steps: withSecond(found.steps) } : found;
}

/**
 * Sets the chain of a unit from now on; without steps the unit has none of its own. Reviews under way keep theirs.
 * `seen`: the version that whoever sets it has before them, 0 for none; where there is another by now, theirs is kept.
 * @throws LianfaError chain_looser where a unit above asks more; field_invalid, changed_meanwhile
 */
export async function setChain(
  means: PeopleMeans,
  given: ChainFor & { steps: ChainStep[]; seen?: number | undefined },
  by: Actor,
  now = new Date(),
): Promise<ChainVersion> {
  const { store } = means;
  const { unit, kind, occasion, steps, seen } = given;
  requireSound(steps, occasion);
  const place = unit === '' ? null : await store.organizations.findById(unit, { path: 1 }).lean();
  const scope = scopeOf({ unit, ...(kind && { kind }), ...(occasion && { occasion }) });
  const entry = {
    act: 'chain.set',
    outcome: 'done',
    who: by,
    ...(unit !== '' && { unit }),
    on: { chain: scope },
  } as const;
  return act(
    store,
    (row) => ({ ...entry, after: { version: row.version, steps } }),
    async (session) => {
      const chains = await newestChains(means, unitsOn(place?.path ?? ''), session);
      requireStrict(steps, chains, place?.path ?? '', given);
      const newest = chains.find((row) => row.scope === scope)?.version ?? 0;
      if (seen !== undefined && seen !== newest) throw new LianfaError('changed_meanwhile', { what: scope });
      const version = newest + 1;
      const named = { ...(kind && { kind }), ...(occasion && { occasion }) };
      const row = { _id: `${scope}@${version}`, scope, version, unit, ...named, steps, by: by.person, at: now };
      const sealed = { ...row, seal: markOf(means, row) };
      await store.chains.create([sealed], { session }).catch((error: unknown) => {
        throw isDuplicate(error) ? new LianfaError('changed_meanwhile', { what: scope }) : error;
      });
      return sealed;
    },
  );
}

/** @throws LianfaError field_invalid */
function requireSound(steps: readonly ChainStep[], occasion: Occasion | undefined): void {
  if (steps.length === 0) return;
  const wrong = (zh: string, en: string): LianfaError =>
    new LianfaError('field_invalid', { field: 'steps', reason: { zh, en } });
  if (steps.at(-1)?.role === 'reviewer') throw wrong('最后一步必须是签发。', 'the last step must sign.');
  if (new Set(steps.map(({ id }) => id)).size < steps.length)
    throw wrong('两个步骤的编号相同。', 'two steps have the same id.');
  if (steps.some(({ role, persons }) => !stepRoles.includes(role) || persons?.length === 0))
    throw wrong('指定人员的步骤至少要有一人。', 'a step for named persons names at least one.');
  if (occasion === 'withdraw' && steps.length > 1)
    throw wrong('撤回由一名签发人立即决定，只能有一步。', 'one signer withdraws at once: it is one step.');
}

/** @throws LianfaError chain_looser */
function requireStrict(steps: readonly ChainStep[], chains: readonly ChainVersion[], path: string, of: ChainFor): void {
  if (of.unit === '' || steps.length === 0) return;
  const above = aboveOf(chains, path, of);
  const missing = above === standard ? undefined : missingOf(steps, above.steps);
  if (missing) throw new LianfaError('chain_looser', { field: 'steps', step: missing.name });
}

/** What the units above ask of the same: of all texts where no kind is named. */
function aboveOf(chains: readonly ChainVersion[], path: string, { unit, kind, occasion }: ChainFor): Chain {
  const same = chains.filter((row) => row.unit !== unit && (kind || !row.kind) && (occasion || !row.occasion));
  return inForce(same, path, kind ?? 'news', occasion ?? 'publish');
}

/** Whether a unit's chain asks less than one that was set above it since, so that it counts for nothing. */
export function isOverruled(chains: readonly ChainVersion[], row: ChainVersion, path: string): boolean {
  const above = aboveOf(chains, path, row);
  return row.unit !== '' && above !== standard && !covers(row.steps, above.steps);
}
