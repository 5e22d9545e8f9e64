/** `npm run bench -- NAME`: speed as ratios inside one run. The last line is one JSON object. */
import { audit } from './audit.js';
import { broadcast } from './broadcast.js';
import { lane } from './lane.js';
import { pipeline } from './pipeline.js';
import { scale } from './scale.js';
import { screen } from './screen.js';
import { site } from './site.js';
import { slow } from './slow.js';
import { spread } from './spread.js';
import { stages } from './stages.js';

const benches: Record<string, (args: string[]) => Promise<void>> = {
  ...{ pipeline, scale, screen, lane, site, audit, broadcast, slow, spread, stages },
};

const [name = '', ...args] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  console.error(`npm run bench -- ${Object.keys(benches).join(' | ')}`);
  process.exit(2);
}
// What it has started ends with it: see ground.ts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
await bench(args);
process.exit(0);
