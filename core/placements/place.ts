/** Places an order: signed, numbered and stored in one commit, so that none ever stands there without its seal. */
import type { ClientSession } from 'mongoose';
import type { Vault } from '../accounts/vault.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import { accountListOf, type AccountList } from '../model/account-list.js';
import type { Order } from '../model/order.js';
import type { Release, Revision } from '../model/release.js';
import { ensureKey, signerOf } from '../signatures/keys.js';
import { textOf, type Text } from '../signatures/renditions.js';
import { hubId, type Seals } from '../signatures/seals.js';
import { plainAudience, statementText, type Chain, type Decision, type Statement } from '../signatures/statement.js';
import { isDuplicate } from '../store/duplicates.js';
import { replacePlan } from './planned.js';
import { selectionOf } from './selection.js';
import { survey, type SurveyMeans } from './survey.js';

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
  const held = await heldBy(means, order, text);
  return {
    accounts: held.accounts?.number,
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

async function placeSealed(
  means: PlaceMeans,
  { order, revision, text, held, authority }: Ready,
  marks: Partial<Release>,
  session: ClientSession,
): Promise<Order> {
  const { store } = means;
  const seq = await nextOf(store, order.release, marks, session);
  const signer = await signerOf(means, order.by, session);
  if (!signer) throw new LianfaError('no_signing_key');
  const row = { ...order, audience: plainAudience(order.audience) };
  const at = new Date();
  const _id = newId('d', at.getTime());
  const { by, release, action, reach, keeps, over, lane, reason, audience, place, notBefore, expires } = row;
  const statement: Statement = {
    format: 'lianfa-order-1',
    hub: hubId(means.vault),
    order: _id,
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
    ...authority,
    signers: [{ step: authority.chain.steps.at(-1)?.id ?? '', person: by, key: signer.key }],
    at: at.toISOString(),
  };
  const signed = statementText(statement);
  const stored: Order = {
    state: 'running',
    ...row,
    ...{ _id, seq, at, placements: 0, walk: reach.audience ? 'audience' : 'standing' },
    ...{ statement: signed, signatures: [signer.sign(signed)] },
  };
  await replacePlan(store, stored, session);
  await store.orders.create([stored], { session });
  return stored;
}

/** The next number of the release: of two who order together each gets its own. */
async function nextOf(
  store: PlaceMeans['store'],
  id: string,
  marks: Partial<Release>,
  session: ClientSession,
): Promise<number> {
  const release = await store.releases.findById(id, { orders: 1, publishedAt: 1 }, { session }).lean();
  if (!release) throw new LianfaError('not_found', { what: id });
  const seq = (release.orders ?? 0) + 1;
  const { publishedAt } = release;
  const told = { ...marks, ...(publishedAt && { publishedAt }), orders: seq };
  await store.releases.updateOne({ _id: id }, { $set: told }, { session });
  return seq;
}

/** Accounts and renditions, as the statement tells of them. The list of accounts is kept beside the order. */
async function heldBy(
  means: PlaceMeans,
  { release, action, audience, place, reach }: Placed,
  text: Text | undefined,
): Promise<Pick<Statement, 'accounts' | 'renditions'>> {
  const { store } = means;
  const decides = reach.audience || (action === 'withdraw' && Object.keys(plainAudience(audience)).length > 0);
  const selection = decides ? await selectionOf(store, audience, place) : undefined;
  const { accounts, renditions } = await survey(
    means,
    selection,
    text,
    reach.standing ? await earlier(means, release) : [],
  );
  if (!decides) return { ...(text && { renditions }) };
  const list = accountListOf(accounts);
  await keepList(store, list);
  return { accounts: { number: accounts.length, digest: list._id }, ...(text && { renditions }) };
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

/** Accounts to which earlier orders took the release. */
async function earlier({ store, seals }: PlaceMeans, release: string): Promise<Set<string>> {
  const orders = await store.orders.find({ release }).lean();
  const checked = await Promise.all(orders.map((order) => seals.check(order)));
  return new Set(checked.flatMap((one) => (one.holds ? [...(one.is.accounts ?? [])] : [])));
}
