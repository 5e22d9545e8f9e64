/** `npm run chaos -- NAME`: what must hold whatever goes wrong. The last line is one JSON object; the exit code is 1 where something did not hold. */
import { badcases } from './badcases.js';
import { election } from './election.js';
import { endings } from './endings.js';
import { feed } from './feed.js';
import { failover } from './failover.js';
import { forge } from './forge.js';
import { freeze } from './freeze.js';
import { letters } from './letters.js';
import { mongodb } from './mongodb.js';
import { order } from './order.js';
import { partition } from './partition.js';
import { race } from './race.js';
import { rolling } from './rolling.js';
import { versions } from './versions.js';
import { wire } from './wire.js';

const proofs: Record<string, (args: string[]) => Promise<boolean>> = {
  ...{ order, freeze, forge, race, mongodb, wire, election, badcases, failover, endings, rolling, letters, feed },
  ...{ partition, versions },
};

const [name = '', ...args] = process.argv.slice(2);
const proof = proofs[name];
if (!proof) {
  console.error(`npm run chaos -- ${Object.keys(proofs).join(' | ')}`);
  process.exit(2);
}
// What it has started ends with it: see world.ts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
process.exit((await proof(args)) ? 0 : 1);
