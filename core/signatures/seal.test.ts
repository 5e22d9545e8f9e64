import type { Order } from '../model/order.js';
import { newKeyPair, signText, type KeyPair } from './ed25519.js';
import type { FaultCode } from './faults.js';
import type { KnownKey } from './keys.js';
import { checkSeal, tooEarly, type SealMeans } from './seal.js';
import { decisionText, readStatement, statementText, type Statement } from './statement.js';

const at = new Date('2026-10-10T01:00:00.000Z');
const pairs = new Map<string, KeyPair>(['w1', 'r1', 's1'].map((person) => [`${person}.1`, newKeyPair()]));
const pairOf = (key: string): KeyPair => pairs.get(key) ?? newKeyPair();
const keys = new Map<string, KnownKey>(
  Array.from(pairs, ([id, { publicKey }]) => [
    id,
    { _id: id, person: id.slice(0, 2), publicKey, createdAt: new Date('2026-01-01T00:00:00Z') },
  ]),
);
const hash = 'a'.repeat(64);
const means: SealMeans = { hub: 'hub', keys, text: { hash, dated: at.toISOString() } };

const chain: Statement['chain'] = {
  id: 'c1',
  version: 3,
  steps: [
    { id: 'review', role: 'reviewer' },
    { id: 'sign', role: 'signer' },
  ],
};
/** The same, each step for these persons. */
function naming(...persons: string[][]): Statement['chain'] {
  return { ...chain, steps: chain.steps.map((step, place) => ({ ...step, persons: persons[place] })) };
}
const revision = { id: 'v1', hash, dated: at.toISOString() };

function decided(person: string, change: Partial<Statement['decisions'][number]> = {}): Statement['decisions'][number] {
  const one = { step: 'review', person, key: `${person}.1`, at: '2026-10-10T00:30:00.000Z', ...change };
  const text = decisionText({ hub: 'hub', release: 'r1', revision, chain }, one);
  return { ...one, signature: signText(text, pairOf(one.key).privateKey), ...change };
}

function stated(change: Partial<Statement> = {}): Statement {
  return {
    format: 'lianfa-order-1',
    hub: 'hub',
    order: 'd1',
    release: 'r1',
    seq: 2,
    action: 'publish',
    revision,
    renditions: { weibo: [hash] },
    place: 'fujian/',
    audience: { regions: ['350000'], tags: ['门户'] },
    accounts: { number: 2, digest: hash },
    reach: { audience: true, standing: false },
    lane: 'routine',
    chain,
    writer: 'w1',
    decisions: [decided('r1')],
    signers: [{ step: 'sign', person: 's1', key: 's1.1' }],
    at: at.toISOString(),
    ...change,
  };
}

/** As it is stored. */
function ordered(statement: Statement): Order {
  const text = statementText(statement);
  const { order, release, seq, action, audience, place, reach, lane, signers, keeps, over, reason } = statement;
  return {
    ...{ _id: order, release, seq, action, audience, place, reach, lane, at: new Date(statement.at), placements: 0 },
    ...(statement.revision && { revision: statement.revision.id }),
    ...(keeps && { keeps }),
    ...(over && { over }),
    ...(reason !== undefined && { reason }),
    ...{ by: signers.at(-1)?.person ?? '', state: 'running', walk: 'audience', statement: text },
    signatures: signers.map(({ key }) => signText(text, pairOf(key).privateKey)),
  };
}

function faultOf(order: Order, changed: Partial<SealMeans> = {}): FaultCode | 'holds' {
  const checked = checkSeal(order, { ...means, ...changed });
  return checked.holds ? 'holds' : checked.fault.code;
}

