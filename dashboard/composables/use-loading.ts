import { ref, shallowRef } from 'vue';
import { ApiError } from '../api';

/** Runs one piece of work at a time, and tells whether it runs and why it failed. A failure is shown, never thrown on. */
export function useLoading() {
  const busy = ref(false);
  const failure = shallowRef<ApiError>();

  /** True where the work was done. */
  async function run(work: () => Promise<void>): Promise<boolean> {
    busy.value = true;
    failure.value = undefined;
    try {
      await work();
      return true;
    } catch (error) {
      if (isAbort(error)) return false;
      failure.value = asApiError(error);
      return false;
    } finally {
      busy.value = false;
    }
  }

  return { busy, failure, run };
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** What went wrong inside the page itself is told like any other failure. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  console.error(error);
  return new ApiError(0, {
    code: 'page_failed',
    message: { zh: '页面出错，操作可能未完成。', en: 'The page has failed; the action may not be done.' },
    todo: { zh: '请刷新页面核对后重试。', en: 'Reload the page, check, and try again.' },
  });
}
