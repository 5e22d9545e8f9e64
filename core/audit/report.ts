/** What is told of the book of acts to whoever reads it. */
import { z } from 'zod';
import { said } from '../said.js';

export const exportFormats = ['csv', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What may be wrong with the line, in the order of the rules. */
export const breaks = [
  'changed',
  'missing',
  'added',
  'reordered',
  'link',
  'origin',
  'rewritten',
  'shorter',
  'head',
] as const;

/** What came of a check, as it is kept. */
export const finding = z.discriminatedUnion('state', [
  z.object({ state: z.literal('intact'), entries: z.int(), hash: z.string() }),
  z.object({ state: z.literal('broken'), entries: z.int(), at: z.number(), what: z.enum(breaks), said }),
  z.object({ state: z.literal('unchecked'), said }),
]);
export type Finding = z.infer<typeof finding>;
