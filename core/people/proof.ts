/** What is asked for again before something that lets people in changes, as it comes with a request. */
import { z } from 'zod';

export const proofGiven = z.strictObject({
  password: z.string().max(500).default(''),
  code: z.string().max(60).optional(),
});
export type Proof = z.output<typeof proofGiven>;
