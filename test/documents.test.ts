/** What the documents say about files, settings and roles is held to the program. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { lanes } from '../core/model/placement.js';
import { workerRoles } from '../workers/roles.js';

const root = join(__dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const foreign = new Set(['node_modules', 'dist', 'data', 'coverage', 'samples', 'fixtures']);

function documentsBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return foreign.has(entry.name) || entry.name.startsWith('.') ? [] : documentsBelow(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Every variable that `readConfig` knows, and the two that only a process or the command reads. */
const settings = [...read('core/hub/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)]
  .map(([, name]) => name)
  .concat('LIANFA_NAME', 'LIANFA_API_KEY')
  .sort();

describe('the documents', () => {
  it.each(documentsBelow('.'))('%s links to files that are there', (file) => {
    const links = [...read(file).matchAll(/(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g)]
      .map(([, to = '']) => to)
      .filter((to) => !/^[a-z]+:/.test(to));
    expect(links.filter((to) => !existsSync(join(root, dirname(file), to)))).toEqual([]);
  });

  it('README tells every setting, and none that is not there', () => {
    const told = [...read('README.md').matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm)].map(([, name]) => name);
    expect(told.sort()).toEqual(settings);
  });
});

describe('compose.yml', () => {
  const compose = z
    .object({
      services: z.record(
        z.string(),
        z.object({
          command: z.array(z.string()).optional(),
          environment: z.record(z.string(), z.string()).optional(),
          healthcheck: z.object({ test: z.array(z.string()) }).optional(),
          logging: z.object({ driver: z.literal('local') }).optional(),
          mem_limit: z.string().optional(),
        }),
      ),
    })
    .parse(parse(read('compose.yml'), { merge: true }));
  const ours = Object.values(compose.services).filter(({ command }) => command?.[0] === 'start');

  it('starts every role, those that have lanes on each of them', () => {
    const started = ours.flatMap(({ command }) => {
      const [, , roles = '', , lane] = command ?? [];
      return roles.split(',').map((role) => (lane === undefined ? role : `${role} ${lane}`));
    });
    const expected = ['server', ...workerRoles].flatMap((role) =>
      ['publish', 'record', 'dispatch'].includes(role) ? lanes.map((lane) => `${role} ${lane}`) : [role],
    );
    expect(started.sort()).toEqual(expected.sort());
  });

  it('checks the health of every service, and bounds its memory and its log', () => {
    for (const [name, { healthcheck, logging, mem_limit }] of Object.entries(compose.services))
      expect([name, healthcheck !== undefined, logging !== undefined, mem_limit !== undefined]).toEqual([
        name,
        true,
        true,
        true,
      ]);
  });

  it('sets only settings that the program reads', () => {
    expect(
      ours.flatMap(({ environment }) => Object.keys(environment ?? {})).filter((name) => !settings.includes(name)),
    ).toEqual([]);
  });

  it('gets its secrets from outside, each named in the example', () => {
    const needed = [...new Set([...read('compose.yml').matchAll(/\$\{([A-Z_]+):/g)].map(([, name]) => name))];
    const offered = [...read('compose.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(offered.sort()).toEqual(needed.sort());
  });
});
