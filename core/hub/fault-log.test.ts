import { openFaultLog } from './fault-log.js';

let lines: [string, object][];
const log = {
  error: (details: object, words: string) => lines.push([words, details]),
  warn: () => undefined,
  info: (details: object, words: string) => lines.push([words, details]),
};
const said = (): string[] => lines.map(([words]) => words);

beforeEach(() => {
  lines = [];
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('says a fault once, then how often, then that it is over', () => {
  const report = openFaultLog(log as never);
  for (let times = 0; times < 2_100; times += 1)
    report(new Error(`ENOSPC: no space left, write ${times}`), 'publish failed');
  expect(said()).toEqual(['publish failed']);
  jest.advanceTimersByTime(60_000);
  expect(lines.at(-1)).toMatchObject(['publish failed: goes on', { times: 2_099 }]);
  jest.advanceTimersByTime(60_000);
  expect(lines.at(-1)).toMatchObject(['publish failed: over', { seconds: 120 }]);
  report(new Error('ENOSPC: no space left, write 1'), 'publish failed');
  expect(said()).toEqual(['publish failed', 'publish failed: goes on', 'publish failed: over', 'publish failed']);
});

it('tells different faults apart, and the same one of different roles', () => {
  const report = openFaultLog(log as never);
  report(new Error('read ECONNRESET'), 'record failed');
  report(new TypeError('read ECONNRESET'), 'record failed');
  report(new Error('read ECONNRESET'), 'clock failed');
  report('not even an error', 'clock failed');
  expect(said()).toEqual(['record failed', 'record failed', 'clock failed', 'clock failed']);
});
