/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { exportFormats, finding } from '../../core/audit/report.js';
import { id, instant } from '../../core/ids.js';
import { outcomes } from '../../core/model/audit-entry.js';
import { pageQuery } from './pages.js';

const filter = {
  person: id.optional(),
  release: id.optional(),
  /** With everything below it. */
  unit: id.optional(),
  /** A name, or with a dot at the end all that begin so. */
  act: z.string().max(120).optional(),
  outcome: z.enum(outcomes).optional(),
  from: instant.optional(),
  to: instant.optional(),
};
/** GET /audit: the newest first. `after`: the number of the last entry of the page before. */
export const auditQuery = pageQuery.extend({ ...filter, after: z.coerce.number().int().min(1).optional() });
/** GET /audit/export */
export const auditExportQuery = z.object({ ...filter, format: z.enum(exportFormats).default('csv') });
export const auditEntry = z.object({
  n: z.int(),
  at: instant,
  act: z.string(),
  outcome: z.enum(outcomes),
  code: z.string().optional(),
  who: z.object({
    person: z.string().optional(),
    key: z.string().optional(),
    role: z.string().optional(),
    process: z.string().optional(),
  }),
  from: z.object({ ip: z.string(), agent: z.string() }).optional(),
  unit: z.string().optional(),
  on: z.record(z.string(), z.string()),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  note: z.string().optional(),
  prev: z.string(),
  /** SHA-256 over the record, which names the one before it. */
  hash: z.string(),
});
export const auditPage = z.object({ items: z.array(auditEntry), next: z.int().optional() });
/** GET /audit/check: what came of the last check of the whole book. POST begins one, which takes a while. */
export const auditCheck = z.object({
  running: z.boolean(),
  last: z.object({ n: z.int(), at: instant, by: z.string(), finding }).optional(),
});
/** GET /audit/heads, for anybody: the head of each day, the newest first. */
export const auditHeads = z.object({
  hub: z.string().optional(),
  heads: z.array(
    z.object({
      day: z.iso.date(),
      hub: z.string(),
      n: z.int(),
      hash: z.string(),
      /** Of the hash tree (RFC 6962) over all entries up to there: evidence is shown to be under it. */
      root: z.string(),
      at: instant,
    }),
  ),
});
export type AuditEntryBody = z.infer<typeof auditEntry>;
export type AuditPage = z.infer<typeof auditPage>;
export type AuditCheck = z.infer<typeof auditCheck>;
