import { deadlines, finalStates, isFinal, mayMove, moves, states, type DeliveryState } from './states.js';

/** The table once more, written by hand from the design: rows are where a delivery stands, letters where it may go. */
const allowed: Record<DeliveryState, string> = {
  queued: 'queued sending accepted published waiting needs_action failed cancelled withdrawn',
  sending: 'sending accepted published verified waiting needs_action failed withdrawn',
  accepted: 'accepted published verified needs_action failed withdrawn',
  published: 'published verified needs_action withdrawn',
  verified: 'needs_action withdrawn',
  waiting: 'waiting queued sending accepted published needs_action failed cancelled withdrawn',
  needs_action: 'needs_action queued accepted published verified failed cancelled withdrawn',
  failed: 'queued withdrawn',
  cancelled: '',
  withdrawn: '',
};

const pairs = states.flatMap((from) => states.map((to) => [from, to, allowed[from].split(' ').includes(to)] as const));

describe('the state table', () => {
  it.each(pairs.filter(([, , may]) => may))('lets %s become %s', (from, to) => {
    expect(mayMove(from, to)).toBe(true);
  });

  it.each(pairs.filter(([, , may]) => !may))('does not let %s become %s', (from, to) => {
    expect(mayMove(from, to)).toBe(false);
  });

  it('walks all hundred pairs', () => {
    expect(pairs).toHaveLength(100);
    expect(Object.keys(moves).sort()).toEqual([...states].sort());
  });

  it('gives every state that is not final a deadline, and no final one', () => {
    for (const state of states) expect(deadlines[state] === undefined).toBe(isFinal(state));
    expect(finalStates).toEqual(['verified', 'failed', 'cancelled', 'withdrawn']);
  });
});
