/** A draft from the first letter to its review: reading, importing, saving, submitting. */
import { computed, reactive, ref, shallowRef } from 'vue';
import {
  api,
  type Audience,
  type Comparison,
  type ImportChoices,
  type Lane,
  type ReleaseBody,
  type ReleaseSaved,
  type ReviewBody,
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
  const submitted = shallowRef<ReviewBody>();
  /** What somebody else has saved meanwhile. */
  const theirs = shallowRef<{ comparison: Comparison; newest: ReleaseBody }>();
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
  /** Saves, and submits what is saved. */
  const submit = (
    audience: Audience,
    lane: Lane,
    { again, live, deadline }: { again: boolean; live: boolean; deadline?: number | undefined },
    timing: Timing,
  ): Promise<boolean> =>
    saving.run(async () => {
      const { id: target, revision } = await store();
      submitted.value = await api.submit(target, {
        revision: revision.id,
        audience,
        lane,
        ...(again && { again }),
        ...(live && { live }),
        ...(deadline !== undefined && { deadline }),
        ...timing,
      });
    });

  /** Somebody else saved first: what differs between this text and theirs. Nothing of either is lost. */
  const readTheirs = (): Promise<boolean> =>
    reading.run(async () => {
      const mine = release.value;
      if (!mine) return;
      const [comparison, newest] = await Promise.all([
        api.compareDraft(mine.id, mine.revision.id, toRelease(draft), draft.change),
        api.release(mine.id),
      ]);
      theirs.value = { comparison, newest };
    });

  /** What was typed here becomes the revision after theirs. */
  function keepMine(): void {
    if (theirs.value) release.value = theirs.value.newest;
    kept.value = '';
    theirs.value = undefined;
  }

  function takeTheirs(): void {
    if (theirs.value) take(theirs.value.newest, []);
    theirs.value = undefined;
  }

  return {
    ...{ draft, release, dropped, dirty, submitted, theirs, reading, saving },
    ...{ read, importDocument, save, submit, readTheirs, keepMine, takeTheirs },
  };
}
