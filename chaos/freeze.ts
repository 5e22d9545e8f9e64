/**
 * `npm run chaos -- freeze [--deliveries 2000] [--desk-down]`: a freeze in the middle of that many deliveries over all
 * channels, with a publisher that stands still, one that is killed, and a Redis that is emptied; counted where the public is.
 * `--desk-down`: while orders are still being put on accounts and the server that draws the dashboard hangs, by the command
 * on the machine.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { apart } from '../core/hub/apart.js';
import type { Acknowledgement } from '../core/freezes/acknowledge.js';
import { openFreezeDesk, type FreezeDesk, type Frozen } from '../core/freezes/desk.js';
import { isFinal } from '../core/model/states.js';
import { partsOf, placementId, type Placement } from '../core/model/placement.js';
import { addPerson } from '../core/people/add.js';
import { redisKey } from '../core/queue/keys.js';
import { connect, makeUnit, type ChaosAccount } from './accounts.js';
import { openDesk, textsIn, type Desk } from './desk.js';
import { openPlatforms, type Platforms, type Taken } from './platforms.js';
import { openWorld, type Shape, type World } from './world.js';

const options = z.object({
  deliveries: z.coerce.number().int().min(100).max(20_000).default(2_000),
  'desk-down': z.boolean().default(false),
});

/** Accounts of one `connect`, and releases that are under way together. */
const together = 20;
const releases = ['甲', '乙', '丙', '丁', '戊'] as const;
const late = '己';
/** Is being put on accounts as it is frozen. */
const early = '庚';
/** Of all deliveries, how many are public when it is frozen. */
const begun = 0.15;
/** Seconds: from the freeze until the last count, and after the thaw until all must have come to rest. */
const watched = 45;
const longest = 420;

const shape: Shape = {
  parts: [
    ...['publish-1', 'publish-2', 'publish-3'].map((name) => ({ name, roles: 'publish' })),
    ...['record,dispatch', 'clock,media', 'server'].map((roles) => ({ name: roles, roles })),
  ],
};

/** Answers whether nothing left after the acknowledgement, and all of it once after the thaw. */
export async function freeze(args: string[]): Promise<boolean> {
  const { values } = parseArgs({ args, options: { deliveries: { type: 'string' }, 'desk-down': { type: 'boolean' } } });
  const { deliveries, 'desk-down': deskDown } = options.parse(values);
  const platforms = await openPlatforms();
  const world = await openWorld(platforms.urls, shape);
  try {
    const ground = await prepare(world, platforms, Math.ceil(deliveries / releases.length / together));
    const held = await freezeInTheMiddle(world, platforms, ground, deskDown);
    const { afterAcknowledged, acknowledgement, open } = held;
    const doubles = await thawAndRest(world, platforms, ground, held.freeze);
    console.log(
      JSON.stringify({
        afterAcknowledged,
        acknowledgeMs: acknowledgement.milliseconds,
        inFlight: acknowledgement.inFlight + open.size - acknowledgement.remaining,
        ...(deskDown && { commandMs: held.commandMs }),
      }),
    );
    return afterAcknowledged === 0 && acknowledgement.acknowledged && doubles === 0;
  } finally {
    await world.close();
    await platforms.close();
  }
}

interface Ground {
  accounts: ChaosAccount[];
  desk: Desk;
  freezes: FreezeDesk;
}

async function prepare(world: World, platforms: Platforms, rounds: number): Promise<Ground> {
  const { hub } = world;
  await makeUnit(hub);
  await platforms.enough();
  const accounts: ChaosAccount[] = [];
  for (let round = 0; round < rounds; round += 1) accounts.push(...(await connect(hub, platforms, round, 'all')));
  for (const id of ['commander', 'second'])
    await addPerson(hub, { name: id, displayName: id, password: `${id} of chaos`, roles: ['commander'] }, id);
  for (const channel of ['weibo', 'wechat', 'website', 'app'])
    await platforms.control(channel, 'latency', { ms: 300, spread: 200 });
  const freezes = openFreezeDesk(hub, hub.connect('producer'), hub.settings);
  return { accounts, desk: openDesk(hub, 0, 'all', accounts), freezes };
}

