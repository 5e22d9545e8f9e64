/** `npm run chaos -- badcases [NAME…]`: what goes wrong in the night of a broadcast; each account ends in a final or explained state, none twice, none out of order. */
import { openTwoPeople, seat, type TwoPeople } from '../bench/two-people.js';
import { connect, makeUnit, type ChaosAccount, type Place } from './accounts.js';
import { ofHub } from './cases-of-hub.js';
import { ofPeople } from './cases-of-people.js';
import { ofPlatforms } from './cases-of-platforms.js';
import { openHost } from './hosts.js';
import { judge, rest, rowsOf, type Judged } from './judge.js';
import { openPlatforms, type Platforms } from './platforms.js';
import { explains, openStage, type BadCase, type Stage } from './stage.js';
import { sum } from './verdict.js';
import { openWorld, type Shape, type World } from './world.js';

/** `connect` makes a score of accounts each time: a hundred, ten of which are behind addresses of their own. */
const rounds = 5;

const shape: Shape = {
  parts: [
    ...['publish-1', 'publish-2'].map((name) => ({ name, roles: 'publish' })),
    { name: 'record,dispatch', roles: 'record,dispatch' },
    ...['clock-1', 'clock-2'].map((name) => ({ name, roles: 'clock,media' })),
    { name: 'server', roles: 'server' },
  ],
};

interface Found {
  accounts: number;
  verified: number;
  told: number;
  unexplained: number;
  doubles: number;
  outOfOrder: number;
  seconds: number;
  lines: string[];
}

/** Answers whether each case came to what it must. */
export async function badcases(names: string[]): Promise<boolean> {
  const all: readonly BadCase[] = [...ofPlatforms, ...ofPeople, ...ofHub];
  const unknown = names.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new Error(`no case ${unknown.join()}; there are ${all.map(({ name }) => name).join(' ')}`);
  const cases = names.length > 0 ? all.filter(({ name }) => names.includes(name)) : all;
  const platforms = await openPlatforms();
  const hosts = { weibo: await openHost(platforms.url('weibo')), website: await openHost(platforms.url('website')) };
  const world = await openWorld([...platforms.urls, hosts.weibo.url, hosts.website.url], shape);
  const found: Found[] = [];
  try {
    const people = await prepare(world, platforms);
    console.error(heading);
    for (const [number, one] of cases.entries()) {
      const result = await play(one, number, { world, platforms, people, hosts });
      found.push(result);
      tell(one, result);
    }
  } finally {
    await world.close();
    for (const host of Object.values(hosts)) await host.close();
    await platforms.close();
  }
  const total = (of: (one: Found) => number): number => found.reduce((all, one) => all + of(one), 0);
  const [unexplained, doubles] = [total((one) => one.unexplained), total((one) => one.doubles)];
  const outOfOrder = total((one) => one.outOfOrder);
  console.log(JSON.stringify({ cases: found.length, unexplained, doubles, outOfOrder }));
  return unexplained + doubles + outOfOrder === 0;
}

async function prepare({ hub }: World, platforms: Platforms): Promise<TwoPeople> {
  await makeUnit(hub);
  await platforms.control('weibo', 'budgets', { callsPerDay: 1_000_000, postsPerHour: 10_000 });
  for (const role of ['admin', 'operator', 'commander'] as const) await seat(hub, hub.config.url, `the-${role}`, role);
  return openTwoPeople(hub, hub.config.url);
}

type Ground = Pick<Stage, 'world' | 'platforms' | 'people' | 'hosts'>;

async function play(one: BadCase, number: number, ground: Ground): Promise<Found> {
  const { world, platforms, hosts } = ground;
  const [began, since, tag] = [Date.now(), platforms.taken.length, `case-${number}`];
  const accounts: ChaosAccount[] = [];
  for (let round = 0; round < rounds; round += 1)
    accounts.push(...(await connect(world.hub, platforms, number * rounds + round, tag, placeIn(one, round, hosts))));
  const stage = openStage({ ...ground, number, tag, accounts });
  await one.run(stage);
  await platforms.calm();
  for (const host of Object.values(hosts)) await host.be('up');
  await rest(world, stage);
  const judged = await judgeAll(stage, since);
  const { overtaken, doubles, lost, stuck } = sum(judged.map(({ counts }) => counts));
  const rows = [...(await rowsOf(world, stage)).values()];
  const silent = rows.filter((row) => !explains(row));
  const faulty = judged.filter(({ counts }) => Object.values(counts).some((count) => count > 0));
  return {
    accounts: judged.length,
    verified: rows.filter(({ state }) => state === 'verified').length,
    told: judged.filter(({ told }) => told).length,
    unexplained: lost + stuck + silent.length + stage.broken().length,
    doubles,
    outOfOrder: overtaken,
    seconds: Math.round((Date.now() - began) / 1_000),
    lines: [
      ...new Set(judged.filter(({ told }) => told).map(({ words }) => `· ${words}`)),
      ...stage.broken().map((words) => `✗ ${words}`),
      ...silent.map(({ _id, state }) => `✗ ${_id} ${state}`),
      ...faulty.map(({ trace }) => trace),
    ],
  };
}

function placeIn({ unit }: BadCase, round: number, hosts: Stage['hosts']): Place {
  return {
    ...(unit && { unit }),
    hostOf: (kind, place) => {
      if (kind === 'weibo' && (round === 0 || (round === 1 && place < 2))) return hosts.weibo.url;
      return kind === 'micropub' && round === 0 ? hosts.website.url : undefined;
    },
  };
}

async function judgeAll(stage: Stage, since: number): Promise<Judged[]> {
  const rows = await rowsOf(stage.world, stage);
  const log = stage.platforms.taken.slice(since);
  const judged: Judged[] = [];
  for (const release of stage.releases())
    for (const account of stage.accounts)
      if (release.ordered.has(account.id)) judged.push(await judge(release, account, stage.number, rows, log));
  return judged;
}

const widths = [18, 9, 9, 6, 13, 8, 12, 5];
const heading = row(['case', 'accounts', 'verified', 'told', 'unexplained', 'doubles', 'out of order', 's']);

function row(cells: readonly (string | number)[]): string {
  return cells
    .map((cell, place) =>
      place === 0 ? String(cell).padEnd(widths[0] ?? 0) : String(cell).padStart(widths[place] ?? 0),
    )
    .join('');
}

function tell({ name, said, outcome }: BadCase, found: Found): void {
  const { accounts, verified, told, unexplained, doubles, outOfOrder, seconds, lines } = found;
  console.error(row([name, accounts, verified, told, unexplained, doubles, outOfOrder, seconds]));
  console.error(`    ${said.zh} ${said.en} → ${outcome.zh} ${outcome.en}`);
  for (const line of lines) console.error(`    ${line}`);
}
