/** What people order of placements, and what is told of them. */
import { z } from 'zod';
import { id, instant } from '../ids.js';
import { actions, holdReasons, orderStates } from '../model/order.js';
import { lanes } from '../model/placement.js';
import { states } from '../model/states.js';
import { end } from '../releases/ending.js';
import { said } from '../said.js';
import { readCircle, readPolygon, type Read } from '../geography/shape.js';
import { line } from '../text.js';
import { readPlannedTime, type DayEnd } from '../plans/planned-time.js';

export const count = z.object({ channel: z.string(), state: z.enum(states), count: z.int() });
/** A shape in CAP's notation: what cannot be read is refused with the reason. */
function shapeText(read: (text: string) => Read, most: number) {
  return z
    .string()
    .max(most)
    .superRefine((text, context) => {
      const found = read(text);
      if ('fault' in found) context.addIssue(`${found.fault.zh} / ${found.fault.en}`);
    });
}
export const audience = z.object({
  channels: z.array(z.string()).max(50).optional(),
  regions: z
    .array(z.string().regex(/^\d{6}(\d{3}|\d{6})?$/))
    .max(1_000)
    .optional()
    .describe('GB/T 2260, six digits; nine or twelve for towns and villages. With shapes: who lies in any of them'),
  polygons: z
    .array(shapeText(readPolygon, 800_000))
    .max(500)
    .optional()
    .describe('CAP: "lat,lon lat,lon …", closed / 多边形'),
  circles: z.array(shapeText(readCircle, 100)).max(500).optional().describe('CAP: "lat,lon radius", km / 圆，公里'),
  organizations: z.array(id).max(1_000).optional(),
  tags: z.array(z.string()).max(100).optional(),
  accounts: z.array(id).max(5_000).optional(),
  except: z
    .array(
      z
        .strictObject({
          organizations: z.array(id).min(1).max(1_000).optional(),
          accounts: z.array(id).min(1).max(5_000).optional(),
          reason: line(200),
        })
        .refine(({ organizations, accounts }) => organizations || accounts, {
          message: '请写明排除哪些单位或账号 / name the units or accounts to leave out',
        }),
    )
    .max(100)
    .optional()
    .describe('left out, with the reason / 排除及原因'),
});
/** POST /audience: how many accounts a selector holds now, by channel. */
export const audienceSize = z.object({ total: z.int(), byChannel: z.record(z.string(), z.int()) });
/**
 * An instant as people write it: `2026-12-01 09:00` and `2026年12月1日 9时` by the clock of Beijing, or with an offset. A date
 * alone means the whole day. It is answered with its hour.
 */
function writtenTime(whole: DayEnd) {
  return z
    .string()
    .max(60)
    .transform((written, context) => {
      const instant = readPlannedTime(written, whole);
      if (instant) return instant;
      context.addIssue(
        '请写成“2026-12-01 09:00”（北京时间）。 / write it like "2026-12-01 09:00", by the clock of Beijing.',
      );
      return z.NEVER;
    });
}
/** An instant by the clock of Beijing, with its offset. */
export const beijingInstantText = z.iso.datetime({ offset: true });
/** When an order may leave, as it is asked for. */
export const timing = {
  notBefore: writtenTime('begins')
    .optional()
    .describe(
      'not before: Beijing time unless it names an offset; a date alone is its 00:00 / 定时：不写时区即北京时间，只写日期为当日 00:00',
    ),
  expires: writtenTime('ends')
    .optional()
    .describe('not begun from then on; a date alone is its 24:00 / 截止：到时仍未开始的不再发出，只写日期为当日 24:00'),
  tolerance: z
    .int()
    .min(0)
    .max(1_440)
    .optional()
    .describe('minutes by which it may be late without asking; 10, emergency 2 / 允许延误的分钟数，默认 10，应急 2'),
};
/** Of whoever signs or withdraws, once more. */
export const proofFields = {
  password: z.string().min(1).max(500).describe('your password, again / 再次输入登录密码'),
  code: z.string().max(60).optional().describe('a fresh code, with a second step / 启用两步验证时的动态口令'),
};
/** POST /releases/:id/withdraw: from every account where it stands or may stand, or from those of `audience`. */
export const withdrawOrder = z.object({
  audience: audience.optional(),
  reason: z.string().trim().min(1).max(500),
  ...proofFields,
});
export const order = z.object({
  id,
  seq: z.int(),
  action: z.enum(actions),
  revision: id.optional(),
  lane: z.enum(lanes),
  state: z.enum(orderStates),
  /** Why its seal does not hold. */
  refused: said.optional(),
  placements: z.int(),
  at: instant,
  by: z.string(),
  reason: z.string().optional(),
  /** 联动发布: who signed, first and second, or alone; `leavesIn`: ms of the countdown that are left. */
  broadcast: z
    .object({
      signers: z.array(z.string()),
      leavesIn: z.int().optional(),
      glass: z.string().optional(),
      deadline: beijingInstantText.optional(),
    })
    .optional(),
  exercise: z.enum(['test', 'live']).optional(),
  notBefore: beijingInstantText.optional(),
  expires: beijingInstantText.optional(),
  tolerance: z.int().optional(),
  startedAt: beijingInstantText.optional(),
  /** Whole minutes by which it started late. */
  late: z.int().optional(),
  held: z
    .object({ at: instant, reason: z.enum(holdReasons), minutes: z.int().optional(), said, todo: said })
    .optional(),
  sent: z.object({ by: z.string(), at: instant }).optional(),
  /** `instead`: the order that took its place. */
  unscheduled: z.object({ by: z.string(), at: instant, instead: id.optional() }).optional(),
});
/**
 * GET /releases/:id/status: what `lianfa status` and the top of the release page show. One placement is one account:
 * `total` counts each once, whatever was ordered of it. `finished`: every placement final, no order under way, held or refused; one that is planned waits for its time.
 */
