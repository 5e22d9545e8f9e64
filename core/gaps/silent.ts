import { isReached, type GapKind } from './gap.js';
import { linkTo, ofAccount } from './per-account.js';

/** Days without a word: after two weeks the yearly inspections of government accounts count one as abandoned. */
const most = 14;

/** Nothing was published there for long: whether it still works is not known from use. */
export const silent: GapKind = {
  kind: 'silent',
  said: { zh: '长期没有发布', en: 'Silent for long' },
  open: ({ store, now }) => ({
    async see(page) {
      const since = new Date(now.getTime() - most * 86_400_000);
      const old = page.filter((account) => isReached(account) && new Date(account.createdAt) < since);
      if (old.length === 0) return [];
      const heard = await store.placements.aggregate<{ _id: string }>([
        {
          $match: {
            account: { $in: old.map(({ _id }) => _id) },
            state: { $in: ['published', 'verified', 'confirmed'] },
            since: { $gte: since },
          },
        },
        { $group: { _id: '$account', count: { $sum: 1 } } },
      ]);
      const spoke = new Set(heard.map(({ _id }) => _id));
      return old
        .filter(({ _id }) => !spoke.has(_id))
        .map((account) => ({
          ...ofAccount(account),
          said: { zh: `${most} 天内没有经本系统发布过。`, en: `Nothing was published there for ${most} days.` },
          act: {
            said: { zh: '发一条日常信息，或检查账号', en: 'Publish something ordinary there, or check the account' },
            link: linkTo(account),
            command: `lianfa accounts check --account ${account._id}`,
          },
        }));
    },
  }),
};
