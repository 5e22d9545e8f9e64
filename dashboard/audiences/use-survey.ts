/** Whom an audience reaches and whom not, asked for once the choice has settled; an old answer never stands beside a new choice. */
import { onScopeDispose, ref, shallowRef } from 'vue';
import { api, type GapBody, type SurveyAsked, type SurveyBody } from '../api';
import { useLoading } from '../composables/use-loading';

export function useSurvey() {
  const survey = shallowRef<SurveyBody>();
  /** Gaps of a kind beyond those told with the numbers. */
  const further = ref<Record<string, { items: GapBody[]; next?: number | undefined }>>({});
  const { busy, failure, run } = useLoading();
  const more = useLoading();
  let asked: SurveyAsked | undefined;
  let abort = new AbortController();
  onScopeDispose(() => abort.abort());

  function forget(): void {
    abort.abort();
    survey.value = undefined;
    further.value = {};
  }

  async function ask(what: SurveyAsked): Promise<void> {
    forget();
    abort = new AbortController();
    asked = what;
    const { signal } = abort;
    await run(async () => {
      survey.value = await api.survey(what, signal);
    });
  }

  async function read(kind: string, from: number): Promise<void> {
    const about = asked;
    if (!about) return;
    await more.run(async () => {
      const page = await api.gaps({ ...about, kind, from });
      const before = further.value[kind]?.items ?? [];
      if (about === asked) further.value[kind] = { items: [...before, ...page.items], next: page.next };
    });
  }

  return { survey, further, busy, failure, more, ask, read, forget };
}
