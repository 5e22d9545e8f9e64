/**
 * Draws a whole site again when its look or its settings have changed. Each page changes as a whole, and what a crash
 * leaves in the old look, the next call draws. Files are read and written without the event loop, a few pages at a time:
 * for thousands of small files waiting for each costs several times the work itself.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { articlePage } from './article-page.js';
import { articleFile, articleSchema } from './article.js';
import { lockArticle, settle, type Place } from './build.js';
import { openCatalog } from './catalog.js';
import { draftOf, isMissing, readIfThere, writeWhole } from './files.js';
import { pageMark } from './look.js';

/** Pages between which others have their turn: some milliseconds. */
const together = 8;

/** Draws every page if need be; the lists follow in `settle`. Returns how many articles there were. */
export async function renew(place: Place): Promise<number> {
  const { folder, site } = place;
  await settle(place);
  const mark = createHash('sha256').update(pageMark).update(JSON.stringify(site)).digest('hex');
  if ((await readIfThere(join(folder.state, 'drawn')))?.toString() === mark) return 0;
  const ids = [...(await openCatalog(folder)).entries.keys()];
  for (const [n, id] of ids.entries()) {
    // Without the article's lock, which costs more than the drawing; under it only where another process has changed the article meanwhile.
    if (!redraw(place, id)) await lockArticle(place, id, async () => { redraw(place, id); });
    if (n % together === 0) await setImmediate();
  }
  await writeWhole(join(folder.state, 'drawn'), mark, 0o600);
  return ids.length;
}

/** Whether the page is now that of the article's record. */
function redraw({ folder, site }: Place, id: string): boolean {
  const record = articleFile(folder, id);
  const page = join(folder.public, 'articles', id, 'index.html');
  const before = markOf(record);
  const bytes = textIfThere(record);
  const article = bytes === undefined ? undefined : articleSchema.parse(JSON.parse(bytes));
  if (article?.state === 'public') replace(page, articlePage(site, article));
  else rmSync(page, { force: true });
  return markOf(record) === before;
}

/** Only what differs, so that an unchanged page keeps its ETag. */
function replace(path: string, content: string): void {
  if (textIfThere(path) === content) return;
  const draft = draftOf(path);
  try {
    writeFileSync(draft, content);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    // Where its folder has gone, another process is withdrawing the article, and its mark says so.
    if (!isMissing(error)) throw error;
  }
}

function textIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Another after every writing. */
function markOf(path: string): string {
  const about = statSync(path, { bigint: true, throwIfNoEntry: false });
  return about ? `${about.ino}:${about.mtimeNs}` : '';
}
