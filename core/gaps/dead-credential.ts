import { linkTo, ofAccount, perAccount } from './per-account.js';

/** The platform refuses the account's credential, so nothing can be published there. */
export const deadCredential = perAccount({
  kind: 'credential_dead',
  said: { zh: '凭据已失效', en: 'Credential is dead' },
  find: (account) =>
    account.credential.state !== 'dead'
      ? undefined
      : {
          ...ofAccount(account),
          said: account.credential.cause ?? {
            zh: '平台不再接受它的凭据。',
            en: 'The platform refuses its credential.',
          },
          act: {
            said: account.credential.todo ?? {
              zh: '重新授权或填写新的凭据',
              en: 'Authorise it again or give new credentials',
            },
            link: linkTo(account),
          },
        },
});
