/**
 * `npm run chaos -- forge`: somebody with hands on the database and on Redis, but without the hub's secret, writes orders,
 * deliveries, jobs, texts, keys and persons into both. Real processes work on what they find; what leaves is counted at the platforms.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { openOrders } from '../core/placements/orders.js';
import { openOwnWord } from '../core/placements/own-word.js';
import { isTodo } from '../core/model/states.js';
import { connect, makeUnit, type ChaosAccount } from './accounts.js';
import { forgeries, type Ground } from './forgeries.js';
import { writeSigned } from './forged-rows.js';
import { openPlatforms, type Platforms } from './platforms.js';
import { openWorld, type World } from './world.js';

/** Milliseconds: everything must have come to rest for this long, and at the latest by then. */
const rest = { quiet: 5_000, longest: 180_000 };

/** Answers whether nothing left. */
export async function forge(): Promise<boolean> {
  const platforms = await openPlatforms();
  const world = await openWorld(platforms.urls);
  try {
    await makeUnit(world.hub);
    await platforms.control('weibo', 'budgets', { callsPerDay: 100_000, postsPerHour: 1_000 });
    const accounts = await connect(world.hub, platforms, 0, 'forge');
    const genuine = await publish(world, '真实的通知', 'forge-half');
    await atRest(world);
    const before = platforms.taken.length;
    console.error(`真实发布 genuine: ${before} 次请求 requests`);

    const ground: Ground = { hub: world.hub, accounts, genuine, inside: accounts.filter(({ half }) => half) };
    let forged = 0;
    for (const { words, write } of forgeries) {
      const count = await write(ground);
      forged += count;
      console.error(`  ${words}: ${count}`);
    }
    await atRest(world);
    const left = platforms.taken.slice(before);
    for (const entry of left) console.error(`  ✗ ${JSON.stringify(entry)}`);
    const wrong = await standing(accounts, ground, genuine);
    for (const words of wrong) console.error(`  ✗ ${words}`);
    await alive(world, platforms);
    console.log(JSON.stringify({ forged, requests: left.length + wrong.length }));
    return left.length + wrong.length === 0;
  } finally {
    await world.close();
    await platforms.close();
  }
}

async function publish({ hub }: World, title: string, tag: string): Promise<string> {
  const { release, revision } = await writeSigned(hub, title);
  await openOwnWord(hub.store, openOrders(hub)).publish({
    release,
    revision,
    audience: { tags: [tag] },
    by: 'chaos',
    again: true,
  });
  return release;
}

/** What the public reads is what was genuinely sent: nothing forged, and nothing taken back. The sites that the hub builds are no platform, so their pages count here. */
async function standing(accounts: readonly ChaosAccount[], { hub }: Ground, genuine: string): Promise<string[]> {
  const wrong: string[] = [];
  const releases = (await hub.store.releases.find({}, { title: 1 }).lean()).map(({ _id }) => _id);
  for (const account of accounts) {
    for (const release of releases) {
      const page = await account.read(release);
      if (page.includes('伪造')) wrong.push(`${account.name} 公开了伪造的内容 shows what was forged`);
    }
    if (account.half && !(await account.read(genuine)).includes('真实的通知'))
      wrong.push(`${account.name} 上真实的内容不见了 lost what was genuine`);
  }
  return [...new Set(wrong)];
}

/** All this time the hub was at work: what is signed still goes out. @throws Error where it does not */
async function alive(world: World, platforms: Platforms): Promise<void> {
  const before = platforms.taken.length;
  await publish(world, '伪造之后的真实通知', 'forge-half');
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(200)) if (platforms.taken.length > before) return;
  throw new Error('what was signed did not go out either: this has proved nothing');
}

/** Until nothing is queued, under way or being dispatched. */
async function atRest({ hub }: World): Promise<void> {
  let since = Date.now();
  let left = '';
  for (const end = Date.now() + rest.longest; Date.now() < end; await pause(250)) {
    const jobs = [...(await hub.queues.depths())].reduce(
      (sum, [name, count]) => sum + (name === 'check' ? 0 : count),
      0,
    );
    const orders = await hub.store.orders.countDocuments({ state: 'running' });
    const rows = await hub.store.placements.find({}, { state: 1 }).lean();
    const busy = rows.filter(({ state }) => isTodo(state)).length;
    left = `jobs ${jobs}, orders ${orders}, deliveries ${busy}`;
    if (jobs + orders + busy > 0) since = Date.now();
    else if (Date.now() - since > rest.quiet) return;
  }
  throw new Error(`it did not come to rest: ${left}`);
}
