/** What stands in a field that is being left, without the spaces around it. */
export function typedIn(event: FocusEvent): string {
  return event.target instanceof HTMLInputElement ? event.target.value.trim() : '';
}
