/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id, instant } from '../../core/ids.js';
import { entryStates, inletKinds } from '../../core/model/alert-inlet.js';
import { outcomeNames, scopeValues, statusValues, typeValues } from '../../core/model/alert.js';
import { said } from '../../core/said.js';

// POST /alerts: a message of CAP 1.2 as it is (Content-Type and X-File-Name may be anything); GET /alerts, /alerts/:id
const remark = z.object({ is: z.enum(['flag', 'left', 'note']), said });
export const alert = z.object({
  id,
  at: instant,
  by: z.string(),
  origin: z.object({
    by: z.enum(['http', 'command', 'file', 'feed', 'folder']),
    name: z.string().optional(),
    address: z.string().optional().describe('where it was read in the end / 实际读取的位置'),
    inlet: id.optional(),
  }),
  sender: z.string().optional(),
  /** What the sender is called here. */
  source: z.string().optional(),
  identifier: z.string().optional(),
  /** As written, with its own offset. */
  sent: z.string().optional(),
  status: z.enum(statusValues).optional(),
  msgType: z.enum(typeValues).optional(),
  scope: z.enum(scopeValues).optional(),
  event: z.string().optional(),
  headline: z.string().optional(),
  expires: instant.optional(),
  bytes: z.int(),
  hash: z.string().describe('SHA-256 of the bytes / 原文的 SHA-256'),
  signature: z.enum(['none', 'unchecked']).describe('kept, not verified / 只留存，未核验'),
  outcome: z.enum(outcomeNames),
  /** Of a refusal. */
  element: z.string().optional(),
  line: z.int().optional(),
  said,
  todo: said,
  /** Releases that it became, or that it is about. */
  releases: z.array(id),
  /** Drafts that look like the same hazard. */
  like: z.array(id),
  remarks: z.array(remark),
  repeats: z.int().describe('how often the same came again / 重复收到的次数'),
  lastAt: instant,
  /** A person may take it in all the same; it may be taken again. */
  may: z.boolean(),
  vouched: z.object({ by: z.string(), at: instant }).optional(),
});
export type AlertBody = z.infer<typeof alert>;
/** `again`: the same message was here before, and this is that one. */
export const alertTaken = alert.extend({ again: z.boolean() });
/** `text`: its beginning, as characters. */
export const alertWhole = alert.extend({ text: z.string() });
export type AlertWhole = z.infer<typeof alertWhole>;

// GET, POST /alert-sources, PUT /alert-sources/:id
export const source = z.object({
  id,
  sender: z.string(),
  name: z.string(),
  organization: id.optional(),
  signed: z.boolean(),
  hourly: z.int(),
  enabled: z.boolean(),
});
export type SourceBody = z.infer<typeof source>;

// GET, POST /alert-inlets, PUT /alert-inlets/:id
export const inlet = z.object({
  id,
  is: z.enum(inletKinds),
  name: z.string(),
  address: z.string(),
  /** Seconds. */
  every: z.int(),
  organization: id.optional(),
  enabled: z.boolean(),
  nextAt: instant.optional(),
  goodAt: instant.optional().describe('the last look that went well / 最近一次成功'),
  changedAt: instant.optional().describe('unchanged since / 此后无变化'),
  via: z.object({ address: z.string(), since: instant }).optional().describe('where it sends on to / 转向'),
  listed: z
    .int()
    .optional()
    .describe('entries listed; of a folder, files left lying / 列出的条数；文件夹中未取的文件数'),
  fails: z.int(),
  broken: z.object({ since: instant, why: said }).optional(),
  missed: z.object({ at: instant, why: said }).optional(),
  steppedBack: z.object({ at: instant, from: instant, to: instant }).optional(),
  /** Of a feed: seconds after which it is asked for as a whole. */
  plainEvery: z.int().optional(),
  /** Of a folder: where files are put, and where they end, on the machine of the clock. */
  folders: z.object({ in: z.string(), taken: z.string() }).optional(),
});
export type InletBody = z.infer<typeof inlet>;

// GET /alert-inlets/:id/entries
export const entry = z.object({
  id,
  at: instant,
  title: z.string(),
  link: z.string().optional(),
  dated: instant.optional(),
  state: z.enum(entryStates),
  why: said.optional(),
  alert: id.optional(),
  tries: z.int(),
  dueAt: instant.optional(),
});
export type EntryBody = z.infer<typeof entry>;
