/** Who may take a step: judged by what the sealed rows say now. */
import type { ClientSession } from 'mongoose';
import { LianfaError } from '../errors.js';
import type { ChainStep, StepRole } from '../model/chain.js';
import { isWithin } from '../model/organization.js';
import type { Review } from '../model/review.js';
import { roleNames, type Role } from '../model/roles.js';
import { activePerson, rolesOf } from '../people/read.js';
import type { Held } from '../people/rights.js';
import type { PeopleMeans } from '../people/write.js';
import type { Lane } from '../model/placement.js';
import type { Chain } from './chains.js';
import { mayAlone } from './solo.js';

/** Of one role nobody asks for more than so many people. */
const mostPeople = 500;

/** A commander signs what goes the emergency way as a signer does. */
export function fills(role: Role, wanted: StepRole, lane: Lane): boolean {
  return role === wanted || (wanted === 'signer' && role === 'commander' && lane === 'emergency');
}

/** Whoever changed this revision, or an unsigned one since the last that was signed before it, and whoever submitted it. */
export async function ownersOf(
  { store }: Pick<PeopleMeans, 'store'>,
  { release, revision, by }: Text,
  session?: ClientSession,
): Promise<Set<string>> {
  const heads = { number: 1, createdBy: 1, signed: 1 } as const;
  const rows = await store.revisions
    .find({ release }, heads, session ? { session } : {})
    .sort({ number: 1 })
    .lean();
  const own = rows.findIndex(({ _id }) => _id === revision);
  const before = rows.slice(0, Math.max(own, 0)).findLastIndex(({ signed }) => signed !== undefined);
  return new Set([by, ...rows.slice(before + 1, own + 1).map(({ createdBy }) => createdBy)]);
}

/** The persons a step is bound to; undefined where anybody of its role may take it. */
export function boundTo(review: Pick<Review, 'passedOn'>, { id, persons }: ChainStep): string[] | undefined {
  const passed = review.passedOn.findLast(({ step }) => step === id);
  return passed ? passed.to : persons;
}

/** What a step is taken of. With a withdrawal there is no text, so that anybody may take back their own. */
export type Taken = Pick<Review, 'path' | 'lane' | 'decisions' | 'passedOn' | 'broadcast'>;
type Text = Pick<Review, 'release' | 'revision' | 'by'>;

export interface Taker {
  role: Role;
  /** 单人值守: only because they may pass it alone. */
  solo?: true;
}

/**
 * Whether the person may take the step now. Read inside a transaction, the answer holds until its commit.
 * @throws LianfaError sign_in_required, forbidden, step_of_others, own_text, decided_before
 */
export async function requireTaker(
  means: PeopleMeans,
  review: Taken & Partial<Text>,
  chain: Chain,
  step: ChainStep,
  person: string,
  session: ClientSession,
): Promise<Taker> {
  if (!(await activePerson(means, person, session))) throw new LianfaError('sign_in_required');
  const held = await rolesOf(means, person, new Date(), session);
  const here = held.filter(({ path }) => isWithin(review.path, path));
  const role = here.find((one) => fills(one.role, step.role, review.lane))?.role;
  if (!role) throw new LianfaError('forbidden', { roles: roleNames[step.role] });
  const wrong = await notTheirs(means, review, chain, step, person, session);
  if (!wrong) return { role };
  if (await mayAlone(means, person, review.path, chain, session)) return { role, solo: true };
  throw wrong;
}

async function notTheirs(
  means: PeopleMeans,
  review: Taken & Partial<Text>,
  chain: Chain,
  step: ChainStep,
  person: string,
  session: ClientSession,
): Promise<LianfaError | undefined> {
  const bound = boundTo(review, step);
  if (bound && !bound.includes(person))
    return new LianfaError('step_of_others', { step: step.name, names: await namesOf(means, bound, session) });
  const { release, revision, by } = review;
  const text = release !== undefined && revision !== undefined && by !== undefined && { release, revision, by };
  const owners = text ? await ownersOf(means, text, session) : new Set<string>();
  if (owners.has(person) && !mayBeOwner(review, chain.steps, step)) return new LianfaError('own_text');
  const others = [...owners, ...review.decisions.map((one) => one.person)].filter((one) => one !== person);
  if (review.broadcast && step === chain.steps.at(-1) && (await isSamePerson(means, person, others, session)))
    return new LianfaError('same_person');
  const before = review.decisions.find((one) => one.person === person);
  const passed = before && chain.steps.find(({ id }) => id === before.step);
  return passed && new LianfaError('decided_before', { step: passed.name });
}

