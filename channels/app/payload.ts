/** What the app channel's rendition carries from rendering to publishing, and what is kept of it while it is public. */
import { z } from 'zod';
import { changes } from '../channel.js';
import { levels } from '../emergency.js';

const text = z.string().optional();

/** What the notification says, before it is fitted into each platform's bytes. */
const noticeSchema = z.object({
  title: z.string(),
  text: z.string(),
  /** Shown when the notification is opened out; absent where `text` says it all. */
  long: text,
  urgent: z.boolean(),
});
export type Notice = z.output<typeof noticeSchema>;

/** Plain JSON: it may travel between processes. Nothing here depends on the account. */
export const payloadSchema = z.object({
  kind: z.enum(['news', 'notice', 'policy', 'interpretation', 'emergency', 'live']),
  change: z.enum(changes).optional(),
  language: z.string(),
  title: z.string(),
  summary: z.string(),
  source: z.string(),
  author: text,
  columns: z.array(z.string()),
  keywords: z.array(z.string()),
  /** Media still named `media:HASH`. */
  body: z.string(),
  media: z.array(z.string()),
  cover: text,
  attachments: z.array(z.object({ hash: z.string(), name: z.string(), mime: z.string(), bytes: z.number() })),
  policy: z
    .object({
      index: text,
      number: text,
      issuer: text,
      signed: text,
      validity: text,
      topic: text,
      keywords: z.array(z.string()).optional(),
    })
    .optional(),
  warning: z
    .object({
      level: z.enum(levels),
      headline: z.string(),
      /** The release's title, with what has become of the warning where the author does not say it. */
      title: text,
      facts: z.array(z.object({ name: z.string(), value: z.string() })),
      lifted: z.boolean().default(false),
      /** An exercise: it is never in force, lifted or over, and stands as that alone. */
      drill: z.literal(true).optional(),
      /** Other releases whose warnings this one lifts. */
      lifts: z.array(z.string()).default([]),
      /** Other releases whose warnings this one replaces. */
      replaces: z.array(z.string()).default([]),
      /** Of a lifting: until when what it lifts was to hold. ISO 8601. */
      until: text,
      /** ISO 8601. */
      expires: text,
    })
    .optional(),
  notice: noticeSchema,
});
export type AppPayload = z.output<typeof payloadSchema>;
