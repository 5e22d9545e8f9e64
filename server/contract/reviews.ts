/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { callout } from './callouts.js';
import { id, instant } from '../../core/ids.js';
import { occasions } from '../../core/model/chain.js';
import { lanes } from '../../core/model/placement.js';
import { kinds } from '../../core/model/release.js';
import { reviewStates } from '../../core/model/review.js';
import { roles } from '../../core/model/roles.js';
import { comparedFields } from '../../core/reviews/compared-fields.js';
import { audience, audienceSize, beijingInstantText, proofFields, timing } from '../../core/placements/report.js';
import { tidyText } from '../../core/text.js';
import { consents, type Consent } from '../../core/signatures/statement.js';
import { chainStep } from './chains.js';
import { overdueDrill } from './drills.js';
import { errorBody } from './errors.js';
import { rendition } from './releases.js';

/** Several lines, of which something is left once they are cleaned. */
const words = (most: number): z.ZodString =>
  z
    .string()
    .overwrite((text) => tidyText(text).trim())
    .min(1)
    .max(most);

/** POST /releases/:id/submit: the newest revision, to whom it is to go, and how. The same again while it is open is the same review. */
export const submission = z.object({
  revision: id,
  audience,
  lane: z.enum(lanes).optional(),
  again: z
    .boolean()
    .optional()
    .describe('publish although the same words went out lately / 同样内容近期发过，仍再次发布'),
  live: z
    .boolean()
    .optional()
    .describe(
      'a live drill, on real accounts; whoever signs says yes to that / 实盘演练：发到真实账号，签发人须另行同意',
    ),
  deadline: z
    .int()
    .min(1)
    .max(1_440)
    .optional()
    .describe(
      'of a broadcast: minutes within which it is to have reached everybody, signed with it; by severity 10, 15, 30 or 60 / 联动发布的期限（分钟），随同签发；不填按严重程度取 10、15、30 或 60',
    ),
  ...timing,
});
export const decision = z.object({
  step: z.string(),
  person: z.string(),
  role: z.enum(roles),
  at: instant,
  note: z.string().optional(),
});
export const reviewRow = z.object({
  id,
  release: id,
  title: z.string(),
  kind: z.enum(kinds),
  drill: z.literal(true).optional().describe('an exercise / 演练'),
  organization: id.optional(),
  occasion: z.enum(occasions),
  revision: id,
  state: z.enum(reviewStates),
  /** Place of the step that is next, or at which it ended, from 0. */
  step: z.int(),
  by: z.string(),
  writer: z.string(),
  at: instant,
  lane: z.enum(lanes),
  solo: z.literal(true).optional(),
  linked: z.literal(true).optional().describe('a broadcast, which two persons sign / 联动发布'),
  ended: z.object({ by: z.string(), at: instant }).optional(),
  reason: z.string().optional(),
  order: id.optional(),
});
export const review = reviewRow.extend({
  hash: z.string(),
  number: z.int(),
  audience,
  /** Accounts that it holds now, of the release's unit and below. */
  size: audienceSize,
  again: z.literal(true).optional(),
  notBefore: beijingInstantText.optional(),
  expires: beijingInstantText.optional(),
  tolerance: z.int().optional(),
  chain: z.object({ id: z.string(), version: z.int(), steps: z.array(chainStep) }),
  decisions: z.array(decision),
  passedOn: z.array(
    z.object({ step: z.string(), to: z.array(id).optional(), by: z.string(), at: instant, reason: z.string() }),
  ),
  /** Who could take each step that is left; a step without anybody holds it up. */
  takers: z.record(z.string(), z.array(z.string())),
  stuck: z.array(z.string()),
  /** What the caller may do now: shown as buttons, judged again when pressed. */
  may: z.object({
    approve: z.boolean(),
    giveBack: z.boolean(),
    sign: z.boolean(),
    takeBack: z.boolean(),
    passOn: z.boolean(),
  }),
  /** 联动发布: what its signatures take. */
  broadcast: z
    .object({
      first: z.object({ by: z.string(), at: instant }).optional(),
      /** Which of its signatures is next. */
      next: z.enum(['first', 'second']).optional(),
      channels: z.array(
        z.object({
          channel: z.string(),
          accounts: z.int(),
          seen: z.boolean().describe('the caller has opened its text as it is now / 您已看过'),
        }),
      ),
      /** What must be said yes to, were it signed now. */
      consents: z.array(z.enum(consents)),
      words: z.array(z.string()).describe('words that may be misread / 容易误解的字样'),
      exercise: z.enum(['test', 'live']).optional(),
      countdown: z.int().describe('seconds / 秒'),
      deadline: z.int().optional().describe('minutes within which it is to have reached everybody / 期限，分钟'),
      glass: z.boolean().describe('the caller may send it alone / 您可以紧急直发'),
    })
    .optional(),
  glass: z
    .object({
      by: z.string(),
      at: instant,
      reason: z.string(),
      due: instant.optional(),
      closed: z.object({ by: z.string(), at: instant, finding: z.string() }).optional(),
    })
    .optional(),
  /** The revision that was signed before it, or approved last. */
  against: id.optional(),
  unmarked: z
    .array(z.string())
    .optional()
    .describe('files of an exercise on which 演练 cannot be drawn / 演练中无法加标记的附件'),
});
export const reviewQuery = z.object({
  state: z.enum(reviewStates).default('open'),
  stuck: z.enum(['true', 'false']).optional().describe('only those that nobody can take / 只列无人可办的'),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const step = z.string().max(40);
/** POST /reviews/:id/approve */
export const approval = z.object({ step, note: words(2_000).optional() });
export const anchor = z.object({
  block: z.int().min(0).max(100_000),
  quote: z.string().min(1).max(2_000),
  prefix: z.string().max(40),
  suffix: z.string().max(40),
});
export const remark = z.object({ anchor: anchor.optional(), words: words(5_000) });
/** POST /reviews/:id/return */
export const returning = z.object({ step, reason: words(5_000), comments: z.array(remark).max(100).optional() });
export const passing = z.object({ reason: words(500) });
const counts = z
  .object({ total: z.int().min(0) })
  .optional()
  .describe(
    'the number of accounts that the signer saw; another number now is refused / 签发人看到的账号数，不符则不签',
  );
/** POST /reviews/:id/sign: with the password again, and a fresh code where there is a second step. 202 once the order is stored. */
export const signing = z.object({
  ...proofFields,
  counts,
  consents: z
    .array(z.enum(consents))
    .max(consents.length)
    .optional()
    .describe('of a broadcast: what else you say yes to / 联动发布：逐项同意'),
  glass: words(1_000)
    .optional()
    .describe('break-glass, a broadcast signed by you alone: why / 紧急直发：一人签发联动发布的理由'),
});
/** POST /reviews/:id/looks: one channel's text as it will be shown on an account; that it was opened is remembered. */
export const looking = z.object({ channel: z.string().max(40), account: id.optional() });
export const looked = rendition.extend({ hash: z.string() });
/** POST /reviews/:id/finding: what somebody else found who looked into a broadcast that one person sent alone. */
export const finding = z.object({ finding: words(2_000) });
const named = z.object({ id, step: step.optional(), counts });
/** POST /reviews/decide: many at once, each by itself; one that is refused stops no other. */
export const decideMany = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('approve'), reviews: z.array(named.extend({ step })).min(1).max(100) }),
  z.object({
    decision: z.literal('return'),
    reviews: z.array(named.extend({ step })).min(1).max(100),
    reason: words(5_000),
  }),
  z.object({ decision: z.literal('sign'), reviews: z.array(named).min(1).max(100), ...proofFields }),
]);
export const decidedMany = z.object({
  done: z.int(),
  refused: z.int(),
  answers: z.array(z.object({ id, review: reviewRow.optional(), error: errorBody.shape.error.optional() })),
});

