import type { Order } from '../core/model/order.js';
import { openTestServer, type TestServer } from '../test/support/http.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  const { releases, revisions, orders } = server.services.store;
  await revisions.create({
    _id: 'v1',
    release: 'r1',
    number: 1,
    kind: 'notice',
    language: 'zh-Hans',
    title: '通知',
    source: '市政府',
    createdBy: 'u1',
    createdAt: new Date(),
    hash: 'h',
  });
  await releases.create({
    _id: 'r1',
    path: '',
    title: '通知',
    kind: 'notice',
    revision: 'v1',
    revisions: 1,
    createdBy: 'u1',
    createdAt: new Date(),
    updatedAt: new Date(),
  });
  await orders.create({ ...row(8, {}), _id: 'd7' });
});
afterAll(() => server.close());

const row = (n: number, more: Partial<Order>): Order => ({
  _id: `d-${n}`,
  release: `r-${n}`,
  revision: `v-${n}`,
  seq: 1,
  action: 'publish',
  audience: {},
  place: '',
  reach: { audience: true, standing: false },
  lane: 'routine',
  by: 'u1',
  at: new Date('2026-11-28T00:00:00Z'),
  state: 'planned',
  walk: 'audience',
  placements: 0,
  ...more,
});

const get = (path: string) => server.call('GET', `/api/v1${path}`);
const post = (path: string, json: unknown = {}) => server.call('POST', `/api/v1${path}`, { json });
const newest = (): Promise<{ notBefore?: Date; expires?: Date; tolerance?: number } | null> =>
  server.services.store.reviews.findOne({ release: 'r1', newest: true }).lean();

describe('an order with a time', () => {
  const asked = { revision: 'v1', audience: {} };

  it.each([
    ['2026-12-01 09:00', '2026-12-01T01:00:00.000Z'],
    ['2026-12-01T09:00:00+08:00', '2026-12-01T01:00:00.000Z'],
    ['2026-12-01', '2026-11-30T16:00:00.000Z'],
    ['2026-12-01 00:00', '2026-11-30T16:00:00.000Z'],
    ['2026-12-01 24:00', '2026-12-01T16:00:00.000Z'],
  ])('takes %s for one instant', async (notBefore, instant) => {
    expect((await post('/releases/r1/submit', { ...asked, notBefore })).status).toBe(201);
    expect((await newest())?.notBefore?.toISOString()).toBe(instant);
  });

  it('takes the whole day of an end that is a date alone', async () => {
    await post('/releases/r1/submit', { ...asked, notBefore: '2026-12-01', expires: '2026-12-01', tolerance: 30 });
    expect(await newest()).toMatchObject({
      notBefore: new Date('2026-11-30T16:00:00Z'),
      expires: new Date('2026-12-01T16:00:00Z'),
      tolerance: 30,
    });
  });

  it.each(['明天', '9:00', '2026-02-30 09:00', '2026-12-01 上午12点'])(
    'asks what %s means, naming the field',
    async (notBefore) => {
      const answer = await post('/releases/r1/submit', { ...asked, notBefore });
      expect([answer.status, (answer.body as { error: { field: string } }).error.field]).toEqual([422, 'notBefore']);
      expect(JSON.stringify(answer.body)).toContain('2026-12-01 09:00');
    },
  );

  it('is taken back and sent by a person, by name', async () => {
    expect((await post('/orders/d7/unschedule')).body).toMatchObject({ id: 'd7', state: 'unscheduled' });
    expect((await post('/orders/d7/send')).body).toMatchObject({ id: 'd7', state: 'running' });
    expect(server.ordered.slice(-2)).toMatchObject([
      { unschedule: 'd7', by: { person: expect.any(String) as string } },
      { send: 'd7', by: { person: expect.any(String) as string } },
    ]);
  });
});

