/**
 * Draws a whole site again when its look or its settings have changed. Each page changes as a whole, and what a crash
 * leaves in the old look, the next call draws.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { settle } from './build.js';
import { openCatalog } from './catalog.js';
import { readIfThere, writeWhole } from './files.js';
import { isDue, readClock } from './in-force.js';
import { pageMark } from './look.js';
import { drawAgain, type Place } from './pages.js';

/** Pages between which others have their turn: some milliseconds. */
const together = 8;

/** Draws every page if need be; the lists follow in `settle`. Returns how many articles there were. */
export async function renew(place: Place): Promise<number> {
  const { folder, site } = place;
  await settle(place);
  const mark = createHash('sha256').update(pageMark).update(JSON.stringify(site)).digest('hex');
  if ((await readIfThere(join(folder.state, 'drawn')))?.toString() === mark) return 0;
  const catalog = await openCatalog(folder);
  const ids = [...catalog.entries.keys()];
  for (const [n, id] of ids.entries()) {
    await drawAgain(place, catalog, id);
    if (n % together === 0) await setImmediate();
  }
  await writeWhole(join(folder.state, 'drawn'), mark, 0o600);
  return ids.length;
}

/** Milliseconds for which a reader waits for pages that the clock has overtaken; then the old ones are shown, which say themselves until when they hold. */
const patience = 1_000;
/** Milliseconds after which a site that could not be drawn is tried again. */
const pause = 5_000;
const drawing = new LRUCache<string, Promise<void>>({ max: 1_000, ttl: pause });

/** Before a reader is answered: has a warning ended since the pages were drawn? Then they are drawn again. Never fails. */
export async function keepTime(place: Place): Promise<void> {
  if (!isDue(await readClock(place.folder), place.now())) return;
  const key = place.folder.state;
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
      `the site "${place.folder.slug}" could not be drawn by the clock: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
