/**
 * `npm run chaos -- versions [--from COMMIT] [--deliveries 600] [--seed S]`: a hub of an earlier version is replaced by this
 * one process by process in the middle of that many deliveries, and afterwards by the earlier one again; counted where the
 * public is. Without a commit: the first one of this format, for that is what the number promises (core/format.ts).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { connect, makeUnit, perKind, type ChaosAccount } from './accounts.js';
import { openDesk } from './desk.js';
import { openDice, type Dice } from './dice.js';
import { judge, rested } from './failover.js';
import { openPlatforms, type Platforms } from './platforms.js';
import { openWorld, type World } from './world.js';

const options = z.object({
  from: z.string().optional(),
  deliveries: z.coerce.number().int().min(60).max(20_000).default(600),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).optional(),
});

const root = join(import.meta.dirname, '..', '..');
const present = join(root, 'dist', 'cli', 'main.js');
const parts = ['publish-1', 'publish-2', 'record,dispatch', 'clock,media', 'server'];
/** Three releases, and corrections of two: so many deliveries an account. */
const each = 5;
/** ms between two replacements, with both versions at work. */
const beside = 1_500;

export async function versions(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: { from: { type: 'string' }, deliveries: { type: 'string' }, seed: { type: 'string' } },
  });
  const { deliveries, seed = Math.floor(Math.random() * 1_000_000), ...given } = options.parse(values);
  const from = given.from ?? git('log', '--reverse', '--format=%h', '--', 'core/format.ts').split('\n')[0] ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-version-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  console.error(`种子 seed ${seed} · 旧版 earlier version ${from}: ${git('log', '-1', '--format=%s', from).trim()}`);
  const earlier = built(from, folder);
  const platforms = await openPlatforms();
  const world = await openWorld(platforms.urls, {
    parts: parts.map((name) => ({ name, roles: name.replace(/-\d$/, '') })),
    program: earlier,
  });
  try {
    await makeUnit(world.hub);
    return await played({ world, platforms, earlier, seed }, from, Math.ceil(deliveries / each / (5 * perKind)));
  } finally {
    await world.close();
    await platforms.close();
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' });
}

/** That commit, compiled in a folder of its own with the packages that are here. Answers its program. */
function built(commit: string, folder: string): string {
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const steps = join(folder, 'setup', 'steps.mjs');
  execFileSync(process.execPath, ['-e', `import(${JSON.stringify(steps)}).then((steps) => steps.buildProgram())`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(folder, 'dist', 'cli', 'main.js');
}

interface Ground {
  world: World;
  platforms: Platforms;
  earlier: string;
  seed: number;
}

/** In whichever order: an operator may begin anywhere. */
function drawn(dice: Dice): string[] {
  const places = parts.map((part) => ({ part, at: dice.below(1) }));
  return places.sort((one, other) => one.at - other.at).map(({ part }) => part);
}

async function played({ world, platforms, earlier, seed }: Ground, from: string, rounds: number): Promise<boolean> {
  const dice = openDice(seed);
  const accounts: ChaosAccount[] = [];
  for (let round = 0; round < rounds; round += 1)
    accounts.push(...(await connect(world.hub, platforms, round, 'all', {})));
  await platforms.enough();
  for (const channel of ['weibo', 'wechat', 'website', 'app'])
    await platforms.control(channel, 'latency', { ms: 300, spread: 200 });
  const desk = openDesk(world.hub, 0, 'all', accounts);
  const publish = (release: string): Promise<void> => desk.order({ does: 'publish', release, half: false });
  const taken = async (share: number): Promise<void> => {
    while (platforms.taken.length < accounts.length * share) await pause(20);
  };
  let replaced = 0;
  async function replace(order: readonly string[], program: string, halfway: () => Promise<void>): Promise<void> {
    for (const [place, part] of order.entries()) {
      await world.become(part, program);
      replaced += 1;
      if (place === 1) await halfway();
      await pause(dice.between(200, beside));
    }
  }

  await publish('甲');
  await publish('乙');
  await taken(0.2);
  await replace(drawn(dice), present, () => desk.order({ does: 'correction', release: '甲' }));
  await publish('丙');
  await taken(2.6);
  await replace(drawn(dice), earlier, () => desk.order({ does: 'correction', release: '乙' }));
  const rows = await rested(world, desk, accounts);
  const { counts, people, traces } = await judge({ platforms, accounts, number: 0, desk, rows, since: 0 });
  for (const trace of traces.slice(0, 5)) console.error(trace.slice(0, 600));
  console.error(`  替换 replaced ${replaced} · 投递 deliveries ${accounts.length * each}`);
  console.log(JSON.stringify({ from, replaced, ...counts, people }));
  return Object.values(counts).every((count) => count === 0);
}
