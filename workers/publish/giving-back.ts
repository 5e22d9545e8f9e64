/** What an ending process has in hand and has not begun goes back to its queue, and its claims with it: nothing left under them. */
import { grouped } from '../../core/grouped.js';
import type { Lane } from '../../core/model/placement.js';
import type { ClaimBook } from '../../core/queue/claims.js';
import type { BatchKind, Queues } from '../../core/queue/queues.js';

export interface GivenBack {
  kind: BatchKind;
  channel: string;
  /** Of the job that it came with: what was not sure then is none the surer. */
  run: string;
  placement: string;
  seq: number;
  /** Of its claim; to read back takes none. */
  token?: string;
}

/** Throws where Redis cannot be written: then the claims run out by themselves, and the clock hands out again what is due. */
export async function giveBackAll(
  all: readonly GivenBack[],
  lane: Lane,
  claims: ClaimBook,
  queues: Pick<Queues, 'addBatches'>,
): Promise<void> {
  for (const [token, those] of grouped(all, (one) => one.token ?? ''))
    if (token !== '')
      await claims.release(
        token,
        those.map(({ placement }) => placement),
      );
  for (const [, those] of grouped(all, ({ kind, channel, run }) => `${kind} ${channel} ${run}`)) {
    const [first] = those;
    if (!first) continue;
    const { kind, channel, run } = first;
    await queues.addBatches(kind, lane, channel, [
      { run, channel, steps: those.map(({ placement, seq }) => ({ placement, seq })) },
    ]);
  }
}
