/**
 * Draws a whole site again when its look or its settings have changed. Each page changes as a whole, and what a crash
 * leaves in the old look, the next call draws.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { settle } from './build.js';
import { openCatalog } from './catalog.js';
import { readIfThere, writeWhole } from './files.js';
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
