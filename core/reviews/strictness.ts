/** Whether one chain asks at least what another does: pure functions of their steps. */
import type { ChainStep } from '../model/chain.js';

/** Holds all steps of the one above, in their order, each as strict or stricter; further steps may stand between. */
export function covers(below: readonly ChainStep[], above: readonly ChainStep[]): boolean {
  return missingOf(below, above) === undefined;
}

/** The first step of the one above that the one below does not hold in its order. */
export function missingOf(below: readonly ChainStep[], above: readonly ChainStep[]): ChainStep | undefined {
  let at = 0;
  return above.find((wanted) => {
    const found = below.slice(at).findIndex((step) => asStrict(step, wanted));
    if (found < 0) return true;
    at += found + 1;
    return false;
  });
}

/** The same role; and where persons are named, no others. */
function asStrict(step: ChainStep, wanted: ChainStep): boolean {
  if (step.role !== wanted.role) return false;
  return wanted.persons === undefined || (step.persons?.every((person) => wanted.persons?.includes(person)) ?? false);
}
