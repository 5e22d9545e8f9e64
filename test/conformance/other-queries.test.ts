/** What the clock, the bell, an import file and the search field ask is read by its index, without sorting. */
import type { Schema } from 'mongoose';
import { askingSchema, calloutSchema } from '../../core/model/callout.js';
import { drillScenarioSchema, drillSchema } from '../../core/model/drill.js';
import { dutyEntrySchema } from '../../core/model/duty.js';
import { accountSchema } from '../../core/model/account.js';
import { orderSchema } from '../../core/model/order.js';
import { noticeSchema } from '../../core/model/notice.js';
import { regionOutlineSchema } from '../../core/model/region-outline.js';
import { savedAudienceSchema } from '../../core/model/saved-audience.js';
import { organizationSchema } from '../../core/model/organization.js';
import { apiKeySchema, grantSchema, personSchema } from '../../core/model/person.js';
import { identitySchema, linkSchema, recoveryCodeSchema } from '../../core/model/sign-in.js';
import { EmbeddedCollection } from '../../core/store/embedded/collection.js';
import { stores, type OpenedStore } from './store/stores.js';

let store: OpenedStore;
beforeAll(async () => {
  const opened = await stores[0]?.open();
  if (!opened) throw new Error('no store');
  store = opened;
  const people = [personSchema, grantSchema, apiKeySchema, linkSchema, recoveryCodeSchema, identitySchema];
  const places = [organizationSchema, regionOutlineSchema, savedAudienceSchema];
  for (const schema of [
    askingSchema,
    calloutSchema,
    dutyEntrySchema,
    drillScenarioSchema,
    drillSchema,
    accountSchema,
    noticeSchema,
    orderSchema,
    ...places,
    ...people,
  ])
    await store.connection.model<unknown>(String(schema.get('collection')), schema as Schema).createIndexes();
});
afterAll(() => store.end());

function planOf(name: string, filter: object, options: Record<string, unknown>): Promise<string[]> {
  const collection: unknown = store.connection.db?.collection(name);
  if (!(collection instanceof EmbeddedCollection)) throw new Error('not the embedded store');
  return collection.explain(filter, options);
}

