/** How a warning has ended, as it is told: nothing here knows the store, for the dashboard reads it too. */
import { z } from 'zod';
import { endings } from '../../channels/emergency.js';
import { id, instant } from '../ids.js';

/** `until`: when it was to end by itself; `by`: another release that has ended it. */
export const end = z.object({ is: z.enum(endings), at: instant, until: instant.optional(), by: id.optional() });
export type End = z.infer<typeof end>;
