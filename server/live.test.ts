import { setImmediate as turn } from 'node:timers/promises';
import type { ReleaseStatus } from '../core/placements/report.js';
import type { Follower, News } from '../core/queue/changes.js';
import { followChanges, type Viewer } from './live.js';

let number: number;
let here: string;
let asked: string[];
let fail: boolean;
let followers: Follower[];
/** What the news were after a place; undefined where nobody knows. */
let since: (place: string) => News[] | undefined;

const placeAt = (entry: number): string => `${entry}-0-aaaaaaaaaaaa`;

function live() {
  [number, asked, fail, followers, here] = [0, [], false, [], placeAt(0)];
  since = () => [];
  const failures: unknown[] = [];
  const feed = {
    place: () => here,
    follow(follower: Follower) {
      followers.push(follower);
      return () => {
        followers = followers.filter((one) => one !== follower);
      };
    },
    since: (place: string) => Promise.resolve(since(place)),
  };
  const plain = { at: '', title: '', counts: [], toCome: 0, finished: false, orders: [] };
  const status = (release: string): Promise<ReleaseStatus> => {
    asked.push(release);
    return fail ? Promise.reject(new Error('store away')) : Promise.resolve({ ...plain, release, total: asked.length });
  };
  return { ...followChanges(feed, { status }, (error) => failures.push(error)), failures };
}

type Entry = { release: string; ids: string[] | undefined } | { freezes: true };

function newsOf(...entries: Entry[]): News[] {
  return entries.map((entry) => ({ id: `${(number += 1)}-0`, ...entry }));
}

/** Told in one window. */
async function tell(...entries: Entry[]): Promise<void> {
  const news = newsOf(...entries);
  here = placeAt(number);
  for (const follower of followers) follower.told(news, here);
  await turn();
}

function viewer(releases: string[], list = false) {
  const heard: unknown[] = [];
  const one: Viewer = {
    releases,
    list,
    known: (ids) => Promise.resolve([...ids]),
    hear(events, place) {
      for (const { name, text } of events)
        heard.push(
          name === 'status' ? `status ${(JSON.parse(text) as ReleaseStatus).total}` : [name, JSON.parse(text)],
        );
      heard.push(place);
    },
    end: () => heard.push('end'),
  };
  return { ...one, heard };
}

it('tells the status at once, with the place from which on it tells more', async () => {
  const one = viewer(['r1']);
  live().watch(one, undefined);
  await turn();
  expect(one.heard).toEqual(['status 1', placeAt(0)]);
});

it('tells all of a window in one piece, to all viewers with one query', async () => {
  const hub = live();
  const [one, two] = [viewer(['r1']), viewer(['r1'])];
  hub.watch(one, undefined);
  hub.watch(two, undefined);
  await turn();
  const changes = Array.from({ length: 100 }, (_, n) => ({ release: 'r1', ids: [`d${n}`] }));
  await tell(...changes, { release: 'r2', ids: ['x'] });
  expect(asked).toHaveLength(3);
  const ids = Array.from({ length: 100 }, (_, n) => `d${n}`);
  expect(one.heard.slice(2)).toEqual(['status 3', ['placements', { release: 'r1', ids }], placeAt(101)]);
  expect(two.heard.slice(2)).toEqual(one.heard.slice(2));
});

it('says nothing of what somebody does not watch, and goes on from behind it', async () => {
  const hub = live();
  const one = viewer(['r1']);
  const seat = hub.watch(one, undefined);
  await turn();
  await tell({ release: 'r2', ids: ['x'] });
  expect(one.heard).toHaveLength(2);
  expect(seat.place()).toBe(placeAt(1));
});

it.each([[undefined], [Array.from({ length: 201 }, (_, n) => `d${n}`)]])(
  'does not name rows where there are too many',
  async (ids) => {
    const one = viewer(['r1']);
    live().watch(one, undefined);
    await turn();
    await tell({ release: 'r1', ids });
    expect(one.heard.at(-2)).toEqual(['placements', { release: 'r1', ids: null }]);
  },
);

