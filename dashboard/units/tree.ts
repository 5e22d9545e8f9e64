import type { OrganizationBody } from '../api';

/** A unit where it hangs in the tree. */
export interface Branch {
  unit: OrganizationBody;
  depth: number;
  /** It or one above it is closed. */
  closed: boolean;
}

/** Each unit right behind the one above it. Whose parent is not among them stands at the top. */
export function inTreeOrder(units: readonly OrganizationBody[]): Branch[] {
  const known = new Set(units.map(({ id }) => id));
  const below = new Map<string | undefined, OrganizationBody[]>();
  for (const unit of units) {
    const parent = unit.parent !== undefined && known.has(unit.parent) ? unit.parent : undefined;
    below.set(parent, [...(below.get(parent) ?? []), unit]);
  }
  const branches: Branch[] = [];
  const walk = (parent: string | undefined, depth: number, closed: boolean): void => {
    for (const unit of below.get(parent) ?? []) {
      const branch = { unit, depth, closed: closed || unit.closedAt !== undefined };
      branches.push(branch);
      walk(unit.id, depth + 1, branch.closed);
    }
  };
  walk(undefined, 0, false);
  return branches;
}
