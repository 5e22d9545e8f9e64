/** A draft from the first letter to the order: reading, importing, saving, signing, publishing. */
import { computed, reactive, ref, shallowRef } from 'vue';
import {
  api,
  ApiError,
  type Audience,
  type ImportChoices,
  type Lane,
  type ReleaseBody,
  type ReleaseSaved,
} from '../api';
import { useLoading } from '../composables/use-loading';
import type { timingOf } from '../plans/when';
import { draftOf, emptyDraft, toRelease, type Draft } from './draft';

type Timing = ReturnType<typeof timingOf>;

export function useComposing(id: string | undefined) {
  const draft = reactive<Draft>(emptyDraft());
  const release = shallowRef<ReleaseBody>();
  const dropped = shallowRef<ReleaseSaved['dropped']>([]);
  const kept = ref(JSON.stringify(toRelease(draft)));
  const reading = useLoading();
  const saving = useLoading();
  /** Which of the two acts of publishing is being done. */
  const doing = ref<'sign' | 'order'>();
  const dirty = computed(() => JSON.stringify(toRelease(draft)) !== kept.value || changeDiffers());

  /** What a saved draft is to the signed text may be said anew; of a signed one it is part. */
  function changeDiffers(): boolean {
    const change = release.value?.revision.change;
    return change !== undefined && release.value?.revision.signed === undefined && change !== draft.change;
  }

  function take(body: ReleaseBody, left: ReleaseSaved['dropped']): void {
    release.value = body;
    dropped.value = left;
    Object.assign(draft, draftOf(body));
    kept.value = JSON.stringify(toRelease(draft));
  }

  const read = (): Promise<boolean> =>
    reading.run(async () => {
      if (id !== undefined) take(await api.release(id), []);
    });
  const importDocument = (file: File, choices: ImportChoices): Promise<boolean> =>
    reading.run(async () => {
      const saved = await api.importRelease(file, draft.source.trim(), choices);
      take(saved.release, saved.dropped);
    });

  /** Saves only what changed; the text stays as it was typed, so that a save in between does not disturb. */
  async function store(): Promise<ReleaseBody> {
    if (release.value && !dirty.value) return release.value;
    const sent = toRelease(draft);
    const saved = release.value
      ? await api.updateRelease(release.value.id, release.value.revision.id, sent, draft.change)
      : await api.createRelease(sent);
    release.value = saved.release;
    dropped.value = saved.dropped;
    kept.value = JSON.stringify(sent);
    return saved.release;
  }

  const save = (): Promise<boolean> =>
    saving.run(async () => {
      await store();
    });
  const publish = (audience: Audience, lane: Lane, again: boolean, timing: Timing): Promise<boolean> =>
    saving.run(async () => {
      const { id: target, revision } = await store();
      try {
        doing.value = 'sign';
        if (!revision.signed) await sign(target, revision.id);
        doing.value = 'order';
        await api.publish(target, { revision: revision.id, audience, lane, ...(again && { again }), ...timing });
      } finally {
        doing.value = undefined;
      }
    });

  async function sign(target: string, revision: string): Promise<void> {
    try {
      release.value = await api.sign(target, revision);
      draft.of = target;
    } catch (error) {
      // It is told; once this page knows who signed, the next press only orders.
      if (error instanceof ApiError && error.code === 'already_signed')
        release.value = await api.release(target, revision).catch(() => release.value);
      throw error;
    }
  }

  return { draft, release, dropped, dirty, doing, reading, saving, read, importDocument, save, publish };
}
