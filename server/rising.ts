/** A session that rises: whoever knew its id before knows nothing now. */
import type { Request } from 'express';
import type { SessionData } from 'express-session';
import type { Person } from '../core/model/person.js';
import { fromOf } from './door.js';

/** A new id, with this in it and nothing from before. */
export async function rise(request: Request, data: Partial<SessionData>): Promise<void> {
  await new Promise<void>((done, fail) =>
    request.session.regenerate((error: unknown) => (error ? fail(error) : done())),
  );
  Object.assign(request.session, data);
}

/** The session of somebody who has come in just now, or goes on after a change of their own. */
export function sessionOf(
  { _id, rights }: Pick<Person, '_id' | 'rights'>,
  request: Request,
  begun = request.session.begun,
): Partial<SessionData> {
  return { person: _id, rights, begun: begun ?? { at: Date.now(), ...fromOf(request) } };
}

/** A cookie of the request by its name. */
export function cookieIn(request: Request, name: string): string | undefined {
  return new RegExp(`(?:^|;\\s*)${name}=([\\w.-]+)`).exec(request.get('cookie') ?? '')?.[1];
}
