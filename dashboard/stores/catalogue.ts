/** What hardly changes while somebody works: channels and the tree of units. Read once, when first needed. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { api, type ChannelInfo, type OrganizationBody } from '../api';
import { i18n } from '../i18n';

export const useCatalogue = defineStore('catalogue', () => {
  const channels = ref<ChannelInfo[]>([]);
  const organizations = ref<OrganizationBody[]>([]);
  const names = computed(() => new Map(channels.value.map((channel) => [channel.name, channel.label])));
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    channels.value = await api.channels();
    const units: OrganizationBody[] = [];
    let after: string | undefined;
    do {
      const page = await api.organizations(after);
      units.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    organizations.value = units;
  }

  /** @throws ApiError; the next call tries again. */
  function load(): Promise<void> {
    reading ??= read().catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  }

  /** The channel's name for people; its own name until it is known. */
  function channelName(name: string): string {
    return names.value.get(name)?.[i18n.global.locale.value] ?? name;
  }

  function forget(): void {
    reading = undefined;
  }

  return { channels, organizations, load, channelName, forget };
});
