import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import type { Notice } from '../core/model/notice.js';
import { listNotices, markSeen, markSeenUpTo } from '../core/notices/notices.js';
import { notice, noticesSeen, unseenCount, type NoticeBody } from './contract/notices.js';
import { pageOf, pageQuery } from './contract/pages.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

export function noticeEndpoints({ store }: Pick<Services, 'store'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/notices',
        summary: {
          zh: '提醒列表，新的在前；unseen 是未读数（数到 100 为止）',
          en: 'Notices, newest first; `unseen` counts those nobody has seen, up to 100',
        },
        needs: { permission: 'notices.read', over: 'places' },
        query: pageQuery,
        answer: { status: 200, schema: pageOf(notice).extend(unseenCount.shape) },
      },
      async ({ query }, { rights }) => {
        const { items, ...rest } = await listNotices(store, query, rights.places('notices.read'));
        return { items: items.map(bodyOf), ...rest };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/notices/:id/seen',
        summary: { zh: '标为已读', en: 'Somebody has seen this notice' },
        needs: { permission: 'notices.settle', over: 'notice' },
        params: z.object({ id: z.string() }),
        answer: { status: 204 },
      },
      async ({ params: { id } }, caller) => {
        if (!(await markSeen(store, id, caller._id))) throw new LianfaError('not_found', { what: id });
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/notices/seen',
        summary: { zh: '将这一条及更早的全部标为已读', en: 'Somebody has seen this notice and all before it' },
        needs: { permission: 'notices.settle', over: 'places' },
        body: noticesSeen,
        answer: { status: 204 },
      },
      ({ body }, { _id, rights }) => markSeenUpTo(store, body.upTo, _id, rights.places('notices.settle')),
    ),
  ];
}

function bodyOf({ _id, at, level, said, todo, account, seen }: Notice): NoticeBody {
  return {
    id: _id,
    at: at.toISOString(),
    level,
    said,
    todo,
    account,
    ...(seen && { seen: { by: seen.by, at: seen.at.toISOString() } }),
  };
}
