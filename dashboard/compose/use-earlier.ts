/** Releases that are in the hub already, to point to. */
import { shallowRef } from 'vue';
import { api, type ReleaseRow } from '../api';
import { useLoading } from '../composables/use-loading';

/** `rows` is undefined until `find` has been answered: those of the newest 200 that fit. */
export function useEarlier(fits: (row: ReleaseRow) => boolean) {
  const rows = shallowRef<ReleaseRow[]>();
  const { busy, failure, run } = useLoading();
  const find = (): Promise<boolean> =>
    run(async () => {
      rows.value = (await api.releases(undefined, 200)).items.filter(fits);
    });
  return { rows, busy, failure, find };
}
