/** What of a warning's area says where it is: the fields of its emergency block, or of a CAP area. */
import { z } from 'zod';

export const area = z.object({
  name: z.string().max(200),
  code: z.string().max(60).optional(),
  /** Further codes, under the name of what they are of. */
  geocodes: z
    .array(z.object({ name: z.string().max(200), value: z.string().max(200) }))
    .max(500)
    .optional(),
  polygons: z.array(z.string().max(800_000)).max(200).optional(),
  circles: z.array(z.string().max(100)).max(200).optional(),
});
export type Area = z.infer<typeof area>;

/** Its codes, of whatever they are: one that is none of ours is a gap. */
export function codesOf({ code = '', geocodes = [] }: Area): string[] {
  return [code, ...geocodes.map(({ value }) => value)].map((one) => one.trim()).filter(Boolean);
}
