/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { levels } from '../../channels/emergency.js';
import { contentSchema } from '../../core/event-templates/schema.js';
import { id, instant } from '../../core/ids.js';
import { releaseInput } from '../../core/releases/input.js';
import { said } from '../../core/said.js';
import { line } from '../../core/text.js';
import { pageQuery } from './pages.js';

/** GET /event-templates?event: of an alert's event those that fit it, however the alert calls it. */
export const templateQuery = pageQuery.extend({
  event: z.string().max(200).optional(),
  withdrawn: z.enum(['true', 'false']).default('false'),
});
export const templateRow = z.object({
  id,
  name: z.string(),
  event: z.string(),
  organization: id.optional(),
  unitName: z.string().optional(),
  version: z.int(),
  /** The template above of which it is a stricter form. */
  follows: id.optional(),
  by: z.string(),
  at: instant,
  withdrawn: z.object({ by: z.string(), at: instant, reason: z.string() }).optional(),
  /** Whether the caller may change it. */
  may: z.boolean(),
});
export const question = z.object({
  name: z.string(),
  is: z.enum(['level', 'areas', 'text', 'number', 'time', 'choice']),
  choices: z.array(z.object({ value: z.string(), said })).optional(),
  optional: z.literal(true).optional(),
  hint: z.string().optional(),
});
/** `content` and `questions` are those of `shown`; questions by level, as what is left open may hang on it. */
export const templateWhole = templateRow.extend({
  shown: z.int(),
  content: contentSchema,
  questions: z.array(z.object({ level: z.enum(levels), asked: z.array(question) })),
  versions: z.array(z.object({ version: z.int(), by: z.string(), at: instant })),
  /** Why no draft can be made from it now, where that is so. */
  unusable: said.optional(),
  /** Texts made from it that the caller may read, newest first. */
  drafts: z.array(
    z.object({ id, title: z.string(), version: z.int(), signed: z.boolean(), by: z.string(), at: instant }),
  ),
  /** Stricter forms of units below. */
  followers: z.array(templateRow),
});
export const newTemplate = z.object({ organization: id.optional(), follows: id.optional(), content: contentSchema });
/** `version`: the one that was seen. */
export const templateChange = z.object({ version: z.int(), content: contentSchema });
export const templateWithdrawal = z.object({ version: z.int(), reason: line(200) });
/** `templates` of a file, each as `content`; or those that come with the program. A row counts from 1. */
export const templateImport = z.object({
  organization: id.optional(),
  shipped: z.literal(true).optional(),
  templates: z.array(z.unknown()).max(500).default([]),
  dryRun: z.boolean().default(false),
});
/** `facts` by name: 影响区域, 截止时间, 级别 …, times as people write them by the clock of Beijing. */
export const templateFilling = z.object({
  facts: z.record(z.string().max(20), z.unknown()),
  exercise: z.boolean().default(false),
  source: line(100).optional(),
  organization: id.optional(),
});
/** As POST /releases takes it; nothing is stored. */
export const templateFilled = z.object({ release: releaseInput });
/** POST /event-templates/try: an unsaved template with its samples. */
export const templateTrial = z.object({ content: contentSchema, level: z.enum(levels).optional() });
export const templateTried = z.object({
  title: z.string(),
  short: z.string(),
  /** HTML. */
  long: z.string(),
  spoken: z.string(),
  asked: z.array(question),
});

export type TemplateRow = z.infer<typeof templateRow>;
export type TemplateWhole = z.infer<typeof templateWhole>;
export type TemplateTried = z.infer<typeof templateTried>;
export type TemplateFilled = z.input<typeof templateFilled>;
/** As whoever asked reads it. */
export type FilledBody = z.output<typeof templateFilled>;
export type TemplateQuestion = z.infer<typeof question>;