export const spot = z.discriminatedUnion('is', [
  z.object({ is: z.enum(['there', 'moved']), block: z.int(), start: z.int(), end: z.int() }),
  z.object({ is: z.literal('changed') }),
]);
export const comment = z.object({
  id,
  release: id,
  revision: id,
  /** Of the revision it was made on. */
  number: z.int().optional(),
  anchor: anchor.optional(),
  spot: spot.optional().describe('where its words are in the revision asked for / 所指文字现在的位置'),
  words: z.string(),
  by: z.string(),
  at: instant,
  answers: z.array(z.object({ by: z.string(), at: instant, words: z.string() })),
  closed: z.object({ by: z.string(), at: instant }).optional(),
});
export const newComment = remark.extend({ revision: id });
export const newAnswer = z.object({ words: words(5_000) });

export const difference = z.object({ is: z.enum(['same', 'added', 'removed']), words: z.string() });
export const comparison = z.object({
  fields: z.array(z.object({ field: z.enum(comparedFields), parts: z.array(difference) })),
  channels: z.array(z.object({ channel: z.string(), parts: z.array(difference) })),
});
export const compareQuery = z.object({ from: id, to: id });
export const renditions = z.object({ renditions: z.array(rendition) });

/** GET /tasks: 我的待办. */
export const tasks = z.object({
  /** Reviews at a step that the caller may take. */
  reviews: z.array(reviewRow),
  /** Texts of the caller that came back. */
  returned: z.array(reviewRow),
  /** Reviews that nobody can take, in units that the caller manages. */
  stuck: z.array(reviewRow),
  /** Placements that need a person. `more`: there are others. */
  placements: z.array(
    z.object({
      placement: id,
      release: id,
      title: z.string(),
      drill: z.literal(true).optional(),
      account: z.string(),
      channel: z.string(),
      since: instant,
    }),
  ),
  /** Plans that are held and ask a person. */
  held: z.array(
    z.object({
      order: id,
      release: id,
      title: z.string(),
      drill: z.literal(true).optional(),
      notBefore: beijingInstantText.optional(),
    }),
  ),
  /** Roles that wait for the caller as the second admin. */
  grants: z.array(
    z.object({
      id,
      person: id,
      displayName: z.string(),
      role: z.enum(roles),
      organizationName: z.string().optional(),
      by: z.string(),
      at: instant,
    }),
  ),
  /** Identities of the provider of whom an admin of the whole hub says whose they are. `number`: as the person reads it out. */
  identities: z.array(
    z.object({ id: z.string(), issuer: z.string(), name: z.string().optional(), number: z.string(), at: instant }),
  ),
  /** Callouts that wait and in which the caller was told. */
  called: z.array(callout),
  /** Broadcasts that somebody else sent alone, to be looked into. */
  glass: z.array(reviewRow),
  /** Drills that units are overdue for of which the caller is the commander nearest. */
  drills: z.array(overdueDrill),
  /** What drills have shown and the caller sees to. */
  findings: z.array(z.object({ drill: id, title: z.string(), text: z.string(), due: z.string() })),
  /** What of the caller's is under way. */
  mine: z.array(reviewRow),
  counts: z.object({
    reviews: z.int(),
    returned: z.int(),
    stuck: z.int(),
    placements: z.int(),
    drills: z.int(),
    findings: z.int(),
    held: z.int(),
    grants: z.int(),
    identities: z.int(),
    called: z.int(),
    mine: z.int(),
    glass: z.int(),
  }),
});
export type Looked = z.infer<typeof looked>;
export type SigningBody = z.infer<typeof signing> & { consents: Consent[] };
export type ReviewRow = z.infer<typeof reviewRow>;
export type ReviewBody = z.infer<typeof review>;
export type CommentBody = z.infer<typeof comment>;
export type Comparison = z.infer<typeof comparison>;
export type Difference = z.infer<typeof difference>;
export type TasksBody = z.infer<typeof tasks>;
export type Remark = z.infer<typeof remark>;
export type Anchor = z.infer<typeof anchor>;
export type DecidedMany = z.infer<typeof decidedMany>;
