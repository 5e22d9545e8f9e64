/** Which policy an interpretation belongs to (政策与解读双向链接): named by a release's id, or in a front matter by the file it was imported from. */
import { LianfaError } from '../errors.js';
import type { ReleaseInput } from './input.js';
import type { Store } from '../store/store.js';
import type { DroppedList } from '../body/dropped.js';
import { hasInvisible } from '../text.js';

/** The release with this id, else the newest that was imported from a file of this name. */
export async function releaseNamed(store: Store, name: string): Promise<string | undefined> {
  if (hasInvisible(name)) return undefined;
  if (await store.releases.exists({ _id: name })) return name;
  const [newest] = await store.releases.find({ document: name }).sort({ _id: -1 }).limit(1).lean();
  return newest?._id;
}

/** @throws LianfaError field_invalid for a link to a release that does not exist */
export async function requireReleases(
  store: Store,
  input: Pick<ReleaseInput, 'interprets' | 'interpretations'>,
): Promise<void> {
  for (const name of ['interprets', 'interpretations'] as const) {
    for (const [index, id] of (input[name] ?? []).entries()) {
      if (await store.releases.exists({ _id: id })) continue;
      throw new LianfaError('field_invalid', {
        field: `${name}.${index}`,
        reason: { zh: '没有这个发布件。', en: 'there is no such release.' },
      });
    }
  }
}

/** The links of a front matter as ids; what is not in the hub is told. A policy is often imported before its interpretation is written. */
export async function linksOf(
  fields: Record<string, unknown>,
  named: (name: string) => Promise<string | undefined>,
  dropped: DroppedList,
): Promise<Record<'interprets' | 'interpretations', string[]>> {
  const found = async (field: 'interprets' | 'interpretations', value: unknown): Promise<string[]> => {
    const ids: string[] = [];
    for (const name of listOf(value)) {
      const id = await named(name.split(/[/\\]/).at(-1) ?? name);
      if (id === undefined) dropped.tell(field, name.slice(0, 100));
      else ids.push(id);
    }
    return ids;
  };
  return {
    interprets: await found('interprets', fields['interprets']),
    interpretations: await found('interpretations', fields['interpretations']),
  };
}

function listOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value])
    .filter((entry): entry is string => typeof entry === 'string' && entry.trim() !== '')
    .map((entry) => entry.trim());
}
