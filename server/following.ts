/** What an edit is to what is signed already. */
import type { Following } from '../core/documents/header-fields.js';
import type { Services } from './services.js';

/** `given` where a revision of the release is signed; before that there is nothing to correct or to follow. */
export async function followingOf(
  store: Services['store'],
  given: Following | undefined,
): Promise<Following | undefined> {
  if (!given) return undefined;
  const release = await store.releases.findById(given.release, { signed: 1 }).lean();
  return release?.signed === undefined ? undefined : given;
}
