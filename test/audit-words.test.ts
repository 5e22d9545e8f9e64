/** An auditor reads words: every act that the hub writes into its book has them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { permissionNames } from '../core/model/roles.js';

/** What acts are about; by it their names are known among other texts. */
const about =
  /'((?:account|alert|audit|calendar|callout|chain|comment|drill|duty|event-template|evidence|freeze|identity|media|order|person|placement|region|release|review|saved-audience|session|unit)\.[a-z-]+)'/g;
const root = join(__dirname, '..');

function namesIn(file: string): string[] {
  return [...readFileSync(join(root, file), 'utf8').matchAll(about)].map(([, name = '']) => name);
}

it('has words for every act that is written anywhere, and for no other', () => {
  const files = ['core', 'server', 'workers', 'cli'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('fixtures'))
      .map((file) => join(folder, file)),
  );
  const permissions = permissionNames as readonly string[];
  const written = [...new Set(files.flatMap(namesIn))].filter((name) => !permissions.includes(name));
  expect(written.length).toBeGreaterThan(50);
  // What is both an act and a permission stands in the list alone.
  const said = namesIn('dashboard/audit/acts.ts').filter((name) => !permissions.includes(name));
  expect(said.sort()).toEqual(written.sort());
});
