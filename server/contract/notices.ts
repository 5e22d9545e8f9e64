/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id, instant } from '../../core/ids.js';
import { noticeLevels } from '../../core/model/notice.js';
import { said } from '../../core/said.js';

/** GET /notices?after&limit, POST /notices/:id/seen, POST /notices/seen: what whoever runs the hub should know. Seen by one is seen. */
export const notice = z.object({
  id,
  at: instant,
  level: z.enum(noticeLevels),
  said,
  todo: said.optional(),
  account: id.optional(),
  seen: z.object({ by: z.string(), at: instant }).optional(),
});
export const unseenCount = z.object({ unseen: z.int() });
export const noticesSeen = z.object({ upTo: id });
/** GET /account/notices: newest first. `to`: where in the dashboard it is about. */
export const personalNotice = z.object({
  id,
  at: instant,
  level: z.enum(noticeLevels),
  said,
  todo: said.optional(),
  to: z.string().optional(),
  seen: z.boolean(),
});
export const personalNoticeList = z.object({ items: z.array(personalNotice), unseen: z.int() });
export type PersonalNoticeBody = z.infer<typeof personalNotice>;
export type NoticeBody = z.infer<typeof notice>;
