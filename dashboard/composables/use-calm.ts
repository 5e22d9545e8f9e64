import { onScopeDispose } from 'vue';

/** Calls `work` at most once per `pause` milliseconds, the last call never lost, one at a time. For what live news may order hundreds of times a second. */
export function useCalm(pause: number, work: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let wanted = false;

  async function go(): Promise<void> {
    timer = undefined;
    running = true;
    wanted = false;
    await work();
    running = false;
    if (wanted) order();
  }

  function order(): void {
    wanted = true;
    if (!running) timer ??= setTimeout(() => void go(), pause);
  }

  onScopeDispose(() => clearTimeout(timer));
  return order;
}

/** Calls `work` once nothing has called for `pause` milliseconds. */
export function useSettled(pause: number, work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onScopeDispose(() => clearTimeout(timer));
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, pause);
  };
}
