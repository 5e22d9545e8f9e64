import type { GapKind } from './gap.js';
import { linkTo, ofAccount } from './per-account.js';

/** The selector names it, and it is switched off, by itself or with its unit. */
export const switchedOff: GapKind = {
  kind: 'switched_off',
  said: { zh: '账号或单位已停用', en: 'Account or unit is switched off' },
  open: () => ({
    see: (page) =>
      page
        .filter(({ enabled, standing }) => !enabled && standing === 'in')
        .map((account) => ({
          ...ofAccount(account),
          ...(account.closedWith === undefined
            ? {
                said: { zh: '账号已停用。', en: 'The account is switched off.' },
                act: {
                  said: { zh: '启用账号', en: 'Switch the account on' },
                  link: linkTo(account),
                },
              }
            : {
                said: {
                  zh: `单位（${account.closedWith}）已停用。`,
                  en: `Its unit (${account.closedWith}) is closed.`,
                },
                act: {
                  said: { zh: '恢复单位', en: 'Open the unit again' },
                  link: `/units?words=${encodeURIComponent(account.closedWith)}`,
                },
              }),
        })),
  }),
};
