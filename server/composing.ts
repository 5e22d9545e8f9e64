/** Text as somebody hands it in: of an exercise, the copies of its pictures that say 演练 are made first. */
import { makeDrillCopies } from '../core/media/drill-copies.js';
import { composeContent } from '../core/releases/compose.js';
import { hashesIn } from '../core/releases/stand-ins.js';
import type { ReleaseInput } from '../core/releases/input.js';
import type { Services } from './services.js';

type Compose = (
  input: ReleaseInput,
  ...more: Parameters<typeof composeContent> extends [unknown, unknown, ...infer Rest] ? Rest : never
) => ReturnType<typeof composeContent>;

/** @throws LianfaError as `composeContent` */
export function openComposing({ store, library, media, log }: ComposingMeans): Compose {
  const prepare = (hash: string): Promise<void> =>
    // The copy is kept all the same; preparation finds it again by its state.
    media
      .prepare(hash)
      .catch((error: unknown) => log.warn({ err: error, medium: hash }, 'preparation could not be ordered'));
  return async (input, ...more) => {
    if (input.emergency?.status === 'Exercise') await makeDrillCopies({ store, library, prepare }, hashesIn(input));
    return composeContent(store, input, ...more);
  };
}

export type ComposingMeans = Pick<Services, 'store' | 'library' | 'media' | 'log'>;
