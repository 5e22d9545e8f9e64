/**
 * What an endpoint needs of whoever asks: a permission, over the unit of the object that is asked about. An object that
 * one may not even read is not there; one that may be read and not acted upon is refused with the permission named.
 */
import type { Request } from 'express';
import { LianfaError } from '../core/errors.js';
import type { Permission } from '../core/model/roles.js';
import { forbidden } from '../core/people/forbidden.js';
import type { Rights } from '../core/people/rights.js';
import type { Store } from '../core/store/store.js';

/** Kinds of objects that an address names by `:id` or `:hash`, and what reading one takes. */
export const objectKinds = {
  release: 'releases.read',
  placement: 'releases.read',
  account: 'accounts.read',
  medium: 'media.read',
  notice: 'notices.read',
  review: 'reviews.read',
  comment: 'releases.read',
  order: 'releases.read',
  alert: 'alerts.read',
  source: 'alerts.read',
  inlet: 'alerts.read',
  unit: 'units.read',
  audience: 'accounts.read',
  person: 'people.read',
  grant: 'people.read',
  duty: 'duty.read',
  scenario: 'drills.read',
  drill: 'drills.read',
  template: 'templates.read',
} as const satisfies Record<string, Permission>;
export type ObjectKind = keyof typeof objectKinds;

export type Needs =
  /** Anybody who is signed in, about themselves or what is no unit's. */
  | {
      permission: 'any';
      /** Also before somebody has a password of their own, or the second step that their roles ask for. */
      early?: true;
    }
  /** The endpoint narrows its answer, or each row that it takes, to the places of the permission; it must hold somewhere. */
  | { permission: Permission; over: 'places' }
  /** Something new, in the unit that the body names, else in the caller's own. */
  | { permission: Permission; over: 'new' }
  | { permission: Permission; over: ObjectKind };

/** Paths of the units whose object it is; undefined where there is none. To hold over one of them is enough. */
export async function unitsOf(store: Store, kind: ObjectKind, id: string): Promise<string[] | undefined> {
  switch (kind) {
    case 'release':
      return pathsOf(await store.releases.findById(id, { path: 1 }).lean());
    case 'account':
      return pathsOf(await store.accounts.findById(id, { path: 1 }).lean());
    case 'unit':
      return pathsOf(await store.organizations.findById(id, { path: 1 }).lean());
    case 'audience':
      return pathsOf(await store.savedAudiences.findById(id, { path: 1 }).lean());
    case 'notice':
      return pathsOf(await store.notices.findById(id, { path: 1 }).lean());
    case 'alert':
      return pathsOf(await store.alerts.findById(id, { path: 1 }).lean());
    case 'source':
      return pathsOf(await store.alertSources.findById(id, { path: 1 }).lean());
    case 'inlet':
      return pathsOf(await store.alertInlets.findById(id, { path: 1 }).lean());
    case 'review':
      return pathsOf(await store.reviews.findById(id, { path: 1 }).lean());
    case 'comment':
      return pathsOf(
        await store.releases.findById((await store.comments.findById(id).lean())?.release ?? '', { path: 1 }).lean(),
      );
    case 'order': {
      const order = await store.orders.findById(id, { place: 1 }).lean();
      return order ? [order.place] : undefined;
    }
    case 'person':
      return pathsOf(await store.people.findById(id, { path: 1 }).lean());
    case 'grant':
      return pathsOf(await store.grants.findById(id, { path: 1 }).lean());
    case 'template':
      return pathsOf(await store.eventTemplates.findById(id, { path: 1 }).lean());
    case 'duty':
      return pathsOf(await store.dutyEntries.findById(id, { path: 1 }).lean());
    case 'scenario':
      return pathsOf(await store.drillScenarios.findById(id, { path: 1 }).lean());
    case 'drill':
      return pathsOf(await store.drills.findById(id, { path: 1 }).lean());
    case 'placement': {
      const row = await store.placements.findById(id, { release: 1, account: 1 }).lean();
      if (!row) return undefined;
      const [release, account] = await Promise.all([
        store.releases.findById(row.release, { path: 1 }).lean(),
        store.accounts.findById(row.account, { path: 1 }).lean(),
      ]);
      return [release, account].flatMap((one) => one?.path ?? []);
    }
    case 'medium': {
      const row = await store.media.findById(id, { units: 1 }).lean();
      if (!row) return undefined;
      const units = await store.organizations.find({ _id: { $in: row.units } }, { path: 1 }).lean();
      return [...units.map(({ path }) => path), ...(row.units.includes('') ? [''] : [])];
    }
  }
}

function pathsOf(row: { path: string } | null): string[] | undefined {
  return row ? [row.path] : undefined;
}

/** @throws LianfaError not_found, forbidden */
export async function requireNeeds(
  store: Store,
  needs: Needs,
  rights: Rights,
  request: Pick<Request, 'params'>,
): Promise<void> {
  if (needs.permission === 'any') return;
  const { permission, over } = needs;
  if (over === 'places' || over === 'new') {
    if (rights.places(permission).length === 0) throw forbidden(permission);
    return;
  }
  const { id, hash } = request.params;
  const named = String(id ?? hash);
  const paths = await unitsOf(store, over, named);
  if (!paths?.some((path) => rights.may(objectKinds[over], path))) throw new LianfaError('not_found', { what: named });
  if (!paths.some((path) => rights.may(permission, path))) throw forbidden(permission);
}
