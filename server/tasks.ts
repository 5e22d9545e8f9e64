import { beijingStamp } from '../channels/beijing-calendar.js';
import { tasksOf, mostShown } from '../core/reviews/tasks.js';
import { tasks } from './contract/reviews.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { rowBody } from './review-body.js';
import type { Services } from './services.js';

export function taskEndpoints({ store, vault }: Pick<Services, 'store' | 'vault'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/tasks',
        summary: { zh: '我的待办', en: 'What waits for the caller, and what of theirs is under way' },
        needs: { permission: 'any' },
        answer: { status: 200, schema: tasks },
      },
      async (_, { _id, rights }) => {
        const { reviews, returned, stuck, placements, held, mine, glass } = await tasksOf(
          { store, vault },
          { person: _id, rights },
        );
        const accounts = await store.accounts
          .find({ _id: { $in: placements.map(({ row }) => row.account) } }, { name: 1 })
          .lean();
        const names = new Map(accounts.map((account) => [account._id, account.name]));
        return {
          reviews: reviews.slice(0, mostShown).map(rowBody),
          returned: returned.slice(0, mostShown).map(rowBody),
          stuck: stuck.slice(0, mostShown).map(rowBody),
          mine: mine.slice(0, mostShown).map(rowBody),
          glass: glass.slice(0, mostShown).map(rowBody),
          placements: placements.map(({ row, release }) => ({
            placement: row._id,
            release: release._id,
            title: release.title,
            account: names.get(row.account) ?? row.account,
            channel: row.channel,
            since: row.since.toISOString(),
          })),
          held: held.map(({ row, release }) => ({
            order: row._id,
            release: release._id,
            title: release.title,
            ...(row.notBefore && { notBefore: beijingStamp(row.notBefore) }),
          })),
          counts: {
            reviews: reviews.length,
            returned: returned.length,
            stuck: stuck.length,
            placements: placements.length,
            held: held.length,
            mine: mine.length,
            glass: glass.length,
          },
        };
      },
    ),
  ];
}