export const releaseStatus = z.object({
  release: id,
  /** When it had been counted: a board counted from then on knows all of it. */
  at: instant,
  /** Of the newest message that was signed, else of the newest revision. */
  title: z.string(),
  exercise: z.literal(true).optional(),
  /** Of a warning whose newest message that went out is over: how and when. */
  ended: end.optional(),
  counts: z.array(count),
  total: z.int(),
  /** Accounts that were signed for and that the order under way has not met yet: `total` and these are the number signed. */
  toCome: z.int(),
  finished: z.boolean(),
  orders: z.array(order),
});
export const platformWords = z.object({ code: z.string(), words: z.string(), requestId: z.string().optional() });
export const happenings = [
  'wanted',
  'sending',
  'accepted',
  'owed',
  'withdrawn',
  'looked',
  'nothing',
  'unanswered',
  'doubt',
  'person',
  'read',
  'confirmed',
  'denied',
  'given_up',
  'retry',
] as const;
export const placementEvent = z.object({
  id,
  is: z.enum(happenings),
  /** The state it led to. */
  to: z.enum(states),
  at: instant,
  seq: z.int(),
  by: z.string(),
  cause: said.optional(),
  todo: said.optional(),
  platform: platformWords.optional(),
  url: z.string().optional(),
  /** A person's words. */
  note: z.string().optional(),
  dueAt: instant.optional(),
  ignored: z.boolean().optional(),
});
export const evidence = z.discriminatedUnion('by', [
  z.object({ by: z.literal('machine'), at: instant, said }),
  z.object({
    by: z.literal('person'),
    who: id,
    at: instant,
    note: z.string(),
    url: z.string().optional(),
    /** In the media library. */
    picture: z.string().optional(),
  }),
]);
/** What stands on the account. */
export const stands = z.object({
  seq: z.int(),
  revision: id,
  seen: z.enum(['held', 'accepted', 'published']),
  url: z.string().optional(),
  changed: z.literal(true).optional(),
});
/** GET /releases/:id/placements?channel&state&q&after&limit */
export const placementRow = z.object({
  id,
  release: id,
  channel: z.string(),
  account: id,
  accountName: z.string(),
  organization: id,
  organizationName: z.string(),
  region: z.string(),
  lane: z.enum(lanes),
  state: z.enum(states),
  since: instant,
  dueAt: instant.optional(),
  attempts: z.int(),
  /** What should stand; without `revision`, nothing. */
  wanted: z.object({ seq: z.int(), revision: id.optional() }),
  standing: z.array(stands),
  evidence: evidence.optional(),
  url: z.string().optional(),
  /** Of the newest event. */
  cause: said.optional(),
  todo: said.optional(),
  platform: platformWords.optional(),
});
/** GET /placements/:id */
export const placement = placementRow.extend({ events: z.array(placementEvent) });
/** POST /placements/:id/retry needs no body: failed, cancelled and needs_action go back to the queue (asking the platform first). */
/** POST /placements/:id/resolve: a person says what happened. `published` of a withdrawal means: it is gone. */
export const resolveOrder = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('published'),
    url: z.url({ protocol: /^https?$/ }).optional(),
    note: z.string().trim().min(1).max(500),
  }),
  z.object({ outcome: z.literal('not_published'), note: z.string().trim().min(1).max(500) }),
  z.object({ outcome: z.literal('cancelled'), note: z.string().trim().min(1).max(500) }),
]);

export type Count = z.infer<typeof count>;
export type AudienceSize = z.infer<typeof audienceSize>;
export type OrderBody = z.infer<typeof order>;
export type ReleaseStatus = z.infer<typeof releaseStatus>;
export type PlacementRow = z.infer<typeof placementRow>;
export type PlacementBody = z.infer<typeof placement>;
export type ResolveOrder = z.infer<typeof resolveOrder>;
