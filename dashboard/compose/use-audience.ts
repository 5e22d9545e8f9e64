/** Whom it goes to, and how many accounts that is right now. */
import { computed, reactive, shallowRef, watch } from 'vue';
import { areasTaken } from '../../core/geography/area-input';
import { api, type Audience, type AudienceSize } from '../api';
import { useSettled } from '../composables/use-calm';
import { useLoading } from '../composables/use-loading';
import type { Area } from './warning';

export function nothingChosen(): Required<Audience> {
  return { channels: [], organizations: [], regions: [], tags: [], polygons: [], circles: [], except: [] };
}

export function useAudience() {
  const chosen = reactive<Required<Audience>>(nothingChosen());
  const size = shallowRef<AudienceSize>();
  const { busy, failure, run } = useLoading();
  let abort = new AbortController();

  /** Those that name somebody: a line that was only begun leaves nobody out. */
  const exceptions = computed(() =>
    chosen.except
      .filter(({ organizations = [], accounts = [] }) => organizations.length + accounts.length > 0)
      .map((one) => ({ ...one, reason: one.reason.trim() })),
  );

  /** What is sent: an empty list would mean "all", so it is left out; no channel at all is never sent. */
  const selector = computed<Audience>(() => ({
    channels: [...chosen.channels],
    ...(chosen.organizations.length > 0 && { organizations: [...chosen.organizations] }),
    ...(chosen.regions.length > 0 && { regions: [...chosen.regions] }),
    ...(chosen.tags.length > 0 && { tags: [...chosen.tags] }),
    ...(chosen.polygons.length > 0 && { polygons: [...chosen.polygons] }),
    ...(chosen.circles.length > 0 && { circles: [...chosen.circles] }),
    ...(exceptions.value.length > 0 && { except: exceptions.value }),
  }));

  let newest: Promise<void> = Promise.resolve();

  /** Resolves with the newest count: who is overtaken by a later one waits for that. */
  async function count(): Promise<void> {
    let known = (newest = counted());
    await known;
    while (known !== newest) await (known = newest);
  }

  async function counted(): Promise<void> {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    if (chosen.channels.length === 0) {
      size.value = { total: 0, byChannel: {} };
      return;
    }
    await run(async () => {
      size.value = await api.audience(selector.value, signal);
    });
  }

  const settled = useSettled(250, () => void count());
  watch(
    chosen,
    () => {
      // Never an old number beside a new choice.
      size.value = undefined;
      settled();
    },
    { deep: true },
  );

  /** Takes over what a saved audience says; channels stay where it names none. */
  function take(saved: Audience): void {
    Object.assign(chosen, nothingChosen(), { channels: chosen.channels }, structuredClone(saved));
  }

  /** Adds where a warning holds: its shapes, and of its codes those that some unit carries. Answers how many of each it names. */
  function takeAreas(
    areas: readonly Area[],
    carried: readonly string[],
  ): { shapes: number; codes: number; unknown: string[] } {
    const { polygons, circles, regions, unknown } = areasTaken(areas, carried);
    chosen.polygons = [...new Set([...chosen.polygons, ...polygons])];
    chosen.circles = [...new Set([...chosen.circles, ...circles])];
    chosen.regions = [...new Set([...chosen.regions, ...regions])];
    return { shapes: polygons.length + circles.length, codes: regions.length, unknown };
  }

  return { chosen, selector, size, busy, failure, count, take, takeAreas };
}
