/** A release as it is handed in: by the composer, the CLI, a document, another program. */
import { z } from 'zod';
import { emergencySchema } from '../../channels/emergency.js';
import { templateUse } from '../event-templates/schema.js';
import { id } from '../ids.js';
import { cleaned, line, lineOrNone } from '../text.js';
import { kinds } from '../model/release.js';

export const policyHeader = z.object({
  index: lineOrNone(100).optional(),
  number: lineOrNone(100).optional(),
  issuer: lineOrNone(200).optional(),
  signed: z.iso.date().optional(),
  validity: lineOrNone(20).optional(),
  topic: lineOrNone(100).optional(),
  keywords: z.array(lineOrNone(40)).max(30).optional(),
});
/** POST /releases makes one; PUT /releases/:id makes its next revision (`revision` names the one that was edited). */
export const releaseInput = z.object({
  title: line(200),
  summary: lineOrNone(500).default(''),
  kind: z.enum(kinds).default('news'),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .default('zh-Hans'),
  body: z.object({ format: z.enum(['html', 'markdown', 'text']), content: z.string().max(2_000_000) }),
  source: line(100),
  author: lineOrNone(100).optional(),
  columns: z.array(line(40)).max(10).default([]),
  keywords: z.array(line(40)).max(30).default([]),
  /** Hashes of uploaded pictures that the body does not place, shown after it. */
  pictures: z
    .array(z.object({ hash: id, alt: lineOrNone(200).default('') }))
    .max(100)
    .default([]),
  cover: id.optional(),
  attachments: z
    .array(z.object({ hash: id, name: lineOrNone(200) }))
    .max(50)
    .default([]),
  policy: policyHeader.optional(),
  /** Only with the kind `emergency`. */
  emergency: cleaned(emergencySchema).optional(),
  /** The event template that it was filled in from, as filling it in answers. Left out of a change, it stays. */
  template: templateUse.optional(),
  /** Releases that this one interprets (政策解读), and those that interpret it. Either side is enough: each page shows the other. Left out of a change, they stay. */
  interprets: z.array(id).max(20).optional(),
  interpretations: z.array(id).max(50).optional(),
  organization: id.optional(),
});
export type ReleaseInput = z.infer<typeof releaseInput>;
