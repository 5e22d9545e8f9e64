import { onScopeDispose } from 'vue';

/** Keys that act anywhere but in a field. `g r` is one key after the other within a second. */
export function useShortcuts(keys: Readonly<Record<string, () => void>>): void {
  let before = '';
  let beforeAt = 0;

  function listen(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    const pair = Date.now() - beforeAt < 1_000 ? `${before} ${event.key}` : '';
    const action = keys[pair] ?? keys[event.key];
    before = event.key;
    beforeAt = Date.now();
    if (!action) return;
    event.preventDefault();
    action();
  }

  window.addEventListener('keydown', listen);
  onScopeDispose(() => window.removeEventListener('keydown', listen));
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}
