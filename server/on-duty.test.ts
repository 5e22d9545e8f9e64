/** Numbers on the command screen are shown to whoever may see the roster that they are from, and to nobody else. */
import { calloutBody } from './callout-body.js';
import type { Callout } from '../core/model/callout.js';
import { openLedger, release, type Ledger } from '../core/command/fixtures/ledger.js';
import { onDutyFor } from '../core/command/on-duty.js';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
  for (const unit of ['gulou', 'xiamen', 'hangzhou']) await ledger.put(unit, 'weibo', 'needs_action');
  await ledger.put('fuzhou', 'weibo', 'verified');
  const line = { step: 1, by: 'u1', at: new Date() };
  await ledger.store.dutyEntries.create([
    { _id: 'y1', organization: 'gulou', path: 'fujian/fuzhou/gulou/', name: '甲', phone: '13800000001', ...line },
    { _id: 'y2', organization: 'fuzhou', path: 'fujian/fuzhou/', name: '乙', phone: '13800000002', ...line },
    { _id: 'y3', organization: 'fujian', path: 'fujian/', name: '丙', phone: '13800000003', ...line },
    { _id: 'y4', organization: 'hangzhou', path: 'hangzhou/', name: '丁', mail: 'd@hub.example', ...line },
  ]);
});
afterAll(() => ledger.close());

const shown = async (may: (path: string) => boolean) => {
  const items = await onDutyFor(ledger.store, release, may, new Date());
  return items.map(({ organization, people }) => `${organization} ${people.map(({ phone }) => phone).join()}`).sort();
};

it('names who is on duty in the unit, then in the one above that answers for it', async () => {
  expect(await shown(() => true)).toEqual(['gulou 13800000001,13800000002', 'xiamen 13800000003']);
});

it('shows of no roster above or beside whose one may not see', async () => {
  expect(await shown((path) => path.startsWith('fujian/fuzhou/gulou/'))).toEqual(['gulou 13800000001']);
  expect(await shown(() => false)).toEqual([]);
});

it('keeps numbers of rosters that one may not see out of callouts too', () => {
  const to = (unit: string, phone: string) => ({ unit, unitName: unit, level: 0, step: 1, name: unit, phone });
  const message = { kind: 'call', way: 'sms', state: 'queued', dueAt: new Date(0), tries: 0 } as const;
  const row = {
    ...{ _id: 'k1', organization: 'gulou', unitName: '鼓楼区', path: 'fujian/fuzhou/gulou/', lane: 'emergency' },
    ...{
      at: new Date(0),
      state: 'calling',
      minutes: 5,
      items: [],
      releases: [],
      passed: [],
      receipts: [],
      happened: [],
    },
    messages: [
      { n: 1, to: to('gulou', '13800000001'), ...message },
      { n: 2, to: to('fuzhou', '13800000002'), ...message },
    ],
    version: 1,
  } as Callout;
  const phones = (may: (path: string) => boolean) =>
    calloutBody(row, { may: (_, path) => may(path) }).messages.map(({ phone }) => phone);
  expect(phones(() => true)).toEqual(['13800000001', '13800000002']);
  expect(phones((path) => path === 'fujian/fuzhou/gulou/')).toEqual(['13800000001', undefined]);
  expect(phones(() => false)).toEqual([undefined, undefined]);
});
