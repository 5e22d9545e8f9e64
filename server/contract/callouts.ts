/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { calloutHappenings, calloutStates, itemStates, messageStates, reasons } from '../../core/model/callout.js';
import { ways } from '../../core/model/duty.js';
import { id, instant } from '../../core/ids.js';
import { said } from '../../core/said.js';
import { line } from '../../core/text.js';

const message = z.object({
  n: z.int(),
  kind: z.enum(['call', 'stand-down']),
  name: z.string(),
  unit: z.string(),
  /** Levels above the account's own unit. */
  level: z.int(),
  step: z.int(),
  way: z.enum(ways),
  phone: z.string().optional(),
  state: z.enum(messageStates),
  /** Four truths, none of which follows from another. */
  sentAt: instant.optional(),
  acceptedAt: instant.optional(),
  openedAt: instant.optional(),
  receiptAt: instant.optional(),
  cause: said.optional(),
});

export const receiptBody = z.object({
  at: instant,
  /** What of the list it is for. */
  item: id,
  name: z.string(),
  url: z.string().optional(),
  words: z.string().optional(),
  picture: z.string().optional(),
  late: z.boolean(),
});

const item = z.object({
  id,
  title: z.string(),
  account: z.string(),
  channel: z.string(),
  reason: z.enum(reasons),
  cause: said.optional(),
  todo: said.optional(),
  /** What a loudspeaker is to read. */
  spoken: z.string().optional(),
  state: z.enum(itemStates),
});

/** One unit's list of what asks for a hand, and who was told of it. */
export const callout = z.object({
  id,
  organization: id,
  unit: z.string(),
  lane: z.enum(['emergency', 'routine']),
  items: z.array(item.extend({ placement: id, release: id })),
  exercise: z.boolean(),
  state: z.enum(calloutStates),
  /** Every step had its turn and nobody has answered. */
  exhausted: z.boolean(),
  at: instant,
  /** When the next step is told. */
  stepAt: instant.optional(),
  messages: z.array(message),
  receipts: z.array(receiptBody),
  happened: z.array(
    z.object({
      at: instant,
      is: z.enum(calloutHappenings),
      item: id.optional(),
      name: z.string().optional(),
      unit: z.string().optional(),
      step: z.int().optional(),
      way: z.enum(ways).optional(),
      cause: said.optional(),
    }),
  ),
});
export type CalloutBody = z.infer<typeof callout>;

/**
 * GET /releases/:id/callouts/figures. Of the messages that called somebody: what has left, what the next system has taken,
 * what was opened by hand, and what brought a receipt. None follows from another, and zero is zero.
 */
export const calloutFigures = z.object({
  callouts: z.int(),
  items: z.int(),
  /** Items that have a person's word. */
  answered: z.int(),
  calls: z.int(),
  sent: z.int(),
  accepted: z.int(),
  opened: z.int(),
  receipts: z.int(),
  /** Lists for which there was nobody to tell. */
  nobody: z.int(),
});
export type CalloutFigures = z.infer<typeof calloutFigures>;

/** What a person copies where no API takes it, in this order; `old`: what is to be taken away in the same act. */
export const handCopy = z.object({
  parts: z.array(
    z.discriminatedUnion('is', [
      z.object({ is: z.literal('text'), label: said, text: z.string() }),
      z.object({ is: z.literal('picture'), hash: z.string(), variant: z.string(), alt: z.string() }),
    ]),
  ),
  old: z.array(z.object({ title: z.string(), url: z.string().optional() })),
  /** Over by the clock since then: it is not to be put anywhere any more. */
  overSince: instant.optional(),
});
export type HandCopy = z.infer<typeof handCopy>;

/** GET /callouts?state&after&limit, newest last. */
export const calloutQuery = z.object({
  state: z.enum(calloutStates).default('calling'),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
});

/** GET /callouts/settings. Secrets are never answered, only whether there are any. */
export const calloutSettings = z.object({
  mail: z
    .object({
      host: z.string(),
      port: z.int(),
      secure: z.boolean(),
      from: z.string(),
      user: z.string().optional(),
      password: z.boolean(),
    })
    .optional(),
  sms: z
    .object({
      adapter: z.string(),
      settings: z.record(z.string(), z.unknown()),
      credentials: z.boolean(),
      parts: z.int().optional(),
    })
    .optional(),
  webhook: z.boolean(),
  /** Providers that are installed, with the form of their settings and secrets (JSON Schema). */
  adapters: z.array(z.object({ name: z.string(), label: said, settings: z.unknown(), credentials: z.unknown() })),
  /** Shown once, where it was made now. */
  webhookSecret: z.string().optional(),
});
export type CalloutSettingsBody = z.infer<typeof calloutSettings>;

/** PUT /callouts/settings. What is left out stays; null takes a way off. */
export const calloutSettingsChange = z.object({
  mail: z
    .object({
      host: z.string().min(1).max(253),
      port: z.int().min(1).max(65_535),
      /** TLS from the first byte; else STARTTLS where there is a user. */
      secure: z.boolean(),
      from: z.string().min(3).max(200),
      user: z.string().min(1).max(200).optional(),
      password: z.string().min(1).max(500).optional(),
    })
    .nullable()
    .optional(),
  sms: z
    .object({
      adapter: z.string().min(1).max(40),
      settings: z.record(z.string(), z.unknown()),
      credentials: z.record(z.string(), z.unknown()).optional(),
    })
    .nullable()
    .optional(),
  newWebhookSecret: z.boolean().optional(),
});

const token = z.string().max(200);
/** POST /receipts/look. Nobody is signed in; that it was opened is kept. */
export const receiptLook = z.object({ token });
export const receiptShown = z.object({
  unit: z.string(),
  name: z.string(),
  exercise: z.boolean(),
  state: z.enum(calloutStates),
  items: z.array(
    item.extend({
      /** This link has answered for it. */
      used: z.boolean(),
      /** What has been confirmed so far, by whom. */
      receipts: z.array(z.object({ at: instant, name: z.string() })),
      copy: handCopy.optional(),
    }),
  ),
});
export type ReceiptShown = z.infer<typeof receiptShown>;

/** POST /receipts/picture answers the picture's hash, for the confirmation. The link stands in a header, the picture is the body. */
export const receiptHeader = z.object({ 'x-receipt': token });
export const receiptPicture = z.object({ picture: z.string() });

/** POST /receipts/copy-picture answers a picture that is to be put there, as large as it is to be saved. */
export const copyPicture = z.object({ token, item: id, hash: z.string().regex(/^[0-9a-f]{64}$/) });

/** POST /receipts/confirm: with a picture, an address or words, for one thing on the list. */
export const receiptGiven = z.object({
  token,
  item: id.optional(),
  name: line(60),
  url: z
    .url({ protocol: /^https?$/ })
    .max(1_000)
    .optional(),
  words: z.string().trim().min(1).max(300).optional(),
  picture: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export const receiptTaken = z.object({ item: z.enum(itemStates), state: z.enum(calloutStates), late: z.boolean() });
