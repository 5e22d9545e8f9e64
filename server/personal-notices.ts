/** What changed of the caller's own account, or came back to them. Nobody else reads it, and no key hides it. */
import { LianfaError } from '../core/errors.js';
import { personalNotices, seenUpTo } from '../core/notices/personal.js';
import { noticesSeen, personalNoticeList } from './contract/notices.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

export function personalNoticeEndpoints({ store }: Pick<Services, 'store'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/account/notices',
        summary: { zh: '与我本人有关的提醒，新的在前', en: 'What concerns the caller alone, newest first' },
        needs: { permission: 'any' },
        answer: { status: 200, schema: personalNoticeList },
      },
      async (_, { _id }) => {
        const rows = await personalNotices(store, _id);
        return {
          items: rows.map(({ _id: id, at, level, said, todo, to, unseen }) => ({
            ...{ id, level, said, todo, to },
            at: at.toISOString(),
            seen: !unseen,
          })),
          unseen: rows.filter(({ unseen }) => unseen).length,
        };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/account/notices/seen',
        summary: { zh: '将这一条及更早的标为已读', en: 'The caller has seen this one and all before it' },
        needs: { permission: 'any' },
        body: noticesSeen,
        answer: { status: 204 },
      },
      ({ body: { upTo } }, { actor }) => {
        if (actor.key !== undefined) throw new LianfaError('key_personal');
        return seenUpTo(store, actor.person, upTo);
      },
    ),
  ];
}
