/** Follows pictures that are being made ready for the channels, until each is ready or refused. */
import { onScopeDispose } from 'vue';
import { api } from '../api';
import type { DraftPicture } from './draft';

/** Milliseconds between two looks; longer after each, up to the last. */
const pauses = [500, 1_000, 2_000, 4_000];

/** `pictures` gives those of the draft as they are now. Answers what to call when there is a new one. */
export function usePreparing(pictures: () => readonly DraftPicture[]): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looks = 0;
  const unready = (): DraftPicture[] =>
    pictures().filter(({ state, hash }) => state === 'preparing' && hash !== undefined);

  async function look(): Promise<void> {
    await Promise.all(
      unready().map(async (picture) => {
        // A look that fails is made again: the picture is kept in the library all the same.
        const medium = await api.medium(picture.hash ?? '').catch(() => undefined);
        if (!medium) return;
        picture.state = medium.state;
        picture.progress = medium.prepared ?? picture.progress;
      }),
    );
    order();
  }

  function order(): void {
    clearTimeout(timer);
    if (unready().length === 0) return;
    timer = setTimeout(() => void look(), pauses[Math.min(looks, pauses.length - 1)]);
    looks += 1;
  }

  onScopeDispose(() => clearTimeout(timer));
  return () => {
    looks = 0;
    order();
  };
}
