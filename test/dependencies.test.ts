/** docs/dependencies.md says of every package why it is here; package.json must not know better. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(__dirname, '..');
const names = z.record(z.string(), z.string()).transform(Object.keys);
const { dependencies, devDependencies } = z
  .object({ dependencies: names, devDependencies: names })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

const [, production = '', development = ''] = readFileSync(join(root, 'docs/dependencies.md'), 'utf8').split(/^## /m);

/** Rows like "| `name` | why |", in the order of the file. */
function rowsOf(section: string): { name: string; why: string }[] {
  return [...section.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, name = '', why = '']) => ({ name, why }));
}

describe.each([
  { kind: 'production', section: production, packages: dependencies },
  { kind: 'building and testing', section: development, packages: devDependencies },
])('the dependencies for $kind', ({ section, packages }) => {
  it('are listed, each once and none more', () => {
    expect(
      rowsOf(section)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...packages].sort());
  });

  it('each say what they are for', () => {
    expect(rowsOf(section).filter(({ why }) => why.trim().length < 10)).toEqual([]);
  });
});
