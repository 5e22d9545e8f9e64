/** An order as the API shows it. Instants that were planned are told by the clock of Beijing, with their hour. */
import { beijingStamp } from '../../channels/beijing-calendar.js';
import type { Order } from '../model/order.js';
import { sayHeld } from '../plans/held.js';
import { readStatement, type Statement } from '../signatures/statement.js';
import { minutesLate } from '../plans/verdict.js';
import type { OrderBody } from './report.js';

export function orderBody(row: Order): OrderBody {
  const { seq, revision, action, lane, state, placements, by, reason, refused } = row;
  return {
    id: row._id,
    seq,
    action,
    lane,
    state,
    placements,
    by,
    at: row.at.toISOString(),
    ...(revision !== undefined && { revision }),
    ...(reason !== undefined && { reason }),
    ...(refused && { refused }),
    ...broadcastOf(row),
    ...planOf(row),
  };
}

function broadcastOf({
  statement,
  second,
  state,
  notBefore,
  deadline,
}: Order): Pick<OrderBody, 'broadcast' | 'exercise'> {
  const said = statement === undefined ? undefined : statedIn(statement);
  if (!said) return {};
  const { broadcast, exercise, signers } = said;
  const people = [...signers, ...(second ? [second] : [])].map(({ person }) => person);
  const waits = broadcast && state === 'planned' && notBefore;
  return {
    ...(broadcast && {
      broadcast: {
        signers: people,
        ...(waits && { leavesIn: Math.max(0, notBefore.getTime() - Date.now()) }),
        ...(broadcast.glass !== undefined && { glass: broadcast.glass }),
        ...(deadline && { deadline: beijingStamp(deadline) }),
      },
    }),
    ...(exercise && { exercise }),
  };
}

/** What was written by hand in place of a statement says nothing here; dispatch refuses it. */
function statedIn(text: string): Statement | undefined {
  try {
    return readStatement(text);
  } catch {
    return undefined;
  }
}

type Plan = 'notBefore' | 'expires' | 'tolerance' | 'startedAt' | 'late' | 'held' | 'sent' | 'unscheduled';

/** What a planned order says besides. */
export function planOf({
  notBefore,
  expires,
  tolerance,
  startedAt,
  held,
  sent,
  unscheduled,
}: Order): Pick<OrderBody, Plan> {
  const late = notBefore && startedAt ? minutesLate(notBefore, startedAt) : 0;
  return {
    ...(notBefore && { notBefore: beijingStamp(notBefore) }),
    ...(expires && { expires: beijingStamp(expires) }),
    ...(tolerance !== undefined && { tolerance }),
    ...(startedAt && { startedAt: beijingStamp(startedAt) }),
    ...(late > 0 && { late }),
    ...(held && {
      held: {
        at: held.at.toISOString(),
        reason: held.reason,
        ...(held.minutes !== undefined && { minutes: held.minutes }),
        ...sayHeld(held),
      },
    }),
    ...(sent && { sent: { by: sent.by, at: sent.at.toISOString() } }),
    ...(unscheduled && { unscheduled: { ...unscheduled, at: unscheduled.at.toISOString() } }),
  };
}