it.each([
  ['accounts to check', 'accounts', { checkDueAt: { $lte: new Date() } }, { checkDueAt: 1 }, 'accounts.checkDueAt_1'],
  ['accounts with news', 'accounts', { settleAt: { $lte: new Date() } }, { settleAt: 1 }, 'accounts.settleAt_1'],
  ['notices that nobody has seen', 'notices', { unseen: true }, { _id: 1 }, 'notices.unseen_1__id_1'],
  ['the newest notices', 'notices', { _id: { $lt: 'n' } }, { _id: -1 }, 'sqlite_autoindex_notices_1'],
  [
    'planned orders that are due',
    'orders',
    { state: 'planned', notBefore: { $lte: new Date() } },
    { notBefore: 1 },
    'orders.state_1_notBefore_1',
  ],
  ['drills of a scenario', 'drills', { scenario: 'k' }, { _id: -1 }, 'drills.scenario_1__id_1'],
  ['drills of a place', 'drills', { path: { $gte: 'a/', $lt: 'a0' } }, {}, 'drills.path_1__id_1'],
  ['what asks for a person', 'askings', { lane: 'emergency' }, { _id: 1 }, 'askings.lane_1__id_1'],
  [
    'callouts that are due',
    'callouts',
    { lane: 'emergency', dueAt: { $lte: new Date() } },
    { dueAt: 1 },
    'callouts.lane_1_dueAt_1',
  ],
  ['callouts that wait', 'callouts', { state: 'calling', _id: { $gt: 'k' } }, { _id: 1 }, 'callouts.state_1__id_1'],
  [
    'receipts that the ledger may not have',
    'callouts',
    { settleAt: { $lte: new Date() } },
    { settleAt: 1 },
    'callouts.settleAt_1',
  ],
  ['callouts of a release', 'callouts', { releases: { $in: ['r'] } }, { _id: 1 }, 'lianfa_each callouts releases'],
  ["a unit's open list", 'callouts', { open: 'o' }, undefined, 'callouts.open_1'],
  ['callouts of a unit', 'callouts', { organization: 'o' }, undefined, 'callouts.organization_1'],
  ['the roster of a unit', 'duty_entries', { organization: { $in: ['o'] } }, undefined, 'duty_entries.organization_1'],
  ['running orders', 'orders', { state: 'running' }, undefined, 'orders.state_1_notBefore_1'],
  [
    'what goes out when',
    'orders',
    { notBefore: { $gte: new Date(0), $lt: new Date() } },
    { notBefore: 1 },
    'orders.notBefore_1',
  ],
  [
    'the pending plan of a release',
    'orders',
    { release: 'r', state: { $in: ['planned', 'held'] } },
    undefined,
    'orders.release_1_seq_1',
  ],
  [
    'accounts whose name begins so',
    'accounts',
    { name: { $gte: '福', $lt: '福\u{10FFFF}' } },
    undefined,
    'accounts.name_1',
  ],
  [
    'units whose name begins so',
    'organizations',
    { name: { $gte: '福', $lt: '福\u{10FFFF}' } },
    undefined,
    'organizations.name_1',
  ],
  ['who signs in', 'people', { name: 'a@example.org' }, undefined, 'people.name_1'],
  [
    'people whose name begins so',
    'people',
    { displayName: { $gte: '张', $lt: '张\u{10FFFF}' } },
    undefined,
    'people.displayName_1',
  ],
  ['roles of a person', 'grants', { person: 'u' }, undefined, 'grants.person_1'],
  ['who holds a role', 'grants', { role: 'admin' }, undefined, 'grants.role_1'],
  ['keys of a person', 'api_keys', { createdBy: 'u' }, undefined, 'api_keys.createdBy_1'],
  ['links of a person', 'links', { person: 'u' }, undefined, 'links.person_1'],
  ['recovery codes of a person', 'recovery_codes', { person: 'u' }, undefined, 'recovery_codes.person_1'],
  ['identities of a person', 'identities', { person: 'u' }, undefined, 'identities.person_1'],
  [
    'accounts in the box of a shape',
    'accounts',
    { lat: { $gte: 26, $lte: 26.1 }, lon: { $gte: 119, $lte: 119.1 } },
    undefined,
    'accounts.lat_1_lon_1',
  ],
  [
    'saved audiences of a unit and those above',
    'saved_audiences',
    { path: { $in: ['province/', 'province/city/'] } },
    undefined,
    'saved_audiences.path_1__id_1',
  ],
] as const)('finds %s by their index', async (_what, name, filter, sort, index) => {
  const plan = (await planOf(name, filter, { sort, limit: 100 })).join('\n');
  expect(plan).toContain(`${index} `);
  expect(plan).not.toContain('TEMP B-TREE');
});

it('finds the newest outline of a region by its index', async () => {
  expect(await planOf('region_outlines', {}, { sort: { at: -1 }, limit: 1 })).toEqual([
    'SCAN region_outlines USING INDEX region_outlines.at_1',
  ]);
});

it('finds the accounts of an audience by their tag, from where a page begins', async () => {
  const filter = { $and: [{ enabled: true }, { channel: { $in: ['weibo'] } }, { tags: { $in: ['全省'] } }] };
  const plan = await planOf('accounts', { $and: [filter, { _id: { $gt: 'a1' } }] }, { sort: { _id: 1 }, limit: 200 });
  expect(plan[0]).toContain('USING PRIMARY KEY ($element=? AND $id>?)');
  expect(plan.join('\n')).not.toMatch(/TEMP B-TREE|SCAN accounts/);
});

it('finds the accounts that a part of an import file names one by one, however many there are', async () => {
  const named = Array.from({ length: 250 }, (_, n) => ({ organization: `u${n}`, channel: 'weibo', name: `账号${n}` }));
  const plan = await planOf('accounts', { $or: named }, {});
  expect(
    plan.filter((step) =>
      step.includes('accounts.organization_1_channel_1_name_1 (organization=? AND channel=? AND name=?)'),
    ),
  ).toHaveLength(250);
  expect(plan.join('\n')).not.toContain('SCAN');
});
