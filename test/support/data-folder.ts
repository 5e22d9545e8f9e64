/** A data folder of its own for a hub that a test opens; the tables of its store are in it: making them takes longer than most tests. */
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function dataFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `lianfa-${name}-`));
  const made = process.env['TEST_STORE'];
  if (made !== undefined && !process.env['MONGODB_URI']) copyFileSync(made, join(folder, 'lianfa.sqlite'));
  return folder;
}
