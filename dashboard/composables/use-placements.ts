/** One page of a release's placements at a time, by key: as quick with 144,000 rows as with ten. */
import { computed, reactive, ref, watch } from 'vue';
import { api, type PlacementFilter, type PlacementRow } from '../api';
import { useCalm, useSettled } from './use-calm';
import { useLoading } from './use-loading';

export const pageSize = 50;

export function usePlacements(release: string) {
  const filter = reactive<PlacementFilter>({});
  const rows = ref<PlacementRow[]>();
  const next = ref<string>();
  /** The keys that led here; the last is of the page shown. */
  const trail = ref<(string | undefined)[]>([undefined]);
  const { busy, failure, run } = useLoading();
  let abort = new AbortController();

  async function fetchPage(): Promise<void> {
    abort.abort();
    abort = new AbortController();
    const page = await api.placements(release, filter, trail.value.at(-1), pageSize, abort.signal);
    rows.value = page.items;
    next.value = page.next;
  }

  const load = (): Promise<boolean> => run(fetchPage);
  /** After live news: no skeleton, no error of its own; the live line already tells when data is old. */
  const refresh = useCalm(700, () => fetchPage().catch(() => undefined));

  function turn(to: (string | undefined)[]): void {
    trail.value = to;
    void load();
  }

  const first = (): void => turn([undefined]);
  const settled = useSettled(300, first);
  watch(() => [filter.channel, filter.state], first);
  watch(() => filter.q, settled);

  return {
    filter,
    rows,
    busy,
    failure,
    load,
    refresh,
    from: computed(() => (trail.value.length - 1) * pageSize + 1),
    hasNext: computed(() => next.value !== undefined),
    hasPrevious: computed(() => trail.value.length > 1),
    nextPage: () => {
      if (next.value !== undefined) turn([...trail.value, next.value]);
    },
    previousPage: () => turn(trail.value.slice(0, -1)),
  };
}
