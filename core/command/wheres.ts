/** Where an account is, of one release: each is counted at exactly one of these places. */

/**
 * `out`: the public can read it (of a withdrawal: can still). `inFlight`: a request is under way, or nobody knows yet
 * whether it landed. `held`: a pause or a freeze holds it. `toGo`: it waits for its turn or for another try. `stuck`: it
 * failed or needs a person. `takenOut`: nothing left, and nothing will. `calledOff`: given up, or taken back.
 */
export const wheres = ['out', 'inFlight', 'held', 'toGo', 'stuck', 'takenOut', 'calledOff'] as const;
export type Where = (typeof wheres)[number];
