/** Places an order: signed, numbered and stored in one commit, so that none ever stands there without its seal. */
import type { ClientSession } from 'mongoose';
import type { Vault } from '../accounts/vault.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import { accountListOf, type AccountList } from '../model/account-list.js';
import type { Order, SecondSignature } from '../model/order.js';
import type { Release, Revision } from '../model/release.js';
import type { FirstSignature } from '../model/review.js';
import { ensureKey, signerOf } from '../signatures/keys.js';
import { textOf, type Text } from '../signatures/renditions.js';
import { checkSeal } from '../signatures/seal.js';
import { hubId, keysNamed, type Seals } from '../signatures/seals.js';
import {
  deadlineOf,
  leavesFrom,
  plainAudience,
  readStatement,
  statementText,
  type Chain,
  type Decision,
  type Statement,
} from '../signatures/statement.js';
import { isDuplicate } from '../store/duplicates.js';
import { replacePlan } from './planned.js';
import { selectionOf, type Selection } from './selection.js';
import { survey, type Survey, type SurveyMeans } from './survey.js';

export interface PlaceMeans extends SurveyMeans {
  vault: Vault;
  seals: Seals;
}

/** By what right somebody signs: the chain of review that led here, whose last step is theirs. */
export interface Authority {
  chain: Chain;
  decisions: Decision[];
  /** One person stood for several steps, or for the writer. */
  solo?: true;
  broadcast?: Statement['broadcast'];
  /** A drill may go to real accounts. */
  live?: true;
}

/** What whoever orders says. */
export type Placed = Pick<
  Order,
  | 'release'
  | 'revision'
  | 'words'
  | 'action'
  | 'audience'
  | 'place'
  | 'reach'
  | 'keeps'
  | 'over'
  | 'lane'
  | 'by'
  | 'reason'
> &
  Partial<Pick<Order, 'state' | 'notBefore' | 'expires' | 'tolerance'>>;

/** An order that was counted and rendered, and waits to be signed. */
export interface Counted {
  /** How many accounts its audience holds; absent where it goes wherever the release stands. */
  accounts: number | undefined;
  /** How many accounts it reaches, with those where the release went before; by channel, what they will show; of which units they are; a real one among them. */
  survey: Pick<Survey, 'reached' | 'renditions' | 'units' | 'real'>;
  /**
   * Signs its text with the key of whoever places it, as the first of two. Nothing is stored.
   * @throws LianfaError not_found, no_signing_key
   */
  draft(authority: Authority, session: ClientSession): Promise<FirstSignature>;
  /**
   * Signs it with the key of whoever places it and stores it, inside the caller's transaction. `marks`: what the release
   * itself says from now on.
   * @throws LianfaError not_found, no_signing_key
   */
  place(authority: Authority, marks: Partial<Release>, session: ClientSession): Promise<Order>;
}

/** Counts accounts and makes renditions, which takes its time, before anything is locked. @throws LianfaError documents_waiting */
export async function countOrder(means: PlaceMeans, order: Placed, revision: Revision | undefined): Promise<Counted> {
  await ensureKey(means, order.by);
  const text = revision && textOf(revision);
  const { held, survey } = await heldBy(means, order, text);
  return {
    accounts: held.accounts?.number,
    survey,
    draft: (authority, session) => draftOf(means, { order, revision, text, held, authority }, session),
    place: (authority, marks, session) =>
      placeSealed(means, { order, revision, text, held, authority }, marks, session),
  };
}

interface Ready {
  order: Placed;
  revision: Revision | undefined;
  text: Text | undefined;
  held: Pick<Statement, 'accounts' | 'renditions'>;
  authority: Authority;
}

/** What is signed, and the first signature under it. Until an order is stored under the number, another may take it: then this one is none. */
async function draftOf(means: PlaceMeans, ready: Ready, session: ClientSession): Promise<FirstSignature> {
  const { by, release } = ready.order;
  const signer = await signerOf(means, by, session);
  if (!signer) throw new LianfaError('no_signing_key');
  const at = new Date();
  const seq = (await ordersOf(means.store, release, session)).orders + 1;
  const statement = statementText(statementOf(means, ready, { seq, at, key: signer.key }));
  return { person: by, key: signer.key, at, statement, signature: signer.sign(statement) };
}

async function placeSealed(
  means: PlaceMeans,
  ready: Ready,
  marks: Partial<Release>,
  session: ClientSession,
): Promise<Order> {
  const first = await draftOf(means, ready, session);
  return storeSigned(means, ready.order, { first, marks }, session);
}

/**
 * Stores what somebody has signed, or two have: `order.by` signs the same text as the second.
 * @throws LianfaError no_signing_key; broadcast_changed where it is not what the first one signed any more
 */
export async function placeSecond(
  means: PlaceMeans,
  order: Placed,
  { first, revision, marks, at }: { first: FirstSignature; revision: Revision; marks: Partial<Release>; at: Date },
  session: ClientSession,
): Promise<Order> {
  const signer = await signerOf(means, order.by, session);
  if (!signer) throw new LianfaError('no_signing_key');
  const second = { person: order.by, key: signer.key, at, signature: signer.sign(first.statement) };
  const stored = await storeSigned(means, order, { first, second, marks }, session);
  const { signers, decisions } = readStatement(first.statement);
  const keys = await keysNamed(means, [...signers, ...decisions, second]);
  const { content, hash } = textOf(revision);
  const checked = checkSeal(stored, {
    hub: hubId(means.vault),
    keys,
    text: { hash, dated: content.signedAt.toISOString() },
  });
  if (!checked.holds) throw new LianfaError('broadcast_changed', { reason: checked.fault.said });
  return stored;
}

interface Signed {
  first: FirstSignature;
  second?: SecondSignature & { signature: string };
  marks: Partial<Release>;
}

