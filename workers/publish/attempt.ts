/**
 * One hand-out of one delivery. The rule against double posting is here: the first hand-out publishes; any other asks
 * `find`, publishes only if nothing is there, and leaves what the platform cannot tell to a person.
 */
import type { Channel, Disposition, Finding, Remote } from '../../channels/channel.js';
import { TransportError } from '../../channels/outbound.js';
import type { DeliveryEvent } from '../../core/model/delivery.js';
import { eventOfAcceptance, seconds, type EventFrame } from '../../core/deliveries/outcomes.js';
import { newId } from '../../core/ids.js';
import type { Errand } from './errand.js';

export interface HandOut {
  attempt: number;
  /** Nobody can have published this before. */
  first: boolean;
  /** The earliest moment at which "absent" can be believed. */
  settledAt: Date;
}

const mostAttempts = 12;

/** Never throws: whatever happens becomes an event. */
export async function attempt(errand: Errand, handOut: HandOut): Promise<DeliveryEvent> {
  const frame = (): EventFrame => ({ id: newId('e'), at: new Date(), by: 'publish', attempt: handOut.attempt });
  try {
    if (errand.row.action === 'withdraw') return await withdraw(errand, frame);
    const earlier = handOut.first ? undefined : await findEarlier(errand, handOut, frame);
    return earlier ?? (await publish(errand, handOut, frame));
  } catch (error) {
    return afterError(judge(errand.channel, error), errand, handOut, frame());
  }
}

async function findEarlier(
  errand: Errand,
  handOut: HandOut,
  frame: () => EventFrame,
): Promise<DeliveryEvent | undefined> {
  const finding = await look(errand);
  if ('class' in finding) {
    // Not being able to look says nothing about what is there: the next hand-out must look again.
    const { clean: _clean, ...event } = afterError(finding, errand, handOut, frame());
    return { ...event, looked: true };
  }
  const { settledAt } = handOut;
  switch (finding.outcome) {
    case 'found':
      return {
        ...frame(),
        to: finding.state,
        remote: finding.remote,
        dueAt: seconds(new Date(), 1),
        cause: { zh: '平台上已有本次发布，未重复发送。', en: 'Found on the platform already; not sent again.' },
      };
    case 'unknown':
      return finding.again === undefined
        ? { ...frame(), to: 'needs_action', cause: finding.cause, todo: lookYourself }
        : { ...frame(), to: 'waiting', looked: true, cause: finding.cause, dueAt: seconds(new Date(), finding.again) };
    case 'absent':
      return settledAt.getTime() <= Date.now()
        ? undefined
        : {
            ...frame(),
            to: 'waiting',
            looked: true,
            dueAt: settledAt,
            cause: {
              zh: '平台上尚未查到，稍后再核实一次再发。',
              en: 'Not there yet; it is looked for once more before sending.',
            },
          };
  }
}

async function look({ channel, account, rendition, call }: Errand): Promise<Finding | Disposition> {
  try {
    return await channel.find(account, rendition, call);
  } catch (error) {
    return judge(channel, error);
  }
}

/** The channel's own word on an error; only a host that is left alone is known here already, with its time. */
export function judge(channel: Channel, error: unknown): Disposition {
  if (!(error instanceof TransportError) || !error.retryAt) return channel.classify(error, new Date());
  return {
    class: 'wait',
    until: error.retryAt,
    cause: {
      zh: '平台连续无响应，暂停片刻后自动恢复。',
      en: 'The platform keeps failing; it is left alone for a moment and tried again by itself.',
    },
  };
}

async function publish(errand: Errand, handOut: HandOut, frame: () => EventFrame): Promise<DeliveryEvent> {
  const { channel, account, rendition, call } = errand;
  try {
    return eventOfAcceptance(await channel.publish(account, rendition, call), frame());
  } catch (error) {
    const disposition = judge(channel, error);
    if (disposition.class === 'refresh' && channel.refresh) {
      const refused = await renew(errand, handOut, frame);
      if (refused) return refused;
      return eventOfAcceptance(await channel.publish(account, rendition, call), frame());
    }
    if (disposition.class === 'unknown' || (disposition.class === 'duplicate' && !disposition.remote))
      return afterDoubt(disposition, errand, handOut, frame());
    return afterError(disposition, errand, handOut, frame());
  }
}

