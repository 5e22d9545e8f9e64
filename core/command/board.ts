/** What the command screen is told of one release: everything counted from rows at one moment, which it names. */
import { z } from 'zod';
import { id, instant } from '../ids.js';
import { orderStates } from '../model/order.js';
import { states } from '../model/states.js';
import { said } from '../said.js';
import { count, placementRow } from '../placements/report.js';
import { end } from '../releases/ending.js';

/** A GB/T 2260 code; `000000` is the whole country. */
export const regionCode = z.string().regex(/^\d{6}$/);
const stateCounts = z.partialRecord(z.enum(states), z.int());

/** What one person does for all of a group at once. `wait`: it goes on by itself. `none`: it was called off. */
export const acts = ['retry', 'credentials', 'thaw', 'wait', 'none'] as const;

export const tile = z.object({
  /** A region's code, or a unit's id where the region is a city. */
  id: z.string(),
  kind: z.enum(['region', 'unit']),
  name: z.string(),
  states: stateCounts,
  total: z.int(),
});
export const causeGroup = z.object({
  /** Absent of rows that were written before causes were kept. */
  why: z.string().optional(),
  channel: z.string(),
  state: z.enum(states),
  count: z.int(),
  cause: said.optional(),
  todo: said.optional(),
  code: z.string().optional(),
  act: z.enum(acts),
});
export const board = z.object({
  release: id,
  /** When it was counted. */
  at: instant,
  region: z.object({ code: regionCode, name: z.string() }),
  /** From the country down to the region above this one. */
  above: z.array(z.object({ code: regionCode, name: z.string() })),
  tiles: z.array(tile),
  /** Of the tiles: their sum. */
  total: z.int(),
  /** Of the whole release, by channel and state, from the same reading as the tiles of regions. */
  counts: z.array(count),
  /** Accounts that were signed for and that the order under way has not met yet: with them the counts are the number signed. */
  toCome: z.int(),
  causes: z.array(causeGroup),
  /** By when rows came to the state that they are in now. `every`: seconds. */
  pace: z.object({
    every: z.int(),
    from: instant,
    steps: z.array(stateCounts),
  }),
  /** From the hand-out to the platform's answer, of the newest rows: milliseconds. */
  answers: z.array(z.object({ channel: z.string(), count: z.int(), p50Ms: z.int(), p95Ms: z.int() })),
  /** Units with accounts that wait for a person's act or word, the most first. */
  unconfirmed: z.array(z.object({ organization: id, name: z.string(), region: z.string(), count: z.int() })),
  /** `knownAt`: the earliest the hub knows of the event, from which the statutory hours are counted here. */
  clocks: z.object({ signedAt: instant.optional(), deadline: instant.optional(), knownAt: instant.optional() }),
  /** The messages in their order. */
  messages: z.array(
    z.object({
      revision: id,
      number: z.int(),
      title: z.string(),
      message: z.enum(['Alert', 'Update', 'Cancel']).optional(),
      exercise: z.literal(true).optional(),
      signedAt: instant.optional(),
      /** Of a warning that is over: how and when. */
      ended: end.optional(),
      orders: z.array(z.object({ seq: z.int(), state: z.enum(orderStates), at: instant })),
    }),
  ),
});
/** GET /releases/:id/troubles: rows that failed, wait or need a person. `total`: how many the filter holds. */
export const troubles = z.object({ items: z.array(placementRow), total: z.int(), next: z.string().optional() });

/** GET /releases/:id/on-duty: whom to telephone of the units that have not confirmed, as far as whoever asks may see their rosters. */
export const onDuty = z.object({
  items: z.array(
    z.object({
      organization: id,
      people: z.array(z.object({ name: z.string(), unit: z.string(), level: z.int(), phone: z.string() })),
    }),
  ),
});

export type OnDutyBody = z.infer<typeof onDuty>;
export type Board = z.infer<typeof board>;
export type Tile = z.infer<typeof tile>;
export type CauseGroup = z.infer<typeof causeGroup>;
export type Troubles = z.infer<typeof troubles>;