interface Held {
  freeze: string;
  acknowledgement: Acknowledgement;
  /** Placements that had gone through the door and had not ended, most of them in a process that stood still: whatever was sent may land. */
  open: ReadonlySet<string>;
  afterAcknowledged: number;
  /** From the press until the answer. */
  commandMs: number;
}

async function freezeInTheMiddle(world: World, platforms: Platforms, ground: Ground, deskDown: boolean): Promise<Held> {
  const { accounts, desk, freezes } = ground;
  const all = accounts.length * releases.length;
  for (const release of releases) await desk.order({ does: 'publish', release, half: false });
  console.error(`  ${all} 条投递已下达 deliveries ordered`);
  while ((await outIn(world, desk)).size < all * begun) await pause(200);

  // Longer than it is waited for: by then it is silent, and has a door open for each of its requests.
  world.stop('publish-3', 30);
  if (deskDown) world.stop('server', 40);
  await pause(6_000);
  if (deskDown) await desk.order({ does: 'publish', release: early, half: false });
  const pressed = Date.now();
  const order = { scope: { kind: 'everything' }, emergencyToo: true, reason: '演练' } as const;
  const { freeze: made, acknowledgement } = deskDown
    ? await byCommand(world)
    : await freezes.freeze(order, { person: 'commander' });
  const at = Date.now();
  if (!acknowledgement) throw new Error('Redis could not be reached');
  const open = await openDoors(world, desk);
  const pages = await pagesOf(ground);
  say(acknowledgement, open.size);

  // Whatever happens now: new orders, a publisher that is killed, a Redis that is emptied, one that wakes.
  await desk.order({ does: 'publish', release: late, half: false });
  await pause(3_000);
  world.kill('publish-1');
  await pause(4_000);
  await world.flush();
  await pause(Math.max(0, at + watched * 1_000 - Date.now()));

  const wasOpen = (release: string, account: ChaosAccount | undefined): boolean =>
    account !== undefined && open.has(placementId(release, account.id));
  const ids = new Map(desk.releases().map(({ id, name }) => [name, id]));
  const isLate = (entry: Taken): boolean => Date.parse(entry.at) > at;
  const taken = platforms.taken.filter(isLate).filter((entry) => {
    const account = accounts.find(({ channel, name }) => channel === entry.channel && name === entry.account);
    return !named(entry.subject).some((name) => wasOpen(ids.get(name) ?? '', account));
  });
  const seen = await pagesOf(ground);
  const shown = [...seen].filter((text) => !pages.has(text) && !open.has(text));
  const out = [...(await outIn(world, desk))].filter(([id, when]) => when.getTime() > at && !open.has(id));
  for (const entry of taken) console.error(`  ✗ ${entry.at} ${entry.channel} ${entry.account} ${entry.subject}`);
  for (const text of shown) console.error(`  ✗ page ${text}`);
  console.error(`  冻结后 after: ${taken.length} taken, ${shown.length} shown, ${out.length} told`);
  return {
    freeze: made._id,
    acknowledgement,
    commandMs: at - pressed,
    open,
    afterAcknowledged: Math.max(taken.length, shown.length, out.length),
  };
}

/** As on the machine: neither the server nor anything of this process has a part in it. Exit code 1 tells of what had not ended. */
async function byCommand({ folder }: World): Promise<Frozen> {
  const flags = ['freeze', '--all', '--emergency-too', '--reason', '演练', '--json'];
  const env = {
    ...apart(process.env),
    LIANFA_DATA: folder,
    LIANFA_USER: 'commander',
    LIANFA_PASSWORD: 'commander of chaos',
    LIANFA_LOG: 'silent',
  };
  const program = join(import.meta.dirname, '..', 'cli', 'main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...flags], { env }).catch(
    (error: unknown) => error as { stdout: string },
  );
  return JSON.parse(stdout) as Frozen;
}

