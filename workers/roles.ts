/** The worker roles of a process. */
import { queueLacking } from '../core/media/later.js';
import { prepareMedium } from '../core/media/prepare.js';
import type { Hub } from '../core/hub/hub.js';
import { lanes, type Lane } from '../core/model/placement.js';
import { openEventStream } from '../core/queue/events.js';
import { startChecker } from './check/checker.js';
import { openLetPass } from './let-pass.js';
import { startDispatcher } from './dispatch/dispatcher.js';
import { startPreparer } from './media/preparer.js';
import { startPublisher } from './publish/publisher.js';
import { startRecorder } from './record/recorder.js';
import { startClock } from './clock/clock.js';

export const workerRoles = ['publish', 'record', 'dispatch', 'clock', 'media'] as const;
export type WorkerRole = (typeof workerRoles)[number];

/** Starts one role; `name` is the same after a restart. Publishing, recording and dispatching work on these lanes alone. */
export function startWorker(
  role: WorkerRole,
  hub: Hub,
  name: string,
  mine: readonly Lane[] = lanes,
): { close(): Promise<void> } {
  const { redis, settings, store, seals, queues, claims, channels } = hub;
  const report = (error: unknown): void => {
    hub.report(error, `${role} failed`);
  };
  const queue = { connection: redis, settings };
  const letPass = openLetPass(redis, settings, queues);
  switch (role) {
    case 'publish': {
      const sending = together([
        startPublisher({ ...hub, settle: 30 }, queue, mine, report),
        // Checking accounts is routine.
        ...(mine.includes('routine') ? [startChecker(hub, queue, report)] : []),
      ]);
      const heard = hub.freezes.beat(`${name} ${mine.join('+')}`, hub.connect('worker'), report);
      return {
        async close() {
          await sending.close();
          // Until its last request has ended a freeze must hear of it.
          await heard.close();
        },
      };
    }
    case 'record':
      return together(
        mine.map((lane) => {
          const stream = openEventStream(hub.connect('worker'), settings, lane);
          const first = lane === 'routine' ? letPass : undefined;
          return startRecorder({ store, redis, settings, stream, consumer: name, letPass: first }, report);
        }),
      );
    case 'dispatch':
      return startDispatcher(
        { store, vault: hub.vault, seals, queues, claims, redis, settings, channels, letPass },
        redis,
        mine,
        report,
      );
    case 'clock':
      return startClock(hub, report);
    case 'media':
      return startPreparer(
        (hash) => prepareMedium(store, hub.channels, hub.library, hash),
        () => queueLacking(store, hub.channels, (hash) => queues.addMedia(hash)),
        queue,
        report,
      );
  }
}

function together(parts: readonly { close(): Promise<void> }[]): { close(): Promise<void> } {
  return {
    close: async () => {
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}
