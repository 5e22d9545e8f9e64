import {
  deadlines,
  finalStates,
  isFinal,
  isTodo,
  mayMove,
  moves,
  rereads,
  states,
  type PlacementState,
} from './states.js';

const work = 'queued sending waiting';
const ends = 'accepted published needs_action failed cancelled withdrawn';

/** The table once more, written by hand from the design: rows are where a placement stands, words where it may go. */
const allowed: Record<PlacementState, string> = {
  queued: `${work} ${ends} confirmed`,
  sending: `${work} ${ends} confirmed`,
  waiting: `${work} ${ends} confirmed`,
  accepted: `${work} ${ends} verified confirmed`,
  published: `${work} ${ends} verified confirmed`,
  verified: `${work} ${ends} verified`,
  confirmed: `${work} ${ends} verified confirmed`,
  needs_action: `${work} ${ends} verified confirmed`,
  failed: `${work} ${ends} confirmed`,
  cancelled: `${work} ${ends} confirmed`,
  withdrawn: `${work} ${ends} confirmed`,
};

const pairs = states.flatMap((from) => states.map((to) => [from, to, allowed[from].split(' ').includes(to)] as const));

describe('the state table', () => {
  it.each(pairs.filter(([, , may]) => may))('lets %s become %s', (from, to) => {
    expect(mayMove(from, to)).toBe(true);
  });

  it.each(pairs.filter(([, , may]) => !may))('does not let %s become %s', (from, to) => {
    expect(mayMove(from, to)).toBe(false);
  });

  it('walks every pair of the eleven states', () => {
    expect(pairs).toHaveLength(11 * 11);
    expect(Object.keys(moves).sort()).toEqual([...states].sort());
  });

  it('lets a new order begin anew from everywhere, and a late outcome end work in hand', () => {
    for (const state of states) {
      expect(mayMove(state, 'queued')).toBe(true);
      expect(mayMove(state, 'sending')).toBe(true);
      for (const end of ends.split(' ')) expect(mayMove(state, end as PlacementState)).toBe(true);
    }
  });

  it('does not let anything be verified that was never out', () => {
    expect(states.filter((state) => mayMove(state, 'verified'))).toEqual([
      'accepted',
      'published',
      'verified',
      'confirmed',
      'needs_action',
    ]);
  });

  it("does not let a person's word take the place of what the machine has read back", () => {
    expect(states.filter((state) => !mayMove(state, 'confirmed'))).toEqual(['verified']);
  });

  it('gives every state that is not final a deadline, and no final one', () => {
    for (const state of states) expect(deadlines[state] === undefined).toBe(isFinal(state));
    expect(finalStates).toEqual(['verified', 'confirmed', 'failed', 'cancelled', 'withdrawn']);
  });

  it('knows which states still have something for the machine to send', () => {
    expect(states.filter(isTodo)).toEqual(['queued', 'sending', 'waiting']);
  });

  it('reads again ever more seldom, for a week', () => {
    const gaps = rereads.map((seconds, place) => seconds - (rereads[place - 1] ?? 0));
    expect(gaps).toEqual([...gaps].sort((one, other) => one - other));
    expect(rereads.at(-1)).toBe(7 * 24 * 3600);
  });
});
