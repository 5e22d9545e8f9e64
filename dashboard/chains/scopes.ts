/** For which texts chains count, in words: those that pass the same steps stand in one line. */
import type { ChainBody, ChainStep, Kind, Occasion, UnitChains } from '../api';
import { kinds } from '../states';

export const occasions = ['publish', 'correct', 'withdraw'] as const satisfies readonly Occasion[];
export type StepRole = ChainStep['role'];
export const stepRoles = ['reviewer', 'signer', 'commander'] as const satisfies readonly StepRole[];

export type InForce = UnitChains['inForce'][number];

/** A chain of a unit as it is changed, or a new one: `chain` absent. */
export interface Editing {
  unit: string;
  chain?: ChainBody;
}

export interface Line {
  chain: InForce;
  /** Of each occasion the kinds; occasions with the same kinds together. */
  scopes: { occasions: Occasion[]; kinds: Kind[] }[];
}

/** In the order in which they are first met: a first publication before a correction before a withdrawal. */
export function linesOf(inForce: readonly InForce[]): Line[] {
  const groups = new Map<string, InForce[]>();
  for (const occasion of occasions)
    for (const one of inForce.filter((row) => row.occasion === occasion)) {
      const same = JSON.stringify([one.from, one.unitName, one.version, one.steps]);
      groups.set(same, [...(groups.get(same) ?? []), one]);
    }
  return [...groups.values()].flatMap((rows) => {
    const [chain] = rows;
    return chain ? [{ chain, scopes: scopesOf(rows) }] : [];
  });
}

function scopesOf(rows: readonly InForce[]): Line['scopes'] {
  const scopes: Line['scopes'] = [];
  for (const occasion of occasions) {
    const of = kinds.filter((kind) => rows.some((row) => row.kind === kind && row.occasion === occasion));
    if (of.length === 0) continue;
    const same = scopes.find((scope) => scope.kinds.join() === of.join());
    if (same) same.occasions.push(occasion);
    else scopes.push({ occasions: [occasion], kinds: of });
  }
  return scopes;
}
