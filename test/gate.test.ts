/** No file of ours gets past the checks that `npm test` makes before it comes here (setup/checks.mjs). */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(__dirname, '..');
const notOurs = new Set(['node_modules', 'dist', 'data', 'coverage']);
jest.setTimeout(120_000);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory())
      return notOurs.has(entry.name) || entry.name.startsWith('.') ? [] : filesBelow(join(folder, entry.name));
    return /\.(ts|vue|[cm]?js)$/.test(entry.name) ? [relative(root, join(folder, entry.name))] : [];
  });
}

const files = filesBelow(root);

/** What a tool of node_modules says to `input`, run as a person runs it. */
function said(tool: string, args: string[], input = ''): string {
  const done = spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], {
    cwd: root,
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.error) throw done.error;
  return done.stdout + done.stderr;
}

describe('the checks before the tests', () => {
  it.each([
    { project: 'tsconfig.json', ours: files.filter((file) => file.endsWith('.ts') && !file.startsWith('dashboard/')) },
    {
      project: 'dashboard/tsconfig.json',
      ours: files.filter((file) => file.endsWith('.ts') && file.startsWith('dashboard/')),
    },
  ])('read the types of every file in $project', ({ project, ours }) => {
    const read = new Set(
      said('typescript/bin/tsc', ['-p', project, '--listFilesOnly'])
        .split('\n')
        .map((file) => relative(root, file)),
    );
    expect(ours.length).toBeGreaterThan(10);
    expect(ours.filter((file) => !read.has(file))).toEqual([]);
  });

  it('find a promise left alone, an `any` and a promise taken for its result in a Vue file', () => {
    const page = readFileSync(join(root, 'dashboard/App.vue'), 'utf8').replace(
      '</script>',
      'const later = (): Promise<any> => Promise.resolve(1);\nlater();\nif (later()) later.name;\n</script>',
    );
    const found = said('eslint/bin/eslint.js', ['--stdin', '--stdin-filename', 'dashboard/App.vue'], page);
    for (const rule of ['no-floating-promises', 'no-explicit-any', 'no-misused-promises'])
      expect(found).toContain(`@typescript-eslint/${rule}`);
  });
});
