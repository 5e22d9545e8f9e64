/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id } from '../../core/ids.js';
import { permissionNames, roles } from '../../core/model/roles.js';

// Sessions: POST /session, GET /session, DELETE /session
export const signIn = z.object({ name: z.string().min(1).max(100), password: z.string().min(1).max(500) });
export const session = z.object({
  user: z.object({ id, name: z.string(), displayName: z.string(), organization: id.optional() }),
  /** Roles that hold now, and where: a unit's path, empty for the hub as a whole. */
  roles: z.array(z.object({ role: z.enum(roles), path: z.string() })),
  /** What the caller may somewhere. */
  may: z.array(z.enum(permissionNames)),
});
// GET /people: who the ids in `by` and `createdBy` are.
export const person = z.object({ id, displayName: z.string() });
export type Session = z.infer<typeof session>;
export type Person = z.infer<typeof person>;
