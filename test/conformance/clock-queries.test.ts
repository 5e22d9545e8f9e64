/** What the clock and the bell ask all day long is read by its index, without sorting. */
import type { Schema } from 'mongoose';
import { accountSchema } from '../../server/accounts/account.js';
import { noticeSchema } from '../../server/notices/notice.js';
import { EmbeddedCollection } from '../../server/store/embedded/collection.js';
import { stores, type OpenedStore } from './store/stores.js';

let store: OpenedStore;
beforeAll(async () => {
  const opened = await stores[0]?.open();
  if (!opened) throw new Error('no store');
  store = opened;
  for (const schema of [accountSchema, noticeSchema]) await store.connection.model<unknown>(String(schema.get('collection')), schema as Schema).createIndexes();
});
afterAll(() => store.end());

it.each([
  ['accounts to check', 'accounts', { checkDueAt: { $lte: new Date() } }, { checkDueAt: 1 }, 'accounts.checkDueAt_1'],
  ['accounts with news', 'accounts', { settleAt: { $lte: new Date() } }, { settleAt: 1 }, 'accounts.settleAt_1'],
  ['notices that nobody has seen', 'notices', { unseen: true }, { _id: 1 }, 'notices.unseen_1__id_1'],
  ['the newest notices', 'notices', { _id: { $lt: 'n' } }, { _id: -1 }, 'sqlite_autoindex_notices_1'],
] as const)('finds %s by their index', async (_what, name, filter, sort, index) => {
  const collection: unknown = store.connection.db?.collection(name);
  if (!(collection instanceof EmbeddedCollection)) throw new Error('not the embedded store');
  const plan = (await collection.explain(filter, { sort, limit: 100 })).join('\n');
  expect(plan).toContain(`${index} `);
  expect(plan).not.toContain('TEMP B-TREE');
});
