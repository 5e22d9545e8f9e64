import { onScopeDispose, ref } from 'vue';
import { api } from '../api';
import { useLoading } from '../composables/use-loading';

/** Leads the browser to the platform's page for an account. `leaving` is that account's id until the page is left. */
export function useAuthorising() {
  const leaving = ref<string>();
  const { failure, run } = useLoading();

  async function authorise(id: string): Promise<void> {
    leaving.value = id;
    const begun = await run(async () => {
      location.assign((await api.authorise(id)).address);
    });
    if (!begun) leaving.value = undefined;
  }

  // By the browser's “back” the page may come to life again as it was left.
  const returned = (): void => {
    leaving.value = undefined;
  };
  addEventListener('pageshow', returned);
  onScopeDispose(() => removeEventListener('pageshow', returned));

  return { leaving, failure, authorise };
}
