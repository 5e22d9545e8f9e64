/** The revisions of a release: what stands on an account is told by a revision's id, people speak of its number. */
import { shallowRef } from 'vue';
import { api, type PlacementRow, type ReleaseStatus, type RevisionRow } from '../api';

export type Revisions = ReturnType<typeof useRevisions>;

export function useRevisions(release: string) {
  const rows = shallowRef<ReadonlyMap<string, RevisionRow>>(new Map());

  async function load(): Promise<void> {
    rows.value = new Map((await api.revisions(release)).map((row) => [row.id, row]));
  }

  const numberOf = (revision: string | undefined): string =>
    String((revision !== undefined && rows.value.get(revision)?.number) || '?');

  const titleOf = (revision: string | undefined): string =>
    (revision === undefined ? undefined : rows.value.get(revision)?.title) ?? '';

  /** An update leaves what went out before it. */
  const keeps = ({ wanted }: Pick<PlacementRow, 'wanted'>): boolean =>
    wanted.revision !== undefined && rows.value.get(wanted.revision)?.change === 'update';

  /** What stands although something else is wanted. */
  const leftover = (row: Pick<PlacementRow, 'wanted' | 'standing'>): PlacementRow['standing'] =>
    row.standing.filter(({ revision, seen }) => revision !== row.wanted.revision && seen !== 'held' && !keeps(row));

  /** Of an order, by its sequence. */
  const orderedBy = (status: ReleaseStatus, seq: number): ReleaseStatus['orders'][number] | undefined =>
    status.orders.find((order) => order.seq === seq);

  return { load, numberOf, titleOf, keeps, leftover, orderedBy };
}
