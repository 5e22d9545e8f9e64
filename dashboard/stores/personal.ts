/** What concerns the person alone: one list for the bell and for the page where they arrive. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { api, type PersonalNoticeBody } from '../api';

export const usePersonal = defineStore('personal', () => {
  const rows = ref<PersonalNoticeBody[]>([]);
  const unread = computed(() => rows.value.filter(({ seen }) => !seen));

  /** In the background; what fails there is tried again with the next look. */
  async function look(): Promise<void> {
    const found = await api.personalNotices(true).catch(() => undefined);
    if (found) rows.value = found.items;
  }

  /** @throws ApiError */
  async function allSeen(): Promise<void> {
    const [newest] = unread.value;
    if (newest) await api.personalNoticesSeen(newest.id);
    rows.value = (await api.personalNotices()).items;
  }

  /** They are of who was signed in. */
  function forget(): void {
    rows.value = [];
  }

  return { rows, unread, look, allSeen, forget };
});
