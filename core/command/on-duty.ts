/** Whom to telephone where nobody has confirmed: who is on duty now, of the unit or of the one above that answers for it. */
import { ladderOf, rostersOf } from '../duty/book.js';
import type { Store } from '../store/store.js';
import { unconfirmedOf } from './causes.js';

/** People of one unit who are named. */
const mostNamed = 3;

export interface OnDuty {
  organization: string;
  people: { name: string; unit: string; level: number; phone: string }[];
}

/** `may`: whether whoever asks may see the roster of the unit at this path. A number that they may not see is not read out, nor that there is one. */
export async function onDutyFor(
  store: Store,
  release: string,
  may: (path: string) => boolean,
  now: Date,
): Promise<OnDuty[]> {
  const units = [...new Set((await unconfirmedOf(store, release)).map(({ organization }) => organization))];
  const rosters = await rostersOf(store, units);
  return units.flatMap((organization): OnDuty[] => {
    const people = ladderOf(rosters, organization, now)
      .filter(({ unit }) => may(rosters.units.get(unit)?.path ?? ''))
      .flatMap((rung) => rung.people)
      .flatMap(({ called: { name, unitName: unit, level, phone } }) =>
        phone === undefined ? [] : [{ name, unit, level, phone }],
      );
    return people.length === 0 ? [] : [{ organization, people: people.slice(0, mostNamed) }];
  });
}
