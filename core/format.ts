/**
 * What the processes of a hub tell each other (jobs, events and claims in Redis, rows in the store) is of this format. It
 * grows where a version writes what the one before cannot read, or reads otherwise; a field that may be left unread, an
 * index or a new queue is no other format. Versions of one format work side by side; for another see queue/processes.ts.
 */
export const format = 1;

/** Of a job or an entry that says it; what says nothing is older than the word. */
export function formatOf(told: unknown): number {
  return told === undefined || told === null ? 1 : Number(told);
}
