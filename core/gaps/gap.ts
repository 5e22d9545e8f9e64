/**
 * A gap (缺口): what of an audience will not be reached, or may not, told before anything is signed, with one next act.
 * One kind is one file beside this one and one line in `kinds.ts`. All kinds look on while the accounts of the audience are
 * gone through once, a thousand at a time, so none may keep more than ids, nor ask the store for more than once a page.
 */
import type { QueryFilter } from 'mongoose';
import type { Channel, Said } from '../../channels/channel.js';
import type { AccountRow } from '../model/account.js';
import type { Audience } from '../model/order.js';
import type { Organization } from '../model/organization.js';
import type { Located, Selection, Standing } from '../placements/selection.js';
import type { Store } from '../store/store.js';
import type { Area } from '../geography/area.js';

export interface Gap {
  /** What has it: ids, a code, or the name of an area. */
  of: { account?: string; organization?: string; region?: string; area?: string };
  /** What people call that. */
  name: string;
  /** What is wrong with it. */
  said: Said;
  act: Act;
}

/** The one next thing to do: on a page of the dashboard, or by a command. */
export interface Act {
  said: Said;
  /** Path in the dashboard, with its query. */
  link: string;
  command?: string;
}

/** What is asked about, the same for every kind. */
export interface Asked {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  audience: Audience;
  selection: Selection;
  /** Of the warning, as it names them. */
  areas: readonly Area[];
  /** Path of the unit whose release it is; empty of the hub as a whole. */
  place: string;
  /** Of rows with a path: only units that whoever asks may see. */
  seen: QueryFilter<AccountRow & Organization>;
  now: Date;
}

/** Columns of an account that kinds may read. */
export const columns = [
  'channel',
  'name',
  'organization',
  'enabled',
  'closedWith',
  'credential',
  'prepared',
  'createdAt',
] as const satisfies (keyof AccountRow)[];

/** An account that the selector holds, or may hold: also one that is switched off or whose place nobody knows. */
export type SeenAccount = Located & Pick<AccountRow, (typeof columns)[number]> & { standing: Standing };

/** It gets the release. */
export function isReached({ enabled, standing }: SeenAccount): boolean {
  return enabled && standing === 'in';
}

export interface GapKind {
  /** In the API and in the table of kinds. */
  kind: string;
  /** As a heading: 凭据已失效. */
  said: Said;
  /** Begins to look; one finder for each time that accounts are gone through. */
  open(asked: Asked): Finder | Promise<Finder>;
}

/** The same accounts and the same store give the same gaps in the same order: pages are told by number. */
export interface Finder {
  /** Sees each page of accounts, in ascending order of id. */
  see?(page: readonly SeenAccount[]): readonly Gap[] | Promise<readonly Gap[]>;
  /** After the last page; may be long, so it is read as it comes. */
  end?(): AsyncIterable<Gap> | Iterable<Gap>;
}
