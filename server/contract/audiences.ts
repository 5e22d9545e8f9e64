/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { area } from '../../core/geography/area.js';
import { id, instant } from '../../core/ids.js';
import { audience } from '../../core/placements/report.js';
import { said } from '../../core/said.js';
import { line } from '../../core/text.js';

/** POST /audiences/survey: what a selector reaches, and what it does not. */
export const surveyAsked = z.object({
  audience,
  areas: z.array(area).max(100).default([]).describe('of the warning, as it names them / 预警中的影响区域'),
  organization: id.optional().describe('whose release it is / 发布单位'),
});
const numbers = z.record(z.string(), z.int());
export const gap = z.object({
  of: z.object({
    account: z.string().optional(),
    organization: z.string().optional(),
    region: z.string().optional(),
    area: z.string().optional(),
  }),
  name: z.string(),
  said,
  act: z.object({ said, link: z.string(), command: z.string().optional() }),
});
export const survey = z.object({
  total: z.int(),
  byChannel: numbers,
  byRegion: z.array(z.object({ region: z.string(), total: z.int(), byChannel: numbers })),
  codes: z.array(z.object({ code: z.string(), accounts: z.int() })),
  shapes: z.array(z.object({ pairs: z.int(), crosses: z.object({ lat: z.number(), lon: z.number() }).optional() })),
  excepted: z.int(),
  both: z.object({ byShape: z.int(), byCode: z.int(), together: z.int(), rule: said }).optional(),
  gaps: z.array(z.object({ kind: z.string(), said, count: z.int(), items: z.array(gap) })),
});
/** POST /audiences/gaps: those of one kind, by page. */
export const gapsAsked = surveyAsked.extend({
  kind: z.string().max(60),
  from: z.int().min(0).max(1_000_000).default(0),
  limit: z.int().min(1).max(500).default(100),
});
export const gapPage = z.object({ items: z.array(gap), next: z.int().optional() });

export const savedAudience = z.object({
  id,
  name: z.string(),
  organization: id.optional(),
  audience,
  version: z.int(),
  by: z.string(),
  at: instant,
});
export const newSavedAudience = z.object({ name: line(60), organization: id.optional(), audience });
/** `version`: the one that was seen. */
export const savedAudienceChange = z.object({ name: line(60), audience, version: z.int() });

export const regionOutline = z.object({ code: z.string(), name: z.string(), points: z.int(), at: instant });

export type SurveyBody = z.infer<typeof survey>;
export type GapBody = z.infer<typeof gap>;
export type GapPage = z.infer<typeof gapPage>;
export type SavedAudienceBody = z.infer<typeof savedAudience>;
