/**
 * Draws a whole site again from what the store keeps: when its look or its settings have changed, and when its folder
 * was lost. Each page changes as a whole, and what a crash leaves in the old look, the next call draws.
 */
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { settle } from './build.js';
import { openCatalog } from './catalog.js';
import { isDue, readClock } from './in-force.js';
import { pageMark } from './look.js';
import { drawAll, hold, type Place } from './pages.js';

/** It lies among the pages, so that it is lost with them. */
const markFile = '.drawn';

/** Where the site has not been drawn whole yet, or its files were lost, all of it is: no page leans on what is not there. */
export async function ensureDrawn(place: Place): Promise<void> {
  if (!(await place.home.public.has(markFile))) await renew(place);
}

/** Draws every page if need be. Returns how many articles there were; 0 where nothing had to be done. */
export async function renew(place: Place): Promise<number> {
  const { home, site, memory } = place;
  const mark = createHash('sha256').update(pageMark).update(JSON.stringify(site)).digest('hex');
  const known = async () => (await home.public.read(markFile))?.toString();
  const before = await known();
  if (before !== undefined) await settle(place);
  if (before === mark) return 0;
  return memory.lock(`redraw:${home.slug}`, hold, async () => {
    if ((await known()) === mark) return 0;
    const count = await drawAll(place, await openCatalog(home));
    // Into a place that is empty the articles come before the lists that name them.
    if (before === undefined) await settle(place, true);
    await home.public.write(markFile, mark);
    return count;
  });
}

/** Milliseconds for which a reader waits for pages that the clock has overtaken; then the old ones are shown, which say themselves until when they hold. */
const patience = 1_000;
/** Milliseconds after which a site that could not be drawn is tried again. */
const pause = 5_000;
const drawing = new LRUCache<string, Promise<void>>({ max: 1_000, ttl: pause });

/** Before a reader is answered: has a warning ended since the pages were drawn? Then they are drawn again. Never fails. */
export async function keepTime(place: Place): Promise<void> {
  if (!isDue(await readClock(place.home), place.now())) return;
  const key = place.home.own;
  let turn = drawing.get(key);
  if (!turn) drawing.set(key, (turn = drawOverdue(place, key)));
  const waited = new AbortController();
  await Promise.race([turn, setTimeout(patience, undefined, { signal: waited.signal }).catch(() => undefined)]);
  waited.abort();
}

async function drawOverdue(place: Place, key: string): Promise<void> {
  try {
    await settle(place);
    drawing.delete(key);
  } catch (error) {
    process.emitWarning(
      `the site "${place.home.slug}" could not be drawn by the clock: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
