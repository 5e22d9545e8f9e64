/** What the auditor asks for, kept in the address so that it can be sent to a colleague, and the entries that answer it. */
import { computed, ref, shallowRef, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { api, type AuditEntryBody, type AuditFilter } from '../api';
import { useLoading } from '../composables/use-loading';

export const views = ['all', 'signIns', 'refused'] as const;
export type View = (typeof views)[number];

const fields = ['person', 'unit', 'release', 'from', 'to', 'view'] as const;
type Field = (typeof fields)[number];

export function useAudit() {
  const route = useRoute();
  const router = useRouter();
  const reading = useLoading();
  const entries = shallowRef<AuditEntryBody[]>();
  const next = ref<number>();

  const asked = computed(() =>
    Object.fromEntries(
      fields.flatMap((field) => (given(route.query[field]) ? [[field, given(route.query[field])]] : [])),
    ),
  ) as { value: Partial<Record<Field, string>> };
  const view = computed<View>(() => views.find((one) => one === asked.value.view) ?? 'all');
  const filter = computed<AuditFilter>(() => {
    const { person, unit, release, from, to } = asked.value;
    return {
      person,
      unit,
      release,
      from: midnight(from, 0),
      to: midnight(to, 1),
      ...(view.value === 'signIns' && { act: 'session.' }),
      ...(view.value === 'refused' && { outcome: 'refused' as const }),
    };
  });

  function ask(change: Partial<Record<Field, string | undefined>>): void {
    const query = Object.fromEntries(Object.entries({ ...asked.value, ...change }).filter(([, value]) => value));
    void router.replace({ query });
  }

  function clear(): void {
    void router.replace({ query: view.value === 'all' ? {} : { view: view.value } });
  }

  async function read(more = false): Promise<void> {
    await reading.run(async () => {
      const page = await api.audit(filter.value, more ? next.value : undefined);
      entries.value = [...((more && entries.value) || []), ...page.items];
      next.value = page.next;
    });
  }

  watch(filter, () => void read(), { immediate: true });
  return { asked, view, filter, entries, next, busy: reading.busy, failure: reading.failure, ask, clear, read };
}

function given(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The midnight in Beijing that begins the day, or so many days after it. */
function midnight(day: string | undefined, later: number): string | undefined {
  const time = new Date(`${day ?? ''}T00:00:00+08:00`).getTime();
  return Number.isNaN(time) ? undefined : new Date(time + later * 86_400_000).toISOString();
}
