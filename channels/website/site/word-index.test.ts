/** The index behind a site's search, where a hub has more sites than are kept open. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesInFolder } from '../../files.js';
import { recordsInProcess } from '../../records-in-process.js';
import { siteHome } from './files.js';
import { openWordIndex } from './word-index.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lianfa-words-'))));
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('answers whoever is under way with it although fifty other sites were searched meanwhile', () => {
  const at = { files: filesInFolder(folder), folder, records: recordsInProcess() };
  const indexOf = (n: number) => openWordIndex(siteHome(at, `site-${n}`));
  const first = indexOf(0);
  const { position } = first;
  for (let n = 1; n <= 50; n += 1) expect(indexOf(n).position).toBe(position);
  expect(first.search('甲', 10)).toEqual({ total: 0, ids: [] });
  expect(indexOf(0)).toBe(first);
});