function say({ processes, milliseconds, inFlight, remaining }: Acknowledgement, open: number): void {
  const list = processes.map(({ name, state, inFlight: n }) => `${name} ${state} (${n})`).join(', ');
  console.error(`  ${milliseconds} ms, in flight ${inFlight}, remaining ${remaining}, still open ${open}: ${list}`);
}

function named(text: string): string[] {
  return [...releases, late, early].filter((name) => textsIn(text, 0, name).length > 0);
}

/** Placements whose text is out by the ledger, with the moment. */
async function outIn({ hub: { store } }: World, desk: Desk): Promise<Map<string, Date>> {
  const found = new Map<string, Date>();
  for (const { id } of desk.releases()) {
    const rows: Placement[] = await store.placements.find({ release: id }).lean();
    for (const row of rows) {
      const event = row.recent.find(({ is }) => is === 'accepted' || is === 'owed');
      if (event) found.set(row._id, event.at);
    }
  }
  return found;
}

/** Placements for which the door was opened and no outcome is known. */
async function openDoors({ hub }: World, desk: Desk): Promise<Set<string>> {
  const open = new Set<string>();
  for (const { id } of desk.releases()) {
    const claims = await hub.redis.hgetall(redisKey(hub.settings, 'claims', id));
    for (const [account, claim] of Object.entries(claims))
      if ((claim.split('|')[4] ?? '') !== '') open.add(placementId(id, account));
  }
  return open;
}

/** What the public reads where the hub itself draws the pages: placements. */
async function pagesOf({ accounts, desk }: Ground): Promise<Set<string>> {
  const seen = new Set<string>();
  const drawn = accounts.filter(
    ({ channel, inPlace, name }) => inPlace && (channel === 'app' || name.startsWith('site-')),
  );
  for (let from = 0; from < drawn.length; from += together)
    await Promise.all(
      drawn.slice(from, from + together).map(async (account) => {
        const page = await account.read(desk.releases()[0]?.id ?? '');
        const names = named(page);
        for (const { id, name } of desk.releases()) if (names.includes(name)) seen.add(placementId(id, account.id));
      }),
    );
  return seen;
}

/** Texts that one account took twice, when all has come to rest after the thaw. */
async function thawAndRest(world: World, platforms: Platforms, { freezes, desk }: Ground, id: string): Promise<number> {
  await platforms.calm();
  await freezes.askThaw(id, '演练结束', { person: 'commander' });
  await freezes.confirmThaw(id, { person: 'second' });
  for (const end = Date.now() + longest * 1_000; ; await pause(1_000)) {
    const rows = await rowsOf(world, desk);
    const left = rows.filter(({ state }) => !isFinal(state) && state !== 'needs_action');
    process.stderr.write(`\r  解冻后未结束 still under way after the thaw: ${left.length}/${rows.length}   `);
    if (left.length === 0 || Date.now() > end) {
      process.stderr.write('\n');
      if (left.length > 0)
        throw new Error(`${left.length} never came to rest, the first: ${partsOf(left[0]?._id ?? '').join(' ')}`);
      break;
    }
  }
  const keys = platforms.taken.map(({ channel, account, subject }) => `${channel} ${account} ${named(subject).join()}`);
  const doubles = keys.length - new Set(keys).size;
  if (doubles > 0) console.error(`  ✗ ${doubles} 条重复 taken twice`);
  return doubles;
}

async function rowsOf({ hub: { store } }: World, desk: Desk): Promise<Placement[]> {
  const rows: Placement[] = [];
  for (const { id } of desk.releases())
    rows.push(...((await store.placements.find({ release: id }).lean()) as Placement[]));
  return rows;
}
