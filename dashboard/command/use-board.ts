/** The board of the command screen: read anew after live news, never older than what is shown already. */
import { ref, shallowRef, watch, type Ref } from 'vue';
import { api, type Board } from '../api';
import { useCalm } from '../composables/use-calm';
import { asApiError, useLoading } from '../composables/use-loading';

/** Milliseconds between two readings. */
const pause = 400;

export interface BoardFilter {
  region: string | undefined;
  channel: string | undefined;
}

export function useBoard(release: string, filter: Ref<BoardFilter>) {
  const board = shallowRef<Board>();
  const { busy, failure, run } = useLoading();
  /** Counts up with each board that was taken. */
  const news = ref(0);

  async function read(): Promise<void> {
    const asked = filter.value;
    const came = await api.board(release, asked);
    if (asked !== filter.value) return;
    board.value = newest(board.value, came);
    news.value += 1;
  }

  const load = (): Promise<boolean> => run(read);
  /** By the server's clock: the moment whose changes must be in what is shown. */
  let since = '';
  const again = useCalm(pause, async () => {
    await read().then(
      () => (failure.value = undefined),
      // What is shown is old from now on, and the screen says so.
      (error: unknown) => (failure.value = asApiError(error)),
    );
    // Many who look share one reading, and this one may have been made before the change.
    if (failure.value === undefined && board.value && board.value.at < since) again();
  });
  function refresh(changed = ''): void {
    if (changed > since) since = changed;
    again();
  }
  watch(filter, () => void load());

  return { board, busy, failure, news, load, refresh };
}

/** Of two boards of the same place the one that was counted later, in whatever order they come. */
export function newest(shown: Board | undefined, came: Board): Board {
  if (!shown || shown.region.code !== came.region.code) return came;
  return came.at >= shown.at ? came : shown;
}
