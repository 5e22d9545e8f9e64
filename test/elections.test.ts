/** Elections while every worker is at it: each role pauses and goes on, nothing is lost and nothing sent twice. */
import { openOutages, type Outages } from './support/outages.js';
import { openTestHub, type TestHub } from './support/hub.js';

jest.setTimeout(120_000);

const accounts = 6;
/** Nobody is there for twelve operations, then for sixty all goes. */
const blows = (n: number): boolean => n % 72 < 12;
let test: TestHub;
let outages: Outages;
beforeAll(async () => {
  test = await openTestHub();
  outages = openOutages(test.hub.store.connection);
  await test.connect(0, accounts);
});
afterAll(() => test.close());

const shown = async (): Promise<string[]> => {
  const page = await (await fetch(test.sandbox.url)).text();
  return [...page.matchAll(/<p data-board="[^"]*">([^<]*)<\/p>/g)].map(([, line = '']) => line);
};

it.each(['steppedDown', 'noAnswer'] as const)(
  'comes out once and corrected once, although the store fails again and again (%s)',
  async (fault) => {
    test.start('dispatch', 'publish', 'record', 'clock', 'media', 'check');
    const wrong = `第一稿 ${fault}`;
    const { release, revision } = await test.write(wrong);
    await test.orders.publish({ release, revision, audience: {}, by: 'u1' });
    outages.begin(fault, blows);
    await test.until('all verified', async () => {
      const rows = await test.hub.store.placements
        .find({ release })
        .lean()
        .catch(() => []);
      return rows.length === accounts && rows.every(({ state }) => state === 'verified');
    });
    expect(outages.end()).toBeGreaterThan(5);
    await test.revise(release, `更正稿 ${fault}`, 'correction');
    outages.begin(fault, blows);
    await test.until('all corrected', async () => {
      const rows = await test.hub.store.placements
        .find({ release })
        .lean()
        .catch(() => []);
      return rows.length === accounts && rows.every(({ state, orders }) => state === 'verified' && orders.length === 2);
    });
    expect(outages.end()).toBeGreaterThan(5);
    await test.stopWorkers();
    const lines = await shown();
    expect(lines.filter((line) => line === wrong)).toEqual([]);
    expect(lines.filter((line) => line === `更正稿 ${fault}`)).toHaveLength(accounts);
    const rows = await test.rows(release);
    expect(rows.map(({ standing, open }) => [standing.length, open.length])).toEqual(rows.map(() => [1, 0]));
  },
);