it('sends away whom it cannot tell, to come again from the last place', async () => {
  const hub = live();
  const one = viewer(['r1']);
  const seat = hub.watch(one, undefined);
  await turn();
  fail = true;
  await tell({ release: 'r1', ids: ['a'] });
  expect(hub.failures).toHaveLength(1);
  expect(one.heard.slice(2)).toEqual(['end']);
  expect(seat.place()).toBe(placeAt(0));
});

it('tells whoever comes from another server what was missed, and not the state', async () => {
  const hub = live();
  number = 3;
  here = placeAt(3);
  since = (place) =>
    place === placeAt(1)
      ? [
          { id: '2-0', release: 'r1', ids: ['a'] },
          { id: '3-0', release: 'r2', ids: ['b'] },
        ]
      : undefined;
  const one = viewer(['r1', 'r2']);
  hub.watch(one, placeAt(1));
  await turn();
  const [a, b] = [
    { release: 'r1', ids: ['a'] },
    { release: 'r2', ids: ['b'] },
  ];
  expect(one.heard).toEqual(['status 1', ['placements', a], 'status 2', ['placements', b], placeAt(3)]);
});

it('tells nothing twice to whom another server has told more already', async () => {
  const hub = live();
  const one = viewer([], true);
  hub.watch(one, placeAt(2));
  await turn();
  expect(one.heard).toEqual([]);
  await tell({ release: 'r1', ids: ['a'] }, { release: 'r2', ids: ['b'] });
  expect(one.heard).toEqual([]);
  await tell({ release: 'r3', ids: ['c'] });
  expect(one.heard).toEqual([['releases', { ids: ['r3'] }], placeAt(3)]);
});

it('tells everything where nobody knows any more what came after that place, and when Redis was lost', async () => {
  const hub = live();
  since = () => undefined;
  const one = viewer(['r1'], true);
  hub.watch(one, placeAt(1));
  await turn();
  const everything = [
    ['release', { release: 'r1' }],
    ['placements', { release: 'r1', ids: null }],
    ['releases', { ids: null }],
    ['freezes', null],
  ];
  expect(one.heard).toEqual(['status 1', ...everything, placeAt(0)]);
  for (const follower of followers) follower.anew(placeAt(7));
  await turn();
  expect(one.heard.slice(6)).toEqual(['status 2', ...everything, placeAt(7)]);
});

it('keeps the order where news come while the missed ones are read', async () => {
  const hub = live();
  const one = viewer([], true);
  since = () => [{ id: '0-1', release: 'r0', ids: ['z'] }];
  hub.watch(one, placeAt(0));
  await tell({ release: 'r1', ids: ['a'] });
  await turn();
  expect(one.heard).toEqual([['releases', { ids: ['r0'] }], placeAt(0), ['releases', { ids: ['r1'] }], placeAt(1)]);
});

it('tells the list which releases changed, each once, and everybody of freezes', async () => {
  const hub = live();
  const [list, release] = [viewer([], true), viewer(['r9'])];
  hub.watch(list, undefined);
  hub.watch(release, undefined);
  await turn();
  await tell({ release: 'r1', ids: [] }, { release: 'r2', ids: [] }, { release: 'r1', ids: [] }, { freezes: true });
  expect(list.heard.slice(1)).toEqual([['releases', { ids: ['r1', 'r2'] }], ['freezes', null], placeAt(4)]);
  expect(release.heard.slice(2)).toEqual([['freezes', null], placeAt(4)]);
});

it('listens only while somebody watches', () => {
  const hub = live();
  const [one, two] = [hub.watch(viewer(['r1']), undefined), hub.watch(viewer([], true), undefined)];
  expect(followers).toHaveLength(1);
  one.leave();
  expect(followers).toHaveLength(1);
  two.leave();
  expect(followers).toHaveLength(0);
});