describe('a seal', () => {
  it('holds where persons of the whole chain signed exactly this', () => {
    const order = ordered(stated());
    expect(checkSeal(order, means)).toEqual({
      holds: true,
      is: stated({ decisions: readStatement(order.statement ?? '').decisions }),
    });
  });

  const good = ordered(stated());
  const spare = newKeyPair();
  it.each<[string, FaultCode, { [K in keyof Order]?: Order[K] | undefined }]>([
    ['no statement', 'unsigned', { statement: undefined }],
    ['no signature', 'unsigned', { signatures: [] }],
    ['a signature more', 'unsigned', { signatures: [...(good.signatures ?? []), ...(good.signatures ?? [])] }],
    [
      'another’s signature',
      'signature_wrong',
      { signatures: [signText(good.statement ?? '', pairOf('r1.1').privateKey)] },
    ],
    ['an unknown key’s', 'signature_wrong', { signatures: [signText(good.statement ?? '', spare.privateKey)] }],
    ['the same signature in another spelling', 'signature_wrong', { signatures: [`${good.signatures?.[0] ?? ''}=`] }],
    [
      'a statement changed after signing',
      'signature_wrong',
      { statement: good.statement?.replace('"number":2', '"number":3') },
    ],
    [
      'a name given twice',
      'unreadable',
      { statement: good.statement?.replace('"lane":', '"lane":"emergency","lane":') },
    ],
    ['a statement in another spelling', 'unreadable', { statement: good.statement?.replace('{', '{ ') }],
    [
      'a statement with more than is known',
      'unreadable',
      { statement: good.statement?.replace('{"acc', '{"a":1,"acc') },
    ],
    ['another id', 'row_differs', { _id: 'd2' }],
    ['another release', 'row_differs', { release: 'r2' }],
    ['a higher number', 'row_differs', { seq: 3 }],
    ['another revision', 'row_differs', { revision: 'v2' }],
    ['another action', 'row_differs', { action: 'withdraw' }],
    ['a wider audience', 'row_differs', { audience: { regions: ['350000'] } }],
    ['another unit’s place', 'row_differs', { place: '' }],
    ['another lane', 'row_differs', { lane: 'emergency' }],
    ['another reach', 'row_differs', { reach: { audience: true, standing: true } }],
    ['the older text to stay', 'row_differs', { keeps: true }],
    ['another time', 'row_differs', { at: new Date(0) }],
    ['a reason', 'row_differs', { reason: '有误' }],
    ['another person who ordered', 'row_differs', { by: 'w1' }],
  ])('does not hold with %s', (_, code, change) => {
    expect(faultOf({ ...good, ...change } as Order)).toBe(code);
  });

  it.each<[string, FaultCode, Partial<Statement>]>([
    ['a step is missing', 'chain_unmet', { decisions: [] }],
    ['a step was taken twice', 'chain_unmet', { decisions: [decided('r1'), decided('w1')] }],
    ['one person took two steps', 'chain_unmet', { decisions: [decided('s1')] }],
    ['the writer reviewed', 'chain_unmet', { decisions: [decided('w1')] }],
    ['the writer signed', 'chain_unmet', { signers: [{ step: 'sign', person: 'w1', key: 'w1.1' }] }],
    ['a step was taken by somebody whom it does not name', 'chain_unmet', { chain: naming(['r9'], ['s1']) }],
    ['the last step names others', 'chain_unmet', { chain: naming(['r1'], ['s9', 'r1']) }],
    ['a decision is about another step', 'chain_unmet', { decisions: [decided('r1', { step: 'other' })] }],
    [
      'a decision bears another’s signature',
      'signature_wrong',
      { decisions: [{ ...decided('r1'), signature: decided('w1').signature }] },
    ],
    ['a decision was moved in time', 'signature_wrong', { decisions: [{ ...decided('r1'), at: at.toISOString() }] }],
    ['a key of another person was used', 'key_unknown', { signers: [{ step: 'sign', person: 's1', key: 'w1.1' }] }],
    ['the key is not registered', 'key_unknown', { signers: [{ step: 'sign', person: 's1', key: 's1.9' }] }],
    ['another hub signed', 'another_hub', { hub: 'other' }],
    [
      'it is about another text',
      'text_changed',
      {
        revision: { ...revision, hash: 'b'.repeat(64) },
        decisions: [],
        chain: { ...chain, steps: [{ id: 'sign', role: 'signer' }] },
      },
    ],
  ])('does not hold where %s', (_, code, change) => {
    expect(faultOf(ordered(stated(change)))).toBe(code);
  });

  it('holds where the steps name those who took them', () => {
    expect(faultOf(ordered(stated({ chain: naming(['r9', 'r1'], ['s1']) })))).toBe('holds');
  });

  it('holds for one person alone only where that is said', () => {
    const alone = { decisions: [decided('w1')], signers: [{ step: 'sign', person: 'w1', key: 'w1.1' }] };
    expect(faultOf(ordered(stated(alone)))).toBe('chain_unmet');
    expect(faultOf(ordered(stated({ ...alone, solo: true })))).toBe('holds');
  });

  it('holds of a key retired later, and not of one retired before', () => {
    const retired = (day: string): Partial<SealMeans> => {
      const key = keys.get('s1.1');
      return { keys: new Map([...keys, ...(key ? [['s1.1', { ...key, retiredAt: new Date(day) }] as const] : [])]) };
    };
    expect(faultOf(good, retired('2026-10-11T00:00:00Z'))).toBe('holds');
    expect(faultOf(good, retired('2026-10-09T00:00:00Z'))).toBe('key_retired');
  });

  it('does not hold of a text that is gone, was changed, or bears another date', () => {
    expect(faultOf(good, { text: undefined })).toBe('text_changed');
    expect(faultOf(good, { text: { hash: 'b'.repeat(64), dated: at.toISOString() } })).toBe('text_changed');
    expect(faultOf(good, { text: { hash, dated: '2026-10-11T00:00:00.000Z' } })).toBe('text_changed');
  });

  it('lets nothing leave before its time', () => {
    const bounds = stated({ notBefore: '2026-10-10T02:00:00.000Z' });
    const codes = ['01:59', '02:00'].map((time) => tooEarly(bounds, new Date(`2026-10-10T${time}:00Z`))?.code);
    expect(codes).toEqual(['too_early', undefined]);
  });

  it('is one text, whatever a store makes of what is absent', () => {
    const { keeps: _keeps, over: _over, ...without } = stated();
    const withNulls = { ...without, keeps: undefined, over: null, reason: null } as unknown as Statement;
    expect(statementText(withNulls)).toBe(statementText(without));
    expect(statementText(readStatement(statementText(without)))).toBe(statementText(without));
  });
});
