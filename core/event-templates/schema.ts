/** The forms in which a template and what was filled in of it are handed in. Light: what shows them reads these forms, too. */
import { z } from 'zod';
import { categories, certainties, levels, responses, severities, urgencies } from '../../channels/emergency.js';
import { id } from '../ids.js';
import { lockable, type Content, type TemplateUse } from '../model/event-template.js';
import { line, tidyText } from '../text.js';

const passage = z.strictObject({
  name: line(40).optional().describe('What it is called where it is refused / 段落名称'),
  heading: line(60).optional().describe('Above it, in the long text alone / 小标题，只用于长文'),
  text: z.string().max(2_000).overwrite(tidyText).trim().min(1).describe('With slots: {{影响区域}} / 可用要素'),
  locked: z.boolean().default(false).describe('Whoever fills it in may not change it / 锁定'),
});

const fact = z.strictObject({
  name: z
    .string()
    .regex(
      /^\p{L}[\p{L}\p{N}]{0,19}$/u,
      '只能用文字和数字，以文字开头，最多 20 个 / letters and figures, a letter first, at most 20',
    ),
  is: z.enum(['text', 'number', 'time', 'choice']),
  choices: z.array(line(60)).min(1).max(30).optional(),
  hint: line(100).optional(),
  sample: line(100).optional().describe('Shown in the preview of the template / 预览用的样例'),
  optional: z.literal(true).optional().describe('Passages that name it are left out without it / 可不填'),
});

const ofLevel = z.strictObject({
  guide: z.array(line(200)).min(1).max(12).describe('What people must do, one sentence each / 防御指南，每条一句'),
  urgency: z.enum(urgencies).optional().describe('Left out: asked of whoever fills it in / 不填则每次询问'),
  severity: z.enum(severities).optional(),
  certainty: z.enum(certainties).optional(),
});

export const contentSchema: z.ZodType<Content> = z.strictObject({
  name: line(60),
  event: line(30),
  aliases: z
    .array(line(60))
    .max(30)
    .default([])
    .describe('Other names, as alerts received use them / 来文中的其他叫法'),
  category: z.enum(categories),
  responseType: z.enum(responses).optional(),
  contact: line(100).optional(),
  source: line(100).optional().describe('Who issues it; the unit’s name where left out / 发布单位'),
  levels: z.strictObject({
    blue: ofLevel.optional(),
    yellow: ofLevel.optional(),
    orange: ofLevel.optional(),
    red: ofLevel.optional(),
  }),
  asksOnset: z.boolean().default(false).describe('Else it begins when it is filled in / 是否询问开始时间'),
  asksExpires: z.boolean().default(true),
  facts: z.array(fact).max(12).default([]),
  title: z.strictObject({ text: line(200), locked: z.boolean().default(false) }),
  short: z.array(passage).min(1).max(10).describe('Weibo, notifications, text messages / 短文'),
  long: z.array(passage).min(1).max(40).describe('Website and WeChat / 长文'),
  spoken: z.array(passage).min(1).max(10).describe('Loudspeakers and broadcast / 口播'),
  locked: z.array(z.enum(lockable)).max(lockable.length).default([]),
  minutes: z
    .int()
    .min(1)
    .max(1_440)
    .optional()
    .describe('Until the next person of a unit is called; the unit’s own where left out / 叫应每步分钟数'),
});

const instant = z.iso.datetime();

/** As filling a template in answers it. */
export const templateUse: z.ZodType<TemplateUse> = z.strictObject({
  id,
  version: z.int().min(1),
  facts: z.strictObject({
    level: z.enum(levels),
    areas: z
      .array(z.strictObject({ code: line(12).optional(), name: line(60) }))
      .min(1)
      .max(500),
    onset: instant,
    expires: instant.optional(),
    urgency: z.enum(urgencies).optional(),
    severity: z.enum(severities).optional(),
    certainty: z.enum(certainties).optional(),
    own: z.record(line(20), line(200)),
  }),
});
