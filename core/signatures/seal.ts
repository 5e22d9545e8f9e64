/**
 * Whether an order's seal holds: a pure function of what is stored, so that a stranger's verifier can follow it line by
 * line (docs/signatures.md). Which roles somebody had is judged when they sign; here it counts that they signed.
 */
import type { Order } from '../model/order.js';
import { isSignature } from './ed25519.js';
import { fault, type Fault } from './faults.js';
import type { KnownKey } from './keys.js';
import { decisionText, differsIn, readStatement, type Statement } from './statement.js';

export interface SealMeans {
  /** Which hub this is. */
  hub: string;
  /** The registered keys among those that the statement names, by id. */
  keys: ReadonlyMap<string, KnownKey>;
  /** Over the revision as it is read now, and its date; absent where there is no such revision. */
  text: { hash: string; dated: string } | undefined;
}

export type Checked<T> = { holds: true; is: T } | { holds: false; fault: Fault };

/** What the order's statement says of itself, its signatures not yet looked at. */
export function statedBy(order: Pick<Order, 'statement' | 'signatures'>): Checked<Statement> {
  if (!order.statement || !order.signatures?.length) return no(fault('unsigned'));
  try {
    return { holds: true, is: readStatement(order.statement) };
  } catch {
    return no(fault('unreadable'));
  }
}

/** The statement, where it is signed as its own chain asks, by registered keys, and the text is the one that was signed. */
export function checkSeal(order: Order, means: SealMeans): Checked<Statement> {
  const stated = statedBy(order);
  if (!stated.holds) return stated;
  const { is: statement } = stated;
  const wrong =
    (statement.hub === means.hub ? undefined : fault('another_hub')) ??
    checkRow(order, statement) ??
    checkChain(statement, order.second) ??
    checkSignatures(order, statement, means) ??
    checkText(statement, means);
  return wrong ? no(wrong) : stated;
}

/** What the row says beside the statement decides nothing: it must say the same. */
export function checkRow(order: Order, statement: Statement): Fault | undefined {
  const field = differsIn(order, statement);
  if (field !== undefined) return fault('row_differs', field);
  const isSigner = [...statement.signers, ...(order.second ? [order.second] : [])].some(
    ({ person }) => person === order.by,
  );
  return isSigner ? undefined : fault('row_differs', 'by');
}

/** Each step has one person's yes, in the order of the chain; nobody acts twice, nor at a step that names others, nor on their own text, unless alone. A broadcast's last step is its second signature. */
function checkChain(
  { chain, decisions, signers, writer, solo, broadcast }: Statement,
  second: Order['second'],
): Fault | undefined {
  const two = broadcast !== undefined && broadcast.glass === undefined;
  if (two && (!second || solo)) return fault('one_signature');
  if (!two && second) return fault('row_differs', 'second');
  const last = { step: chain.steps.at(-1)?.id ?? '', person: second?.person ?? '' };
  const acts = [...decisions, ...signers, ...(second ? [last] : [])];
  const step = chain.steps.find(({ id }, place) => acts[place]?.step !== id);
  if (step) return fault('chain_unmet', step.id);
  if (acts.length > chain.steps.length) return fault('chain_unmet', String(acts.length));
  if (solo) return undefined;
  const people = acts.map(({ person }) => person);
  const others = chain.steps.find(({ persons }, place) => persons && !persons.includes(people[place] ?? ''));
  if (others) return fault('chain_unmet', others.id);
  // Whoever wrote a broadcast may be the first of its two signers.
  const wrote = (person: string, place: number): boolean => person === writer && !(two && place === decisions.length);
  const twice = people.find((person, place) => wrote(person, place) || people.indexOf(person) !== place);
  return twice === undefined ? undefined : fault('chain_unmet', twice);
}

function checkSignatures(order: Order, statement: Statement, { keys }: SealMeans): Fault | undefined {
  const { signers, decisions, at } = statement;
  const signatures = order.signatures ?? [];
  const { second } = order;
  if (signatures.length !== signers.length + (second ? 1 : 0)) return fault(second ? 'one_signature' : 'unsigned');
  const signedBy = [
    ...signers.map(({ person, key }) => ({ person, key, at })),
    ...(second ? [{ person: second.person, key: second.key, at: new Date(second.at).toISOString() }] : []),
  ];
  const signed = [
    ...decisions.map((one) => ({ ...one, text: decisionText(statement, one) })),
    ...signedBy.map((one, place) => ({
      ...one,
      text: order.statement ?? '',
      signature: signatures[place] ?? '',
    })),
  ];
  for (const one of signed) {
    const key = keys.get(one.key);
    if (key?.person !== one.person) return fault('key_unknown', one.key);
    if (key.retiredAt && key.retiredAt.toISOString() < one.at) return fault('key_retired', one.key);
    if (!isSignature(one.text, one.signature, key.publicKey)) return fault('signature_wrong', one.person);
  }
  return undefined;
}

function checkText({ revision }: Statement, { text }: SealMeans): Fault | undefined {
  if (!revision) return undefined;
  return text?.hash === revision.hash && text.dated === revision.dated ? undefined : fault('text_changed');
}

/** Where nothing of it may leave yet. Until when it may is asked at the door (core/placements/protocol.ts). */
export function tooEarly({ notBefore }: Pick<Statement, 'notBefore'>, now: Date): Fault | undefined {
  return notBefore !== undefined && now.toISOString() < notBefore ? fault('too_early', notBefore) : undefined;
}

export function no(is: Fault): { holds: false; fault: Fault } {
  return { holds: false, fault: is };
}
