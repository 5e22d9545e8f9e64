/** What is frozen, as every screen shows it: looked at again and again, and at once where a live line tells of a change. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { api, type FreezeBody, type PublisherBody } from '../api';

export const useFreezes = defineStore('freezes', () => {
  const all = ref<FreezeBody[]>([]);
  const processes = ref<PublisherBody[]>();
  /** The last look has failed: what is shown may be old. */
  const unread = ref(false);
  const inForce = computed(() => all.value.filter(({ thawed }) => !thawed));
  const past = computed(() => all.value.filter(({ thawed }) => thawed));

  /** In the background; a look that fails is told, and taken again. */
  async function look(): Promise<void> {
    try {
      const list = await api.freezes(true);
      all.value = list.items;
      processes.value = list.processes;
      unread.value = false;
    } catch {
      unread.value = true;
    }
  }

  return { all, inForce, past, processes, unread, look };
});