/** Whoever wrote a broadcast may sign it first, never second: two persons stand behind it all the same. */
export function mayBeOwner(
  { broadcast }: Pick<Review, 'broadcast'>,
  steps: readonly ChainStep[],
  step: ChainStep,
): boolean {
  return broadcast === true && step.id === steps.at(-2)?.id;
}

/** Whether one of the others bears the same name in the same unit: for all that the hub can tell, a second account of one person. */
async function isSamePerson(
  { store }: Pick<PeopleMeans, 'store'>,
  person: string,
  others: readonly string[],
  session: ClientSession,
): Promise<boolean> {
  const columns = { displayName: 1, organization: 1 } as const;
  const rows = await store.people.find({ _id: { $in: [person, ...others] } }, columns, { session }).lean();
  const own = rows.find(({ _id }) => _id === person);
  const called = (name: string): string => name.normalize('NFKC').replace(/\s/g, '').toLowerCase();
  return rows.some(
    (row) =>
      row !== own &&
      called(row.displayName) === called(own?.displayName ?? '') &&
      row.organization === own?.organization,
  );
}

export async function namesOf(
  { store }: Pick<PeopleMeans, 'store'>,
  ids: readonly string[],
  session?: ClientSession,
): Promise<string> {
  const rows = await store.people
    .find({ _id: { $in: [...ids] } }, { displayName: 1 }, session ? { session } : {})
    .lean();
  const names = new Map(rows.map(({ _id, displayName }) => [_id, displayName]));
  return ids.map((id) => names.get(id) ?? id).join('、');
}

/** Paths of a unit and of all above it, the hub as a whole first. */
function pathsAbove(path: string): string[] {
  const ids = path.split('/').filter((id) => id !== '');
  return ['', ...ids.map((_, place) => `${ids.slice(0, place + 1).join('/')}/`)];
}

/** What persons hold, as far as it was looked up: for who asks of many reviews at once. Undefined of one who is not active. */
export type Known = Map<string, readonly Held[] | undefined>;

async function heldBy(means: PeopleMeans, person: string, known: Known): Promise<readonly Held[] | undefined> {
  if (!known.has(person))
    known.set(person, (await activePerson(means, person)) ? await rolesOf(means, person) : undefined);
  return known.get(person);
}

/** Who could take each step of a review now, by the step's id. A step that nobody can take holds the review up. */
export async function takersOf(
  means: PeopleMeans,
  review: Pick<Review, 'path' | 'lane' | 'release' | 'revision' | 'by' | 'decisions' | 'passedOn' | 'broadcast'>,
  steps: readonly ChainStep[],
  known: Known = new Map(),
): Promise<Map<string, string[]>> {
  const grants = await means.store.grants
    .find({ path: { $in: pathsAbove(review.path) } }, { person: 1, role: 1 })
    .limit(mostPeople * 4)
    .lean();
  const asked = grants.filter(({ role }) => steps.some((step) => fills(role, step.role, review.lane)));
  const owners = await ownersOf(means, review);
  // Steps are those that are left: of any chain, its last.
  const last = steps.slice(-2);
  const able: { person: string; roles: Role[] }[] = [];
  for (const person of new Set(asked.slice(0, mostPeople).map((grant) => grant.person))) {
    if (review.decisions.some((one) => one.person === person)) continue;
    const held = (await heldBy(means, person, known)) ?? [];
    able.push({ person, roles: held.filter(({ path }) => isWithin(review.path, path)).map(({ role }) => role) });
  }
  return new Map(
    steps.map((step) => {
      const bound = boundTo(review, step);
      const may = able.filter(
        ({ person, roles }) =>
          (!owners.has(person) || mayBeOwner(review, last, step)) &&
          (!bound || bound.includes(person)) &&
          roles.some((role) => fills(role, step.role, review.lane)),
      );
      return [step.id, may.map(({ person }) => person)];
    }),
  );
}