/** Renews the credential; answers what becomes of the delivery where that is refused. */
async function renew(errand: Errand, handOut: HandOut, frame: () => EventFrame): Promise<DeliveryEvent | undefined> {
  const { channel, account, call } = errand;
  try {
    await channel.refresh?.(account, call);
    return undefined;
  } catch (error) {
    const disposition = judge(channel, error);
    // Whatever the renewal is refused for, without it nothing can be sent.
    return afterError(
      disposition.class === 'action' ? { ...disposition, credential: true } : disposition,
      errand,
      handOut,
      frame(),
    );
  }
}

/** Sent, and no trustworthy answer: look at once, for some platforms can be asked only now. */
async function afterDoubt(
  disposition: Disposition,
  errand: Errand,
  handOut: HandOut,
  frame: EventFrame,
): Promise<DeliveryEvent> {
  const finding = await look(errand);
  if ('outcome' in finding && finding.outcome === 'found') {
    return { ...frame, ...said(disposition), to: finding.state, remote: finding.remote, dueAt: seconds(new Date(), 1) };
  }
  if (disposition.class === 'duplicate' && 'outcome' in finding)
    return { ...frame, ...said(disposition), to: 'needs_action', todo: lookYourself };
  return { ...frame, ...said(disposition), to: 'waiting', dueAt: seconds(new Date(), backoff(handOut.attempt, 5)) };
}

async function withdraw(errand: Errand, frame: () => EventFrame): Promise<DeliveryEvent> {
  const { row, channel, account, call } = errand;
  const withdrawal = await channel.withdraw(account, row.remote as Remote, call);
  const platform = withdrawal.platform && { platform: withdrawal.platform };
  return withdrawal.outcome === 'withdrawn'
    ? { ...frame(), ...platform, to: 'withdrawn' }
    : { ...frame(), ...platform, to: 'needs_action', cause: withdrawal.cause, todo: withdrawal.todo };
}

function afterError(
  disposition: Disposition,
  { row, account }: Errand,
  { attempt: number, first }: HandOut,
  frame: EventFrame,
): DeliveryEvent {
  const event = { ...frame, ...said(disposition) };
  const now = new Date();
  switch (disposition.class) {
    case 'retry':
      if (number >= mostAttempts)
        return {
          ...event,
          to: 'needs_action',
          todo: {
            zh: `已自动重试 ${number} 次，请检查平台或网络后手动重试。`,
            en: `Tried ${number} times; check the platform or network, then retry.`,
          },
        };
      return {
        ...event,
        to: 'waiting',
        clean: true,
        dueAt: seconds(now, Math.max(disposition.delay, backoff(number, 1))),
      };
    case 'wait':
      return { ...event, to: 'waiting', clean: true, dueAt: disposition.until };
    case 'duplicate': {
      const remote = disposition.remote;
      if (!remote) return { ...event, to: 'needs_action', todo: lookYourself };
      return {
        ...event,
        to: row.action === 'withdraw' ? 'withdrawn' : remote.url ? 'published' : 'accepted',
        remote,
        dueAt: seconds(now, 1),
      };
    }
    case 'refresh':
      return {
        ...event,
        to: 'needs_action',
        parked: true,
        clean: first,
        todo: {
          zh: `账号“${account.name}”的授权更新后仍被拒绝，请重新授权后重试。`,
          en: `Account "${account.name}" is still refused after renewal: authorise it again, then retry.`,
        },
      };
    case 'action':
      return {
        ...event,
        to: 'needs_action',
        todo: disposition.todo,
        ...(disposition.credential && { parked: true, clean: first }),
      };
    case 'permanent':
      return { ...event, to: 'failed', todo: disposition.todo };
    case 'unknown':
      return { ...event, to: 'waiting', dueAt: seconds(now, backoff(number, 5)) };
  }
}

function said({ cause, platform }: Disposition) {
  return { cause, ...(platform && { platform }) };
}

/** Seconds: doubling from `base`, at most ten minutes, spread so that a thousand accounts do not come back together. */
function backoff(attemptNumber: number, base: number): number {
  return Math.min(600, base * 2 ** (attemptNumber - 1)) * (0.75 + Math.random() * 0.5);
}

const lookYourself = {
  zh: '请到平台上查看是否已发出：已发出选“已发布”，确认没有发出选“未发布，重新发送”。',
  en: 'Look on the platform: choose "published" if it is there, "not published" to send it again.',
};
