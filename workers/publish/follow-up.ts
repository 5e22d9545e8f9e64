/** Reads back what the public sees, until it matches what was signed or a person must look. */
import type { Remote } from '../../channels/channel.js';
import type { DeliveryEvent } from '../../core/model/delivery.js';
import { eventOfVerification, seconds } from '../../core/deliveries/outcomes.js';
import { newId } from '../../core/ids.js';
import { judge } from './attempt.js';
import type { Errand } from './errand.js';

/** Longest time, in seconds, that a delivery may stay accepted or unverified before a person is asked. */
const patience = { accepted: 24 * 3600, published: 6 * 3600 };

/** Never throws. */
export async function followUp(errand: Errand): Promise<DeliveryEvent> {
  return errand.row.state === 'needs_action' ? lookForPerson(errand) : readBack(errand);
}

/** A person may have done on the platform what was asked; until then the request stands as it was, looked at ever more seldom. */
async function lookForPerson({ row, channel, account, rendition, call }: Errand): Promise<DeliveryEvent> {
  const frame = { id: newId('e'), at: new Date(), by: 'verify', attempt: row.attempts };
  const verification = await channel.verify(account, row.remote as Remote, rendition, call).catch(() => undefined);
  if (verification?.outcome === 'verified' || verification?.outcome === 'published')
    return eventOfVerification(verification, { ...frame, now: new Date() });
  const asked = row.events.findLast((event) => event.to === 'needs_action' && event.todo);
  const age = (Date.now() - row.since.getTime()) / 1_000;
  return {
    ...frame,
    to: 'needs_action',
    dueAt: seconds(new Date(), Math.min(6 * 3600, Math.max(60, age / 2))),
    ...(asked?.cause && { cause: asked.cause }),
    ...(asked?.todo && { todo: asked.todo }),
  };
}

async function readBack(errand: Errand): Promise<DeliveryEvent> {
  const { row, channel, account, rendition, call } = errand;
  const frame = { id: newId('e'), at: new Date(), by: 'verify', attempt: row.attempts };
  const state = row.state === 'published' ? 'published' : 'accepted';
  try {
    const verification = await channel.verify(account, row.remote as Remote, rendition, call);
    const open = verification.outcome === 'pending' || verification.outcome === 'published';
    if (
      open &&
      Date.now() - row.since.getTime() > patience[state] * 1_000 &&
      verification.outcome !== (state === 'accepted' ? 'published' : undefined)
    ) {
      return {
        ...frame,
        to: 'needs_action',
        cause: tooLong,
        todo: {
          zh: '请到平台上查看是否已公开，再选择处理结果。',
          en: 'Look on the platform whether it is public, then settle it here.',
        },
      };
    }
    return eventOfVerification(verification, { ...frame, now: new Date(), state });
  } catch (error) {
    const disposition = judge(channel, error);
    const event = {
      ...frame,
      cause: disposition.cause,
      ...(disposition.platform && { platform: disposition.platform }),
    };
    switch (disposition.class) {
      case 'refresh':
        await channel.refresh?.(account, call).catch(() => undefined);
        return { ...event, to: state, dueAt: seconds(new Date(), 2) };
      case 'wait':
        return { ...event, to: state, dueAt: disposition.until };
      // What is out stays out; it is read back again once the credential is renewed.
      case 'action':
        return {
          ...event,
          todo: disposition.todo,
          ...(disposition.credential ? { to: state, dueAt: seconds(new Date(), 1_800) } : { to: 'needs_action' }),
        };
      case 'permanent':
        return { ...event, to: 'needs_action', todo: disposition.todo };
      case 'retry':
        return { ...event, to: state, dueAt: seconds(new Date(), Math.max(5, disposition.delay)) };
      case 'unknown':
      case 'duplicate':
        return { ...event, to: state, dueAt: seconds(new Date(), 15) };
    }
  }
}

const tooLong = { zh: '平台已接收，但长时间没有公开。', en: 'Accepted by the platform, but not public for too long.' };
