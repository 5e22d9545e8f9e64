import { unitsWithoutDuty, type WithoutDuty } from '../duty/book.js';
import { isReached, type Gap, type GapKind, type SeenAccount } from './gap.js';

/** Nobody is on duty for the unit now, or a step of its roster has nobody: who would do by hand what no machine can? */
export const noDuty: GapKind = {
  kind: 'no_duty',
  said: { zh: '没有值班员', en: 'No duty officer' },
  open({ store, now }) {
    const looked = new Set<string>();
    return {
      async see(page) {
        const fresh = new Map<string, SeenAccount>();
        for (const account of page.filter(isReached))
          if (!looked.has(account.organization)) fresh.set(account.organization, account);
        for (const organization of fresh.keys()) looked.add(organization);
        const lacking = await unitsWithoutDuty(store, [...fresh.keys()], now);
        return lacking.flatMap((one) => {
          const account = fresh.get(one.organization);
          return account ? [gapOf(one, account)] : [];
        });
      },
    };
  },
};

function gapOf({ organization, unitName, step, instead }: WithoutDuty, { region }: SeenAccount): Gap {
  const told = {
    zh: instead === undefined ? '上级单位也没有' : `由上级“${instead}”代接`,
    en: instead === undefined ? 'nor has any unit above' : `${instead}, above it, is told instead`,
  };
  return {
    of: { organization, region },
    name: unitName,
    said:
      step === undefined
        ? { zh: `现在没有人值班，${told.zh}。`, en: `Nobody is on duty now; ${told.en}.` }
        : { zh: `值班表第 ${step} 顺位没有人。`, en: `Step ${step} of its roster has nobody.` },
    act: {
      said: { zh: '补上值班表', en: 'Fill its roster' },
      link: `/duty?organization=${encodeURIComponent(organization)}`,
      command: 'lianfa duty import FILE',
    },
  };
}
