/** In an exercise the copy of a picture that says 演练 stands for it, and in anything else the picture for its copy. */
import { LianfaError } from '../errors.js';
import { standIns, unmarkedAmong } from '../media/drill-copies.js';
import type { Revision } from '../model/release.js';
import type { Store } from '../store/store.js';
import type { ReleaseInput } from './input.js';

type Named = Pick<ReleaseInput, 'body' | 'pictures' | 'attachments' | 'cover' | 'emergency'>;

/** Everything in an input that may be the name of a medium. */
export function hashesIn({ body, pictures, attachments, cover }: Named): string[] {
  const inText = body.content.match(/\b[0-9a-f]{64}\b/g) ?? [];
  return [...new Set([...inText, ...[...pictures, ...attachments].map(({ hash }) => hash), ...(cover ? [cover] : [])])];
}

/** @throws LianfaError drill_picture_unmarked where an exercise has a picture without such a copy */
export async function withStandIns(store: Store, input: ReleaseInput): Promise<ReleaseInput> {
  const drill = input.emergency?.status === 'Exercise';
  const hashes = hashesIn(input);
  const other = hashes.length > 0 ? await standIns(store, hashes, drill) : new Map<string, string>();
  const instead = (hash: string): string => other.get(hash) ?? hash;
  const content = input.body.content.replace(/\b[0-9a-f]{64}\b/g, instead);
  const all = <T extends { hash: string }>(list: T[]): T[] => list.map((one) => ({ ...one, hash: instead(one.hash) }));
  const shown = {
    ...input,
    body: { ...input.body, content },
    pictures: all(input.pictures),
    attachments: all(input.attachments),
    ...(input.cover !== undefined && { cover: instead(input.cover) }),
  };
  if (drill) await refuseUnmarked(store, hashesIn(shown));
  return shown;
}

/** @throws LianfaError drill_picture_unmarked */
export async function refuseUnmarkedIn(store: Store, { emergency, pictures, attachments }: Revision): Promise<void> {
  if (emergency?.status !== 'Exercise') return;
  await refuseUnmarked(
    store,
    [...pictures, ...attachments].map(({ hash }) => hash),
  );
}

async function refuseUnmarked(store: Store, hashes: readonly string[]): Promise<void> {
  const [unmarked] = hashes.length > 0 ? await unmarkedAmong(store, hashes) : [];
  if (unmarked) throw new LianfaError('drill_picture_unmarked', { picture: unmarked.name });
}

/** Names of the files of an exercise on which no mark can be drawn: whoever signs is told. */
export function unmarkableIn({ emergency, attachments }: Pick<Revision, 'emergency' | 'attachments'>): string[] {
  if (emergency?.status !== 'Exercise') return [];
  return attachments.filter(({ mime }) => !mime.startsWith('image/')).map(({ name }) => name);
}
