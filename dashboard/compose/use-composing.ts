/** A draft from the first letter to the signature: reading, importing, saving, publishing. */
import { computed, reactive, ref, shallowRef } from 'vue';
import { api, type Audience, type Lane, type ReleaseBody, type ReleaseSaved } from '../api';
import { useLoading } from '../composables/use-loading';
import { draftOf, emptyDraft, toRelease, type Draft } from './draft';

export function useComposing(id: string | undefined) {
  const draft = reactive<Draft>(emptyDraft());
  const release = shallowRef<ReleaseBody>();
  const dropped = shallowRef<ReleaseSaved['dropped']>([]);
  const kept = ref(JSON.stringify(toRelease(draft)));
  const reading = useLoading();
  const saving = useLoading();
  const dirty = computed(() => JSON.stringify(toRelease(draft)) !== kept.value);

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
  const importDocument = (file: File): Promise<boolean> =>
    reading.run(async () => {
      const saved = await api.importRelease(file);
      take(saved.release, saved.dropped);
    });

  /** Saves only what changed; the text stays as it was typed, so that a save in between does not disturb. */
  async function store(): Promise<ReleaseBody> {
    if (release.value && !dirty.value) return release.value;
    const sent = toRelease(draft);
    const saved = release.value
      ? await api.updateRelease(release.value.id, release.value.revision.id, sent)
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
  const publish = (audience: Audience, lane: Lane): Promise<boolean> =>
    saving.run(async () => {
      const { id: target, revision } = await store();
      await api.publish(target, { revision: revision.id, audience, lane });
    });

  return { draft, release, dropped, dirty, reading, saving, read, importDocument, save, publish };
}
