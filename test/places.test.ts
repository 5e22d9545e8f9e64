/** A release whose audience is a shape, on a whole hub: it goes to exactly those accounts that were in it when it was signed and still are. */
import { importOrganizations } from '../core/organizations/import.js';
import { givenOf } from '../core/import-given.js';
import { unitRow } from '../core/organizations/input.js';
import { openTestHub, type TestHub } from './support/hub.js';

let hub: TestHub;
const inside = { lat: 26.05, lon: 119.25 };
const outside = { lat: 27, lon: 119.25 };
const shape = { polygons: ['26.00,119.20 26.15,119.20 26.15,119.40 26.00,119.40 26.00,119.20'] };

beforeAll(async () => {
  hub = await openTestHub();
});
afterAll(() => hub.close());

async function put(units: object[]): Promise<void> {
  const result = await importOrganizations(hub.hub.store, await givenOf(units, unitRow));
  expect(result.refused).toEqual([]);
}

/** An account of a unit of its own at the position. */
async function settle(n: number, unit: string, position: object): Promise<string> {
  const { accounts } = hub.hub.store;
  await put([{ id: unit, name: unit, region: '350100', parent: 'province', position }]);
  const [id = ''] = await hub.connect(n, 1);
  await accounts.updateOne(
    { _id: id },
    { $set: { organization: unit, path: `province/${unit}/`, region: '350100', ...position } },
  );
  return id;
}

it('reaches who was signed and is still in the shape: nobody who has moved in or out since, nor who was left out', async () => {
  const stays = await settle(1, 'stays', inside);
  const leaves = await settle(2, 'leaves', inside);
  const comes = await settle(3, 'comes', outside);
  const excepted = await settle(4, 'excepted', inside);
  const except = [{ accounts: [excepted], reason: '正在维护' }];
  const release = await hub.publish('台风红色预警', { ...shape, except });
  const order = await hub.hub.store.orders.findOne({ release }).lean();
  if (!order) throw new Error('no order');
  expect(order.audience).toEqual({ ...shape, except });
  const sealed = await hub.sealed(order);
  expect(sealed.statement.audience).toEqual({ ...shape, except });
  expect([...(sealed.accounts ?? [])].sort()).toEqual([stays, leaves].sort());

  await put([
    { id: 'leaves', position: outside },
    { id: 'comes', position: inside },
  ]);
  hub.start('dispatch', 'publish', 'record', 'clock');
  const rows = await hub.settled(release, 1);
  expect(rows.map(({ account }) => account)).toEqual([stays]);
  await hub.until(
    'the order is done',
    async () => (await hub.hub.store.orders.findById(order._id).lean())?.state === 'done',
  );
  const notice = await hub.hub.store.notices.findOne({ key: `audience ${order._id}` }).lean();
  expect(notice?.said.en).toContain(
    '1 accounts are no longer in it, and nothing was sent there; 1 came into it later, and nothing was sent there',
  );
  expect(comes).not.toBe('');
});

it('obeys no order whose shape or exceptions are not those that were signed', async () => {
  const release = await hub.publish('同一台风的第二份通知', {
    circles: ['26.05,119.25 5'],
    except: [{ organizations: ['leaves'], reason: '已通知' }],
  });
  const order = await hub.hub.store.orders.findOne({ release }).lean();
  if (!order) throw new Error('no order');
  for (const audience of [
    { ...order.audience, circles: ['26.05,119.25 500'] },
    { ...order.audience, except: [{ organizations: ['leaves'], reason: '别的理由' }] },
    { circles: ['26.05,119.25 5'] },
  ])
    expect(await hub.hub.seals.check({ ...order, audience })).toMatchObject({
      holds: false,
      fault: { code: 'row_differs' },
    });
});
