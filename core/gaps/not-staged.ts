import { linkTo, ofAccount, perAccount } from './per-account.js';

/** Days after which what was staged counts as gone: it is staged anew every day. */
const stale = 3;

/** What its channel stages ahead of an emergency (a warm token, a standing cover) is not there. */
export const notStaged = perAccount({
  kind: 'not_staged',
  said: { zh: '应急准备未就绪', en: 'Not staged for an emergency' },
  find: (account, { channels, now }) => {
    if (!channels.get(account.channel)?.prepare) return undefined;
    const { prepared } = account;
    const old = prepared && now.getTime() - new Date(prepared.at).getTime() > stale * 86_400_000;
    if (prepared && !prepared.failed && !old) return undefined;
    return {
      ...ofAccount(account),
      said:
        prepared?.failed ??
        (old
          ? {
              zh: `令牌、通用封面等已超过 ${stale} 天没有更新。`,
              en: `Token, cover and the like are older than ${stale} days.`,
            }
          : { zh: '令牌、通用封面等还没有备好。', en: 'Token, cover and the like were never staged.' }),
      act: {
        said: { zh: '检查账号，随即重新准备', en: 'Check the account, which stages it too' },
        link: linkTo(account),
        command: `lianfa accounts check --account ${account._id}`,
      },
    };
  },
});