async function storeSigned(
  { store }: PlaceMeans,
  order: Placed,
  { first, second, marks }: Signed,
  session: ClientSession,
): Promise<Order> {
  const statement = readStatement(first.statement);
  const seq = await takeNext(store, order.release, marks, session);
  const beside = second && { person: second.person, key: second.key, at: second.at };
  const leaves = leavesFrom(statement, beside);
  const deadline = deadlineOf(statement, beside);
  const stored: Order = {
    state: 'running',
    ...order,
    audience: plainAudience(order.audience),
    ...{ _id: statement.order, seq, at: new Date(statement.at), placements: 0 },
    walk: order.reach.audience ? 'audience' : 'standing',
    ...{ statement: first.statement, signatures: [first.signature, ...(second ? [second.signature] : [])] },
    ...(beside && { second: beside }),
    ...(deadline !== undefined && { deadline: new Date(deadline) }),
    ...(statement.broadcast && leaves !== undefined && { notBefore: new Date(leaves), state: 'planned' }),
  };
  await replacePlan(store, stored, session);
  await store.orders.create([stored], { session });
  return stored;
}

function statementOf(
  means: PlaceMeans,
  { order, revision, text, held, authority }: Ready,
  { seq, at, key }: { seq: number; at: Date; key: string },
): Statement {
  const row = { ...order, audience: plainAudience(order.audience) };
  const { by, release, action, reach, keeps, over, lane, reason, audience, place, notBefore, expires } = row;
  const { live, ...right } = authority;
  const { chain } = right;
  const step = chain.steps.at(authority.broadcast && authority.broadcast.glass === undefined ? -2 : -1)?.id ?? '';
  return {
    format: 'lianfa-order-1',
    hub: hubId(means.vault),
    order: newId('d', at.getTime()),
    ...{ release, seq, action, audience, place, reach, lane, ...held },
    ...(text && {
      revision: { id: text.content.revision, hash: text.hash, dated: text.content.signedAt.toISOString() },
    }),
    ...(revision?.change && { change: revision.change }),
    ...(keeps && { keeps }),
    ...(over && { over }),
    ...(notBefore && { notBefore: notBefore.toISOString() }),
    ...(expires && { expires: expires.toISOString() }),
    ...(reason !== undefined && { reason }),
    ...(revision && { writer: revision.createdBy }),
    ...right,
    ...(revision?.emergency?.status === 'Exercise' && { exercise: live ? 'live' : 'test' }),
    signers: [{ step, person: by, key }],
    at: at.toISOString(),
  };
}

async function ordersOf(
  store: PlaceMeans['store'],
  id: string,
  session: ClientSession,
): Promise<{ orders: number; publishedAt: Date | undefined }> {
  const release = await store.releases.findById(id, { orders: 1, publishedAt: 1 }, { session }).lean();
  if (!release) throw new LianfaError('not_found', { what: id });
  return { orders: release.orders ?? 0, publishedAt: release.publishedAt };
}

/** The next number of the release: of two who order together each gets its own. */
async function takeNext(
  store: PlaceMeans['store'],
  id: string,
  marks: Partial<Release>,
  session: ClientSession,
): Promise<number> {
  const { orders, publishedAt } = await ordersOf(store, id, session);
  const seq = orders + 1;
  const told = { ...marks, ...(publishedAt && { publishedAt }), orders: seq };
  await store.releases.updateOne({ _id: id }, { $set: told }, { session });
  return seq;
}

/** Accounts and renditions, as the statement tells of them, and what was met on the way. The list of accounts is kept beside the order. */
async function heldBy(
  means: PlaceMeans,
  { release, action, audience, place, reach }: Placed,
  text: Text | undefined,
): Promise<{ held: Pick<Statement, 'accounts' | 'renditions'>; survey: Survey }> {
  const { store } = means;
  const decides = reach.audience || (action !== 'publish' && Object.keys(plainAudience(audience)).length > 0);
  // Who is taken out stays out, though they were switched off at the time.
  const width = action === 'narrow' ? 'whole' : 'reached';
  const selection = decides ? await selectionOf(store, audience, place, width) : undefined;
  const before = reach.standing ? await earlier(means, release) : new Set<string>();
  const met = await survey(
    means,
    action === 'narrow' && selection ? among(selection, before) : selection,
    text,
    before,
  );
  const { accounts, renditions } = met;
  if (!decides) return { held: { ...(text && { renditions }) }, survey: met };
  const list = accountListOf(accounts);
  await keepList(store, list);
  const held = { accounts: { number: accounts.length, digest: list._id }, ...(text && { renditions }) };
  return { held, survey: met };
}

/** Written anew where it lies there already: whatever somebody has made of it meanwhile, this is what is signed. */
async function keepList({ accountLists }: PlaceMeans['store'], { _id, accounts }: AccountList): Promise<void> {
  try {
    await accountLists.updateOne({ _id }, { $set: { accounts } }, { upsert: true });
  } catch (error) {
    // Another order to the same accounts was first.
    if (!isDuplicate(error)) throw error;
  }
}

/** Those of the selection that are among these. */
function among(selection: Selection, ids: ReadonlySet<string>): Selection {
  return {
    ...selection,
    exact: false,
    standing: (row) => (ids.has(row._id) ? selection.standing(row) : 'out'),
  };
}

/** Accounts to which earlier orders took the release. */
async function earlier({ store, seals }: PlaceMeans, release: string): Promise<Set<string>> {
  const orders = await store.orders.find({ release }).lean();
  const checked = await Promise.all(orders.map((order) => seals.check(order)));
  return new Set(checked.flatMap((one) => (one.holds ? [...(one.is.accounts ?? [])] : [])));
}