describe('what goes out when', () => {
  beforeAll(async () => {
    const { orders, revisions } = server.services.store;
    await orders.insertMany([
      row(1, { notBefore: new Date('2026-11-30T16:00:00Z'), expires: new Date('2026-12-02T16:00:00Z') }),
      row(2, { notBefore: new Date('2026-11-30T15:59:59Z') }),
      row(3, {
        notBefore: new Date('2026-12-01T01:00:00Z'),
        state: 'held',
        held: { at: new Date(), reason: 'late', minutes: 42 },
      }),
      row(4, {
        notBefore: new Date('2026-12-01T15:59:59Z'),
        state: 'done',
        startedAt: new Date('2026-12-01T16:02:10Z'),
      }),
      row(5, { notBefore: new Date('2026-12-01T02:00:00Z'), state: 'unscheduled' }),
      row(6, { notBefore: new Date('2026-12-01T16:00:00Z') }),
      row(7, {}),
    ]);
    await revisions.insertMany(
      [1, 2, 3, 4, 5, 6, 7].map((n) => ({
        _id: `v-${n}`,
        release: `r-${n}`,
        number: n,
        kind: 'notice',
        language: 'zh-Hans',
        title: `第${n}件`,
        source: '示例',
        createdBy: 'u1',
        createdAt: new Date(),
        hash: 'h',
      })),
    );
  });

  it('is listed by the days of Beijing, both included, without what was taken back', async () => {
    const { items, more } = (await get('/plans?from=2026-12-01&to=2026-12-01')).body as {
      items: Record<string, unknown>[];
      more: boolean;
    };
    expect(more).toBe(false);
    expect(items.map(({ title, state }) => [title, state])).toEqual([
      ['第1件', 'planned'],
      ['第3件', 'held'],
      ['第4件', 'done'],
    ]);
    expect(items[0]).toMatchObject({
      release: 'r-1',
      number: 1,
      kind: 'notice',
      notBefore: '2026-12-01T00:00:00+08:00',
      expires: '2026-12-03T00:00:00+08:00',
    });
    expect(items[1]?.['held']).toMatchObject({
      reason: 'late',
      said: { zh: expect.stringContaining('42 分钟') as string },
    });
    expect(items[2]).toMatchObject({ startedAt: '2026-12-02T00:02:10+08:00', late: 2 });
  });

  it('refuses more days than one answer holds, and days in the wrong order', async () => {
    for (const path of ['/plans', '/calendar/days']) {
      expect((await get(`${path}?from=2026-12-02&to=2026-12-01`)).status).toBe(422);
      expect((await get(`${path}?from=2026-01-01&to=2027-02-05`)).status).toBe(422);
      expect((await get(`${path}?from=2026-01-01&to=2027-02-04`)).status).toBe(200);
      expect((await get(`${path}?from=2026-02-30&to=2026-03-01`)).status).toBe(422);
    }
  });
});

describe('the calendar of working days', () => {
  it('says 上班 or 休息 and by which notice', async () => {
    const { days } = (await get('/calendar/days?from=2026-09-20&to=2026-10-10')).body as {
      days: { day: string; working: boolean; said: { zh: string }; notice?: string }[];
    };
    const of = (day: string) => days.find((one) => one.day === day);
    expect(of('2026-09-20')).toMatchObject({ working: true, said: { zh: '上班（周日，因国庆节放假补班）' } });
    expect(of('2026-10-06')).toMatchObject({ working: false, said: { zh: '休息（周二，国庆节）' } });
    expect(of('2026-10-10')).toMatchObject({ working: true, said: { zh: '上班（周六，因国庆节放假补班）' } });
    expect(days.every(({ notice }) => notice?.includes('国务院办公厅关于2026年部分节假日安排的通知'))).toBe(true);
    expect(JSON.stringify(days)).not.toContain('调休');
  });

  it('takes a year from its notice, in place of what was known', async () => {
    const year = (json: unknown) => server.call('PUT', '/api/v1/calendar/years/2027', { json });
    const day = async () =>
      (
        (await get('/calendar/days?from=2027-10-01&to=2027-10-01')).body as {
          days: { said: { zh: string }; notice?: string }[];
        }
      ).days[0];
    expect((await day())?.said.zh).toContain('尚未录入');
    const notice = '国务院办公厅关于2027年部分节假日安排的通知';
    const wrong = await year({ notice, off: [{ day: '2026-10-01', holiday: '国庆节' }], working: [] });
    expect((wrong.body as { error: { code: string } }).error.code).toBe('calendar_year_invalid');
    for (const holiday of ['国庆', '国庆节'])
      expect((await year({ notice, off: [{ day: '2027-10-01', holiday }], working: [] })).status).toBe(200);
    expect(await day()).toMatchObject({ said: { zh: '休息（周五，国庆节）' }, notice });
  });
});
