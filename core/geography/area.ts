/** What of a warning's area says where it is: the fields of its emergency block, or of a CAP area. */
import { z } from 'zod';

export const area = z.object({
  name: z.string().max(200),
  code: z.string().max(60).optional(),
  codes: z.array(z.string().max(60)).max(1_000).optional(),
  polygons: z.array(z.string().max(800_000)).max(100).optional(),
  circles: z.array(z.string().max(100)).max(100).optional(),
});
export type Area = z.infer<typeof area>;

export function codesOf({ code, codes = [] }: Area): string[] {
  return [...(code === undefined ? [] : [code]), ...codes].map((one) => one.trim()).filter(Boolean);
}
