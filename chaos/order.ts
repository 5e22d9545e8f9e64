/** `npm run chaos -- order --runs 20 --seed 7`: orders beside everything that can go wrong, counted where the public is. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { makeUnit, perKind } from './accounts.js';
import { openPlatforms } from './platforms.js';
import { run } from './run.js';
import { sum, type Counts } from './verdict.js';
import { openWorld } from './world.js';

const options = z.object({
  runs: z.coerce.number().int().min(1).max(1_000).default(20),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).optional(),
});

/** Answers whether nothing went wrong. */
export async function order(args: string[]): Promise<boolean> {
  const { values } = parseArgs({ args, options: { runs: { type: 'string' }, seed: { type: 'string' } } });
  const { runs, seed = Math.floor(Math.random() * 1_000_000) } = options.parse(values);
  console.error(`种子 seed ${seed}`);
  const platforms = await openPlatforms();
  const world = await openWorld(platforms.urls);
  try {
    await makeUnit(world.hub);
    await platforms.control('weibo', 'budgets', { callsPerDay: 100_000, postsPerHour: 1_000 });
    const all: Counts[] = [];
    console.error('  run  seed        s  orders  faults  placements  told │ overtaken  doubles  lost  stuck');
    for (let number = 0; number < runs; number += 1) {
      const own = (seed + number) >>> 0;
      const result = await run(world, platforms, number, own, perKind);
      const { counts, seconds, orders, faults, placements, told, words, traces } = result;
      all.push(counts);
      const cells = [number + 1, own, seconds, orders, faults, placements, told];
      const widths = [5, 9, 5, 8, 8, 12, 6];
      const left = cells.map((cell, place) => String(cell).padStart(widths[place] ?? 0)).join('');
      const { overtaken, doubles, lost, stuck } = counts;
      const right = [overtaken, doubles, lost, stuck].map((count, place) =>
        String(count).padStart([10, 9, 6, 7][place] ?? 0),
      );
      console.error(`${left} │${right.join('')}`);
      for (const said of new Set(words)) console.error(`         · ${said}`);
      for (const trace of traces) console.error(trace);
    }
    const total = sum(all);
    console.log(JSON.stringify({ runs, ...total }));
    return Object.values(total).every((count) => count === 0);
  } finally {
    await world.close();
    await platforms.close();
  }
}
