/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id } from '../../core/ids.js';
import { permissionNames, roles } from '../../core/model/roles.js';

/** Of the cookie that holds a session. Others may come with it. */
export const cookieName = 'lianfa';

/** The session of an answer, as whoever signed in sends it back; undefined where none came. */
export function sessionIn(headers: Headers): string | undefined {
  const own = headers.getSetCookie().find((cookie) => cookie.startsWith(`${cookieName}=`));
  return own?.split(';')[0];
}

// Sessions: POST /session, POST /session/code, GET /session, DELETE /session
export const signIn = z.object({ name: z.string().min(1).max(200), password: z.string().min(1).max(500) });
export const secondStep = z.object({ code: z.string().min(1).max(60) });
export const session = z.object({
  user: z.object({ id, name: z.string(), displayName: z.string(), organization: id.optional() }),
  /** Roles that hold now, and where: a unit's path, empty for the hub as a whole. */
  roles: z.array(z.object({ role: z.enum(roles), path: z.string() })),
  /** What the caller may somewhere. */
  may: z.array(z.enum(permissionNames)),
  /** What is to be done before anything else works: change the password that was given, set up the second step. */
  must: z.enum(['password', 'factor']).optional(),
  /** The second step is on; and in how many seconds there is a code that was not used. */
  code: z.object({ inSeconds: z.int() }).optional(),
  /** After a recovery code: how many are left. */
  recoveryCodesLeft: z.int().optional(),
});
export type Session = z.infer<typeof session>;
/** The password was right, and a code is asked for: POST /session/code. */
export const codeAsked = z.object({ next: z.literal('code') });
export const signedIn = z.union([session, codeAsked]);
export type SignedIn = z.infer<typeof signedIn>;

// POST /session/provider: where the browser goes to sign in there, and comes back from. `link`: an invitation to use it for.
export const providerStart = z.strictObject({
  returnTo: z.string().max(2_000).optional(),
  link: z.string().min(1).max(200).optional(),
});
export const providerAddress = z.object({ address: z.string() });

// GET /session/ways: how one can sign in here
export const ways = z.object({ provider: z.boolean() });
