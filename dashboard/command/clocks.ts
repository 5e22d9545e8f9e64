/** The clocks of the command screen, as pure arithmetic on instants. */

/**
 * Hours within which something is due, counted from the event. 5 and 24: first authoritative word and press conference on
 * a grave event (《关于全面推进政务公开工作的意见》实施细则, 2016); 48: the answer to public concern (国办发〔2016〕61号).
 */
export const statutory = [5, 24, 48] as const;

/** `3:07:09`; a day and more in days. Of a time that has passed, how long ago. */
export function lengthOf(milliseconds: number): { days: number; clock: string } {
  const seconds = Math.floor(Math.abs(milliseconds) / 1_000);
  const days = Math.floor(seconds / 86_400);
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    days,
    clock: `${two(Math.floor((seconds % 86_400) / 3_600))}:${two(Math.floor((seconds % 3_600) / 60))}:${two(seconds % 60)}`,
  };
}
