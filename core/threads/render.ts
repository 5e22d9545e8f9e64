/** A rendition, made in a thread where the body is long. */
import { join } from 'node:path';
import type { AccountProfile, Channel, ReleaseContent, Rendition } from '../../channels/channel.js';
import { beside, longFrom } from './pool.js';
import { tasks } from './tasks.js';

const own = join(import.meta.dirname, '..', '..', 'channels');

/** `further`: folders with channels besides our own. @throws LianfaError document_takes_too_long, documents_waiting */
export async function renderBeside(
  channel: Channel,
  release: ReleaseContent,
  { id, name, organization, region, settings }: AccountProfile<unknown>,
  further: readonly string[],
): Promise<Rendition<unknown>> {
  const profile = { id, name, organization, region, settings };
  if (release.body.length < longFrom) return channel.render(release, profile);
  return beside(
    tasks.render,
    { folders: [own, ...further], channel: channel.name, release, profile },
    release.body.length,
  );
}
