/**
 * What a text must be before it may go out, whoever edited it. Of an alert: a test is no warning, and what was for some is
 * not for all. Of an event template: what it has locked still stands.
 */
import { refuseChangedLocksOf } from '../event-templates/use.js';
import { LianfaError } from '../errors.js';
import type { Release, Revision } from '../model/release.js';
import type { Store } from '../store/store.js';
import { refuseUnsaid } from './emergency.js';

/** @throws LianfaError warning_incomplete, alert_not_public, template_locked */
export async function refuseUnready(
  store: Store,
  { alert: id }: Pick<Release, 'alert'>,
  revision: Pick<Revision, 'emergency' | 'body' | 'title' | 'source' | 'template'>,
): Promise<void> {
  const { emergency, body } = revision;
  const alert = id === undefined ? null : await store.alerts.findById(id, { status: 1, scope: 1 }).lean();
  const { status, scope } = alert ?? {};
  if (status !== undefined && ['System', 'Test', 'Draft'].includes(status))
    throw not(
      `来文的性质是 ${status}，不是真实预警，也不是演练。`,
      `its status is ${status}: neither a warning nor an exercise.`,
    );
  if (scope !== undefined && scope !== 'Public')
    throw not(`来文的范围是 ${scope}，不向公众发布。`, `its scope is ${scope}, which is not for the public.`);
  // Whoever edits it by a program may leave the marks off: these two show in what it says itself.
  const endless = id !== undefined && emergency && emergency.msgType !== 'Cancel' && emergency.expires === undefined;
  const empty = id !== undefined && body.trim() === '';
  refuseUnsaid([
    ...(emergency?.unsaid ?? []),
    ...(endless ? ['expires' as const] : []),
    ...(empty ? ['text' as const] : []),
  ]);
  await refuseChangedLocksOf(store, revision);
}

function not(zh: string, en: string): LianfaError {
  return new LianfaError('alert_not_public', { reason: { zh, en } });
}
