import { codesOf } from '../geography/area.js';
import { plainRegion, regionRange } from '../model/organization.js';
import type { Store } from '../store/store.js';
import type { Asked, Gap, GapKind } from './gap.js';

/** A code of the selector or of the warning that stands for no place of ours. */
export const unknownCode: GapKind = {
  kind: 'unknown_code',
  said: { zh: '区划代码不认识', en: 'Unknown region code' },
  open: (asked) => ({ end: () => unknownOf(asked) }),
};

async function* unknownOf({ store, audience, areas }: Asked): AsyncGenerator<Gap> {
  const codes = new Set([...(audience.regions ?? []), ...areas.flatMap(codesOf)]);
  for (const code of codes) if (!(await isKnownCode(store, code))) yield gapOf(code);
}

/** Whether a unit, or an outline, carries the code or one below it. */
export async function isKnownCode(store: Store, code: string): Promise<boolean> {
  if (!/^\d{6}(\d{3}|\d{6})?$/.test(code)) return false;
  const range = regionRange(code);
  const unit = await store.organizations.exists({ region: range });
  return unit !== null || (await store.regionOutlines.exists({ _id: plainRegion(code) })) !== null;
}

function gapOf(code: string): Gap {
  const isTown = /^\d{9}(\d{3})?$/.test(code);
  return {
    of: { region: code },
    name: code,
    said: { zh: `没有单位属于区划代码 ${code}。`, en: `No unit has the region code ${code}.` },
    act: {
      said: isTown
        ? {
            zh: `改选它所在的县区 ${code.slice(0, 6)}，或导入该地的单位`,
            en: `Choose its county ${code.slice(0, 6)} instead, or import units there`,
          }
        : { zh: '核对代码，或导入该地的单位', en: 'Check the code, or import units there' },
      link: '/units',
    },
  };
}
