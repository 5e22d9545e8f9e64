import { createHash } from 'node:crypto';
import { wholeStores } from '../../test/support/whole-stores.js';
import { fill } from './fixtures/mutations.js';
import { growingTree, wholeTree } from './tree.js';

const sha = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, 2.1, word for word. */
function mth(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (!only) return sha();
  if (leaves.length === 1) return sha(Buffer.of(0), only);
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return sha(Buffer.of(1), mth(leaves.slice(0, half)), mth(leaves.slice(half)));
}

it('has the root that RFC 6962 gives, as it grows and as a whole, and a way up from each entry', async () => {
  const opened = await wholeStores[0]?.open();
  if (!opened) throw new Error('no store');
  const { store } = opened;
  await fill(store, 21);
  const hashes = (await store.auditEntries.find({}).sort({ n: 1 }).lean()).map(({ _id }) => _id);
  const growing = growingTree();
  expect(growing.root()).toBe(mth([]).toString('hex'));
  for (let size = 1; size <= hashes.length; size += 1) {
    growing.push(hashes[size - 1] ?? '');
    const expected = mth(hashes.slice(0, size).map((hash) => Buffer.from(hash, 'hex'))).toString('hex');
    const tree = await wholeTree(store, size);
    expect([growing.root(), tree.root]).toEqual([expected, expected]);
    for (let n = 1; n <= size; n += 1) expect(rootFrom(hashes[n - 1] ?? '', n - 1, size, tree.path(n))).toBe(expected);
  }
  await store.auditEntries.deleteOne({ n: 7 });
  await expect(wholeTree(store, 21)).rejects.toThrow('entry 7');
  await opened.end();
});

/** As the verifier of a pack does it. */
function rootFrom(hash: string, index: number, size: number, path: string[]): string {
  let up = sha(Buffer.of(0), Buffer.from(hash, 'hex'));
  const rest = path.map((one) => Buffer.from(one, 'hex'));
  for (let place = index, last = size - 1; last > 0; place >>= 1, last >>= 1) {
    if (place % 2 === 1) up = sha(Buffer.of(1), rest.shift() ?? Buffer.of(), up);
    else if (place < last) up = sha(Buffer.of(1), up, rest.shift() ?? Buffer.of());
  }
  return rest.length === 0 ? up.toString('hex') : '';
}
