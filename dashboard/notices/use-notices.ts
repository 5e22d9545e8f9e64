/** What the bell knows: how much nobody has seen, and the notices themselves once it is opened. */
import { onScopeDispose, ref } from 'vue';
import { api, type NoticeBody } from '../api';
import { useLoading } from '../composables/use-loading';
import { usePersonal } from '../stores/personal';

const everyMinute = 60_000;

export function useNotices() {
  const unseen = ref(0);
  const rows = ref<NoticeBody[]>();
  const next = ref<string>();
  const { busy, failure, run } = useLoading();

  function load(): Promise<boolean> {
    return run(async () => show(await api.notices()));
  }

  function more(): Promise<boolean> {
    return run(async () => {
      const page = await api.notices(next.value);
      rows.value = [...(rows.value ?? []), ...page.items];
      next.value = page.next;
    });
  }

  function seen(id: string): Promise<boolean> {
    return run(async () => {
      await api.noticeSeen(id);
      show(await api.notices());
    });
  }

  function allSeen(): Promise<boolean> {
    return run(async () => {
      const newest = rows.value?.[0];
      if (newest) await api.noticesSeen(newest.id);
      show(await api.notices());
    });
  }

  function show(page: Awaited<ReturnType<typeof api.notices>>): void {
    rows.value = page.items;
    next.value = page.next;
    unseen.value = page.unseen;
  }

  /** In the background; what fails there is tried again a minute later, and told when the bell is opened. */
  async function count(): Promise<void> {
    if (document.hidden) return;
    void usePersonal().look();
    unseen.value = await api.unseenNotices().catch(() => unseen.value);
  }

  const timer = setInterval(() => void count(), everyMinute);
  document.addEventListener('visibilitychange', count);
  onScopeDispose(() => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', count);
  });
  void count();

  return { unseen, rows, next, busy, failure, load, more, seen, allSeen };
}

export type Notices = ReturnType<typeof useNotices>;
