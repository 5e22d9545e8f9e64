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

it('says a fault once, then how often, then after how long it was over', () => {
  const report = openFaultLog(log as never);
  for (let second = 0; second < 90; second += 1) {
    for (let times = 0; times < 20; times += 1)
      report(new Error(`ENOSPC: no space left, write ${times}`), 'publish failed');
    jest.advanceTimersByTime(1_000);
  }
  expect(lines[0]?.[0]).toBe('publish failed');
  expect(lines[1]).toMatchObject(['publish failed: goes on', { times: 1_199 }]);
  jest.advanceTimersByTime(120_000);
  expect(said().slice(2)).toEqual(['publish failed: goes on', 'publish failed: back after 89 s']);
  report(new Error('ENOSPC: no space left, write 1'), 'publish failed');
  expect(said().at(-1)).toBe('publish failed');
});

it('says of a server that is away one thing, whoever meets it, and within seconds that it is back', () => {
  const report = openFaultLog(log as never);
  const refused = (): Error =>
    Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:6379'), {
      syscall: 'connect',
      address: '10.0.0.5',
      port: 6379,
    });
  for (let second = 0; second < 20; second += 1) {
    for (const role of ['Redis', 'publish failed', 'record failed']) report(refused(), role);
    jest.advanceTimersByTime(1_000);
  }
  jest.advanceTimersByTime(10_000);
  expect(said()).toEqual(['no answer from 10.0.0.5:6379', '10.0.0.5:6379: back after 19 s']);
});

it('says of an election one thing, whichever way the driver puts it, and is not fooled by the wait of whoever asks', () => {
  const report = openFaultLog(log as never);
  const named = (name: string, code?: number): Error => Object.assign(new Error('not now'), { name, code });
  const words = [named('MongoServerSelectionError'), named('MongoNetworkError'), named('MongoServerError', 10_107)];
  // Each role asks for a primary, and hears after ten seconds that there is none.
  for (let times = 0; times < 4; times += 1) {
    for (const [place, role] of ['record failed', 'clock failed', 'cannot answer: store_unavailable'].entries())
      report(words[place], role);
    jest.advanceTimersByTime(10_000);
  }
  jest.advanceTimersByTime(60_000);
  expect(said()).toEqual(['no answer from MongoDB', 'MongoDB: back after 30 s']);
});

it('tells different faults apart, and the same one of different roles', () => {
  const report = openFaultLog(log as never);
  report(new Error('read ECONNRESET'), 'record failed');
  report(new TypeError('read ECONNRESET'), 'record failed');
  report(new Error('read ECONNRESET'), 'clock failed');
  report('not even an error', 'clock failed');
  expect(said()).toEqual(['record failed', 'record failed', 'clock failed', 'clock failed']);
});
