/**
 * Walks every interleaving of two publishers, a dispatcher for each order, record, the clock and a platform, with the
 * mishaps of each scenario, through the decisions of core/placements/protocol.ts; then takes each rule away.
 */
import { notCancelled, walk, type Walked } from './explore.js';
import type { Rule } from './rules.js';
import { scenarios, type ScenarioName } from './scenarios.js';
import { faults } from './world.js';

/** Seconds rather than minutes where the machine is idle. */
jest.setTimeout(180_000);

/** The fault and the way to it, for whoever must understand it. */
function storyOf({ fault, trace = [] }: Walked): string {
  return fault === undefined ? 'holds' : [...trace, fault].join('\n');
}

/** A walk that ends at once proves nothing. */
const fewest = 5_000;

describe('the protocol of a placement, walked whole', () => {
  it.each(Object.keys(scenarios) as ScenarioName[])(
    'posts no text twice, lands nothing old after new, tells no lie and comes to an end: %s',
    (name) => {
      const walked = walk(scenarios[name]);
      expect(storyOf(walked)).toBe('holds');
      expect(walked.states).toBeGreaterThan(fewest);
    },
  );

  const lie = 'verified, but the public sees r2 and r2 where r2 is wanted';
  const breaks: Record<Exclude<Rule, 'ownStaysOpen'>, [ScenarioName, string]> = {
    claimByPlacement: ['correction', faults.besideHolder],
    doorToken: ['correction', faults.twice],
    doorFence: ['correction', faults.oldLeft],
    doorCalledOff: ['calledOff', faults.oldLeft],
    doorRun: ['redisTail', faults.oldLeft],
    fenceGrows: ['threeOrders', faults.newestRefused],
    rowAfterClaim: ['redisLost', faults.oldLeft],
    firstSameRun: ['redisLost', faults.oldLeft],
    firstSettled: ['redisLost', faults.oldLanded],
    findFirst: ['correction', faults.twice],
    findEarlier: ['redisLost', faults.besideAnother],
    settle: ['correction', faults.twice],
    rowFresh: ['correction', faults.twice],
    lateKept: ['redisLost', faults.besideAnother],
    ownOutcome: ['withdraw', faults.changedVerified],
    rowKnowsRun: ['blindRedisLost', faults.twice],
    doubtTold: ['blindRedisLost', faults.besideAnother],
    reread: ['late', lie],
    lookWithOutcome: ['redisLost', faults.besideAnother],
    takingBackAsked: ['takenBackAndAgain', faults.changedVerified],
    partKept: ['owed', faults.twice],
    seenBeforeAway: ['reviewed', faults.nothingLeft],
    doorFreezes: ['frozen', faults.afterFreeze],
    doorBeside: ['frozenUnwritten', faults.afterFreeze],
    besideBeforeLedger: ['frozenUnwritten', faults.afterFreeze],
    markGrows: ['frozen', faults.afterFreeze],
    markOfRun: ['frozenRedisTail', faults.afterFreeze],
    runBeforeFreezes: ['frozenRedisLost', faults.afterFreeze],
    doorExpires: ['ends', faults.afterEnd],
    takingBackPasses: ['endsCorrected', 'a person is asked although the platform can tell'],
    lateIsWrong: ['wantedAgain', faults.notThere],
    newerKept: ['takenBackAndAgain', faults.twice],
    updateWaits: ['updated', faults.besideAnother],
    takenOutStays: ['takenOut', faults.takenAway],
    doneWhereNobodyIs: ['takenOut', faults.changedVerified],
    takenOutMayStand: ['takenOutCancelled', notCancelled],
  };

  it.each(Object.entries(breaks).map(([rule, [scenario, fault]]) => ({ rule: rule as Rule, scenario, fault })))(
    'breaks without $rule: $fault ($scenario)',
    ({ rule, scenario, fault }) => {
      expect(walk(scenarios[scenario], rule).fault).toBe(fault);
    },
  );

  it('waits in the blind, too, until nothing can be under way', () => {
    expect(walk(scenarios.blind, 'settle').fault).toBe(faults.oldLanded);
  });

  it('would hold without ownStaysOpen, for a look is told with the outcome of the try that looked', () => {
    expect(storyOf(walk(scenarios.dispatcherDies, 'ownStaysOpen'))).toBe('holds');
  });
});
