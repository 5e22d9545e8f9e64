import { linkTo, ofAccount, perAccount } from './per-account.js';

const day = 86_400_000;
/** Days before its end from which a credential is a gap: as long as people are warned of it. */
const soon = 14;

/** The credential still works, and will not for long. */
export const endingCredential = perAccount({
  kind: 'credential_ending',
  said: { zh: '凭据即将到期', en: 'Credential ends soon' },
  find: (account, { now }) => {
    const { state, daysLeft, checkedAt } = account.credential;
    if (state === 'dead' || daysLeft === undefined || !checkedAt) return undefined;
    const left = daysLeft - (now.getTime() - new Date(checkedAt).getTime()) / day;
    if (left > soon) return undefined;
    const days = Math.max(0, Math.floor(left));
    return {
      ...ofAccount(account),
      said: { zh: `凭据还有 ${days} 天到期。`, en: `The credential ends in ${days} days.` },
      act: {
        said: { zh: '现在重新授权', en: 'Authorise it again now' },
        link: linkTo(account),
      },
    };
  },
});
