import { followChanges } from './live.js';
import type { ReleaseStatus } from '../core/placements/report.js';
import type { Change } from '../core/queue/changes.js';

let tell: (change: Change) => void;
let listening: number;
let asked: string[];
let fail: boolean;

function live() {
  listening = 0;
  asked = [];
  fail = false;
  const failures: unknown[] = [];
  const changes = {
    subscribe(listener: (change: Change) => void) {
      listening += 1;
      tell = listener;
      return () => {
        listening -= 1;
      };
    },
  };
  const plain = { at: '', title: '', counts: [], toCome: 0, finished: false, orders: [] };
  const status = (release: string): Promise<ReleaseStatus> => {
    asked.push(release);
    return fail ? Promise.reject(new Error('store away')) : Promise.resolve({ ...plain, release, total: asked.length });
  };
  return { ...followChanges(changes, { status }, (error) => failures.push(error)), failures };
}

function watcher() {
  const heard: unknown[] = [];
  return {
    heard,
    status: ({ total }: ReleaseStatus) => heard.push(`status ${total}`),
    placements: (ids: string[] | null) => heard.push(ids),
    release: () => heard.push('release'),
  };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('tells the status at once', async () => {
  const one = watcher();
  live().watch('r1', one);
  await jest.advanceTimersByTimeAsync(0);
  expect(one.heard).toEqual(['status 1']);
});

it('tells a burst of changes once in a window, to all watchers with one query', async () => {
  const hub = live();
  const one = watcher();
  const two = watcher();
  hub.watch('r1', one);
  hub.watch('r1', two);
  await jest.advanceTimersByTimeAsync(0);
  for (let n = 0; n < 100; n += 1) tell({ release: 'r1', ids: [`d${n}`] });
  tell({ release: 'r2', ids: ['x'] });
  await jest.advanceTimersByTimeAsync(250);
  expect(asked).toHaveLength(3);
  expect(one.heard.slice(1)).toEqual(['status 3', Array.from({ length: 100 }, (_, n) => `d${n}`)]);
  expect(two.heard.slice(1)).toEqual(one.heard.slice(1));
});

it('never loses the last change', async () => {
  const hub = live();
  const one = watcher();
  hub.watch('r1', one);
  await jest.advanceTimersByTimeAsync(0);
  tell({ release: 'r1', ids: ['a'] });
  await jest.advanceTimersByTimeAsync(250);
  tell({ release: 'r1', ids: ['b'] });
  await jest.advanceTimersByTimeAsync(250);
  expect(one.heard).toEqual(['status 1', 'status 2', ['a'], 'status 3', ['b']]);
});

it.each([[undefined], [Array.from({ length: 201 }, (_, n) => `d${n}`)]])(
  'does not name rows where there are too many',
  async (ids) => {
    const one = watcher();
    live().watch('r1', one);
    await jest.advanceTimersByTimeAsync(0);
    tell({ release: 'r1', ids });
    await jest.advanceTimersByTimeAsync(250);
    expect(one.heard.at(-1)).toBeNull();
  },
);

it('after a failed query tells everything anew with the next change', async () => {
  const hub = live();
  const one = watcher();
  hub.watch('r1', one);
  await jest.advanceTimersByTimeAsync(0);
  fail = true;
  tell({ release: 'r1', ids: ['a'] });
  await jest.advanceTimersByTimeAsync(250);
  expect(hub.failures).toHaveLength(1);
  fail = false;
  tell({ release: 'r1', ids: ['b'] });
  await jest.advanceTimersByTimeAsync(250);
  expect(one.heard.slice(1)).toEqual(['status 3', null]);
});

it('listens only while somebody watches', async () => {
  const hub = live();
  const stopOne = hub.watch('r1', watcher());
  const stopList = hub.watchList(() => undefined);
  expect(listening).toBe(1);
  stopOne();
  expect(listening).toBe(1);
  stopList();
  expect(listening).toBe(0);
  await jest.advanceTimersByTimeAsync(0);
});

it('names the releases of the list that changed, each once', async () => {
  const hub = live();
  const heard: string[][] = [];
  hub.watchList((ids) => heard.push(ids));
  for (const release of ['r1', 'r2', 'r1']) tell({ release, ids: [] });
  await jest.advanceTimersByTimeAsync(250);
  expect(heard).toEqual([['r1', 'r2']]);
});
