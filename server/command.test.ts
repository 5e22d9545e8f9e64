/** One act for a whole group, over HTTP. */
import type { Model } from 'mongoose';
import { openLedger, release, type Ledger } from '../core/command/fixtures/ledger.js';
import { openQueries } from '../core/placements/queries.js';
import { openTestServer, type TestServer } from '../test/support/http.js';

async function copy<T>(from: Model<T>, to: Model<T>): Promise<void> {
  for (const row of await from.find().lean()) await to.collection.insertOne(row as never);
}

let server: TestServer;
let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
  for (let n = 0; n < 37; n += 1) await ledger.put('gulou', 'weibo', 'failed');
  await ledger.put('gulou', 'wechat', 'failed');
  await ledger.put('gulou', 'weibo', 'verified');
  server = await openTestServer();
  const { store, queries } = server.services;
  Object.assign(queries, openQueries(store));
  const from = ledger.store;
  await copy(from.releases, store.releases);
  await copy(from.revisions, store.revisions);
  await copy(from.orders, store.orders);
  await copy(from.accounts, store.accounts);
  await copy(from.organizations, store.organizations);
  await copy(from.placements, store.placements);
});
afterAll(async () => {
  await server.close();
  await ledger.close();
});

it('asks for the whole group again, piece by piece, and for nothing else, and the book says who did', async () => {
  const group = { state: 'failed', channel: 'weibo', limit: 20 };
  const first = await server.call('POST', `/api/v1/releases/${release}/retry`, { json: group });
  expect(first).toMatchObject({ status: 202, body: { retried: 20 } });
  const { next } = first.body as { next: string };
  const second = await server.call('POST', `/api/v1/releases/${release}/retry`, { json: { ...group, after: next } });
  expect(second.body).toEqual({ retried: 17 });
  const asked = server.ordered.filter((order) => (order as { retry?: string }).retry !== undefined);
  expect(new Set(asked.map((order) => (order as { retry: string }).retry)).size).toBe(37);
  const entries = await server.services.store.auditEntries.find({ act: 'placement.retry-group' }).lean();
  expect(entries).toHaveLength(2);
});

it('gives the report as a file of either kind', async () => {
  const csv = await server.call('GET', `/api/v1/releases/${release}/report.csv`);
  expect(csv.headers.get('content-disposition')).toContain(`report-${release}.csv`);
  expect(String(csv.body).trim().split('\r\n')).toHaveLength(40);
  const pdf = await server.call('GET', `/api/v1/releases/${release}/report.pdf`);
  expect(pdf).toMatchObject({ status: 200 });
  expect(pdf.headers.get('content-type')).toContain('application/pdf');
});
