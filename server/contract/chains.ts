/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id, instant } from '../../core/ids.js';
import { occasions, stepRoles } from '../../core/model/chain.js';
import { kinds } from '../../core/model/release.js';
import { line } from '../../core/text.js';

export const chainStep = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  name: z.object({ zh: line(20), en: line(40) }),
  role: z.enum(stepRoles),
  persons: z.array(id).max(50).optional().describe('only these, of those with the role / 只由其中这些人办理'),
});
/** PUT /chains: the chain of a unit from now on; reviews under way keep theirs. Without steps, the one above counts again. */
export const chainOrder = z.object({
  organization: id.optional().describe("the caller's own unit unless told / 不填为本单位"),
  kind: z.enum(kinds).optional(),
  occasion: z.enum(occasions).optional(),
  steps: z.array(chainStep).max(9),
  seen: z
    .int()
    .min(0)
    .optional()
    .describe('the version that was looked at, 0 for none: another by now is refused / 所见版本，已有更新则不改'),
});
/** PUT /chains/solo: who may write and sign alone (单人值守), of a unit and all below it. */
export const soloOrder = z.object({ organization: id.optional(), persons: z.array(id).max(50) });
export const solo = z.object({ unit: z.string(), persons: z.array(id), by: z.string(), at: instant });
export const chain = z.object({
  /** Empty: the hub as a whole. */
  unit: z.string(),
  kind: z.enum(kinds).optional(),
  occasion: z.enum(occasions).optional(),
  version: z.int(),
  steps: z.array(chainStep),
  by: z.string(),
  at: instant,
  overruled: z
    .literal(true)
    .optional()
    .describe('asks less than one above it, so it counts for nothing / 比上级宽松，不起作用'),
});
/** GET /chains: those of the caller's units, of the units above that they inherit from, and below. */
export const chains = z.object({
  standard: z.array(chainStep),
  items: z.array(chain),
  solo: z.array(solo),
  glass: z.array(solo),
});
/** GET /chains/unit: what is in force for one unit, where it comes from, and what was before. Without `organization` of the hub as a whole. */
export const unitChainsQuery = z.object({ organization: id.optional() });
/** The unit's name; absent for the hub as a whole. */
const unitName = z.string().optional();
export const unitChains = z.object({
  unit: z.string(),
  unitName,
  mayManage: z.boolean(),
  inForce: z.array(
    z.object({
      kind: z.enum(kinds),
      occasion: z.enum(occasions),
      steps: z.array(chainStep),
      version: z.int(),
      /** Who set it; `nobody`: it is the standard one. */
      from: z.enum(['own', 'above', 'nobody']),
      unitName,
    }),
  ),
  own: z.array(chain),
  versions: z.array(chain),
  /** Who may write and sign alone there, by this unit's word or by one above it. */
  solo: z.array(solo.extend({ own: z.boolean(), unitName })),
});
export type UnitChains = z.infer<typeof unitChains>;
export type ChainsBody = z.infer<typeof chains>;
export type ChainBody = z.infer<typeof chain>;
