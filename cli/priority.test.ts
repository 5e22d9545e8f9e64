import { desk } from './supervisor.js';
import { lanes } from '../core/model/placement.js';
import { priorityOf } from './priority.js';

/** As `start --role … [--lane …]` reads a line of the desk. */
function ofDesk(line: string): number {
  const [roles = '', , lane] = line.split(' ');
  return priorityOf(roles.split(','), lane === undefined ? lanes : lanes.filter((one) => one === lane));
}

it('lets routine senders come last and their ledger after what an emergency, the screen and the clock need', () => {
  expect(Object.fromEntries(desk.map((line) => [line, ofDesk(line)]))).toEqual({
    server: 0,
    'publish --lane emergency': 0,
    'record,dispatch --lane emergency': 0,
    'clock,media': 0,
    'record,dispatch --lane routine': 5,
    'publish --lane routine': 10,
  });
  // Where one process serves both lanes its ledger may not wait.
  expect([priorityOf(['publish'], lanes), priorityOf(['record', 'dispatch'], lanes)]).toEqual([10, 0]);
});
