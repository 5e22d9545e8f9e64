import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../core/hub/config.js';
import { supervise } from './supervisor.js';

/** A program whose roles say that they work and live, but for `clock,media`, which does as it is told the first two times. */
const program = (folder: string, first: string, second: string): string => `
const { appendFileSync, readFileSync } = require('node:fs');
const role = process.argv.at(-1);
appendFileSync('${folder}/starts', role + '\\n');
const starts = readFileSync('${folder}/starts', 'utf8').split('\\n').filter((line) => line === role).length;
const works = () => {
  process.send({ ready: role });
  setInterval(() => process.send({ alive: true }), 20);
};
const hangs = () => { for (;;); };
if (role !== 'clock,media' || starts > 2) works();
else if (starts === 1) { ${first} } else { ${second} }
process.on('disconnect', () => process.exit(0));
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lianfa-supervisor-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const starts = (): number =>
  readFileSync(join(folder, 'starts'), 'utf8')
    .split('\n')
    .filter((line) => line === 'clock,media').length;

it.each([
  ['falls silent, and then once does not start', 'works(); setTimeout(hangs, 100);', 'hangs();'],
  [
    'ends with an error, and then falls silent',
    'works(); setTimeout(() => process.exit(1), 100);',
    'works(); setTimeout(hangs, 100);',
  ],
])('kills and starts again a role that %s', async (_, first, second) => {
  const file = join(folder, 'program.cjs');
  writeFileSync(file, program(folder, first, second));
  const config = readConfig({ LIANFA_DATA: folder, REDIS_URL: 'redis://127.0.0.1:1' });
  const said: string[] = [];
  const desk = await supervise(config, file, (line) => said.push(line), {
    patience: { pulse: 50, starting: 60, silent: 20 },
  });
  while (starts() < 3) await pause(20);
  expect(said.filter((line) => line.startsWith('clock,media')).length).toBeGreaterThanOrEqual(3);
  expect(said.some((line) => line.includes('silent'))).toBe(true);
  await desk.stop();
});
