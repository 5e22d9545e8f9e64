/** What a person may, and where: worked out of the grants each time it is asked, and kept nowhere. */
import type { Grant } from '../model/person.js';
import { isWithin } from '../model/organization.js';
import { roleHas, type Permission, type Role } from '../model/roles.js';

/** A role that holds now, over a place: a unit's path, empty for the hub as a whole. */
export interface Held {
  role: Role;
  path: string;
}

export interface Rights {
  held: readonly Held[];
  may(permission: Permission, path: string): boolean;
  /** By which role, for the book of acts. */
  roleFor(permission: Permission, path: string): Role | undefined;
  /** Paths under which the permission holds, none inside another; empty: nowhere. */
  places(permission: Permission): string[];
}

/** What a key has of its owner's rights. */
export interface Bound {
  allowed(permission: Permission): boolean;
  /** The path of the place within which it holds. */
  path: string;
}

export function rightsOf(all: readonly Held[], { allowed, path: place }: Bound = unbound): Rights {
  // Of a role above the place what lies in the place is left; of one beside it nothing.
  const held = all.flatMap(({ role, path }) =>
    isWithin(path, place) ? [{ role, path }] : isWithin(place, path) ? [{ role, path: place }] : [],
  );
  const having = (permission: Permission): Held[] =>
    allowed(permission) ? held.filter(({ role }) => roleHas(role, permission)) : [];
  const roleFor = (permission: Permission, path: string): Role | undefined =>
    having(permission).find((one) => isWithin(path, one.path))?.role;
  return {
    held,
    roleFor,
    may: (permission, path) => roleFor(permission, path) !== undefined,
    places(permission) {
      const paths = [...new Set(having(permission).map(({ path }) => path))];
      return paths.filter((path) => !paths.some((other) => other !== path && isWithin(path, other)));
    },
  };
}

const unbound: Bound = { allowed: () => true, path: '' };

/** Of the grants of one person, those that hold at the instant. `originals`: the grants in whose place deputies stand. */
export function holding(grants: readonly Grant[], originals: readonly Grant[], at: Date): Held[] {
  const holds = ({ from, until, asked }: Grant): boolean => !asked && (!from || from <= at) && (!until || at < until);
  const standing = new Set(originals.filter(holds).map(({ _id }) => _id));
  return grants
    .filter((grant) => holds(grant) && (grant.deputyOf === undefined || standing.has(grant.deputyOf)))
    .map(({ role, path }) => ({ role, path }));
}
