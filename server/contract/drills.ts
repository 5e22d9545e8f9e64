/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { levels } from '../../channels/emergency.js';
import { causeGroup } from '../../core/command/board.js';
import { id, instant } from '../../core/ids.js';
import { holders } from '../../core/model/drill.js';
import { audience } from '../../core/placements/report.js';
import { line } from '../../core/text.js';
import { pageQuery } from './pages.js';

const scenarioText = {
  title: line(100),
  event: line(30).describe('kind of event / 事件类型'),
  level: z.enum(levels),
  text: z.string().trim().min(1).max(10_000).describe('plain text / 正文（纯文本）'),
  instruction: line(500).describe('what people must do / 应采取的措施'),
  template: line(100).optional().describe('the event template it is made by / 所用事件模板'),
  audience,
  injects: z.array(line(200)).max(30).describe('faults and steps that are rehearsed / 演练科目'),
  holders: z
    .enum(holders)
    .describe(
      'who holds it: the own unit, those directly below, or all / 由谁组织：本单位、直接下级、本单位及全部下级',
    ),
  everyMonths: z
    .int()
    .min(1)
    .max(120)
    .optional()
    .describe('how often each must hold it, in months / 每个单位至少几个月演练一次'),
};
export const newScenario = z.object({ ...scenarioText, organization: id.optional() });
/** `version`: the one that was seen. */
export const scenarioChange = z.object({ ...scenarioText, version: z.int() });
export const scenarioQuery = pageQuery.extend({
  organization: id.optional().describe('whose last drill is told of / 上次演练按哪个单位'),
});

const finding = z.object({
  id,
  text: z.string(),
  owner: z.string(),
  ownerName: z.string(),
  due: z.string(),
  by: z.string(),
  at: instant,
  done: z.object({ by: z.string(), at: instant }).optional(),
});
/** A drill in a list. `held`: when its exercise went out; absent where it did not yet. */
export const drillRow = z.object({
  id,
  scenario: id,
  title: z.string(),
  organization: id.optional(),
  organizationName: z.string().optional(),
  release: id,
  by: z.string(),
  at: instant,
  held: instant.optional(),
  openFindings: z.int(),
});
const figures = z.object({
  began: instant.optional(),
  placements: z.int(),
  reached: z.int(),
  verified: z.int(),
  reached99: z.int().optional().describe('seconds until 99 of 100 were reached / 99% 送达用时（秒）'),
  verified99: z.int().optional().describe('seconds until 99 of 100 were verified / 99% 核验用时（秒）'),
  late: z.array(
    z.object({
      placement: z.string(),
      organizationName: z.string(),
      accountName: z.string(),
      lateMinutes: z.int().optional(),
      by: z.string().optional(),
    }),
  ),
  lateCount: z.int(),
  gaps: z.array(causeGroup),
});
/** 参加: its accounts were in a drill that another unit held. It counts for nothing but itself. */
const tookPart = z.object({ drill: id, at: instant, organizationName: z.string().optional() });
/** Units that took part; `total` may be more than are listed. */
const participants = z.object({
  items: z.array(z.object({ organization: id, name: z.string(), placements: z.int(), reached: z.int() })),
  total: z.int(),
});
export const drill = drillRow.extend({
  ...{ audience, injects: z.array(z.string()), findings: z.array(finding), figures, participants },
});
/** What the last one has shown, beside the next start. */
const lastDrill = drillRow
  .pick({ id: true, held: true, openFindings: true })
  .extend(figures.pick({ placements: true, reached: true, reached99: true, verified99: true }).shape)
  .extend({ findings: z.array(finding) });
export const scenario = z.object({
  id,
  ...scenarioText,
  organization: id.optional(),
  organizationName: z.string().optional(),
  version: z.int(),
  by: z.string(),
  at: instant,
  last: lastDrill.optional(),
  tookPart: tookPart.optional(),
});
export const startingDrill = z.object({ organization: id.optional().describe('which unit holds it / 组织演练的单位') });

export const newFinding = z.object({
  text: z.string().trim().min(1).max(1_000),
  owner: id.describe('a person / 责任人'),
  due: z.iso.date().describe('civil day of Beijing / 整改期限（北京日期）'),
});
export const settling = z.object({ finding: id });

export const overdueDrill = z.object({
  scenario: id,
  title: z.string(),
  organization: id,
  organizationName: z.string(),
  region: z.string(),
  due: instant,
  last: instant.optional(),
  tookPart: tookPart.optional(),
  responsible: z.array(z.object({ id: z.string(), displayName: z.string() })),
});
/** `total` may be more than are listed: ask for a region. */
export const overdueDrills = z.object({ items: z.array(overdueDrill), total: z.int() });
export const overdueQuery = z.object({
  region: z
    .string()
    .regex(/^\d{6}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});

export type ScenarioBody = z.infer<typeof scenario>;
export type NewScenario = z.input<typeof newScenario>;
export type ScenarioChange = z.input<typeof scenarioChange>;
export type DrillRow = z.infer<typeof drillRow>;
export type DrillBody = z.infer<typeof drill>;
export type OverdueDrill = z.infer<typeof overdueDrill>;
export type OverdueDrills = z.infer<typeof overdueDrills>;
