/**
 * An exercise made of an alert (--exercise): a copy of what it says, as a drill of its own. The alert itself is not taken
 * in, so that the true one stands open to come, and no drill ever bears its name.
 */
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { beside } from '../threads/pool.js';
import type { AlertFault } from './alert.js';
import type { Draft } from './draft.js';
import { tasks } from './tasks.js';

/** Nothing where the alert is an exercise by itself and comes in as one. @throws LianfaError alert_refused, with element and line; alert_not_public for what is not for everybody */
export async function rehearsalOf(bytes: Buffer): Promise<Draft | undefined> {
  const read = await beside(tasks.read, { bytes }, bytes.length);
  if ('fault' in read) throw refusalOf(read.fault);
  const { alert } = read;
  if (alert.status === 'Exercise') return undefined;
  if (alert.scope !== 'Public') throw new LianfaError('alert_not_public', { reason: notForAll(alert.scope) });
  const drill = { ...alert, status: 'Exercise' as const };
  const draft = await beside(tasks.draft, { alert: drill, source: alert.sender, before: undefined }, bytes.length);
  return { ...draft, remarks: [{ is: 'note', said: copied }, ...draft.remarks] };
}

export function refusalOf({ element, line, reason }: AlertFault): LianfaError {
  return new LianfaError('alert_refused', { field: element, element, line: String(line), reason });
}

const copied: Said = {
  zh: '这是照来文另做的演练稿；来文本身没有收下，真实预警请不带 --exercise 再导入。',
  en: 'This drill is a copy of the alert, which itself was not taken in: for the real warning import it without --exercise.',
};

function notForAll(scope: string): Said {
  return {
    zh: `来文的范围是 ${scope}，也不能用来演练。`,
    en: `its scope is ${scope}, and a drill may not show it either.`,
  };
}
