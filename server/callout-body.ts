import type { z } from 'zod';
import type { Callout } from '../core/model/callout.js';
import type { callout } from './contract/callouts.js';

const text = (at: Date | undefined): string | undefined => at && new Date(at).toISOString();

/** As it is answered: phone numbers for whoever chases, and no address that may hold a secret. */
export function calloutBody(row: Callout): z.input<typeof callout> {
  const { _id, placement, release, title, channel, lane, reason, cause, todo, state } = row;
  return {
    id: _id,
    placement,
    release,
    title,
    account: row.accountName,
    unit: row.unitName,
    channel,
    lane,
    reason,
    cause,
    todo,
    exercise: row.exercise === true,
    spoken: row.spoken,
    state,
    exhausted: row.exhausted === true,
    at: new Date(row.at).toISOString(),
    stepAt: text(row.stepAt),
    messages: row.messages.map(({ n, kind, to, way, state: is, cause: why, ...one }) => ({
      n,
      kind,
      name: to.name,
      unit: to.unitName,
      level: to.level,
      step: to.step,
      way,
      phone: to.phone,
      state: is,
      sentAt: text(one.sentAt),
      acceptedAt: text(one.acceptedAt),
      openedAt: text(one.openedAt),
      receiptAt: text(one.receiptAt),
      cause: why,
    })),
    receipts: row.receipts.map(({ at, name, url, words, picture, late }) => ({
      at: new Date(at).toISOString(),
      name,
      url,
      words,
      picture,
      late: late === true,
    })),
    happened: row.happened.map(({ at, is, name, unitName, step, way, cause: why }) => ({
      at: new Date(at).toISOString(),
      is,
      name,
      unit: unitName,
      step,
      way,
      cause: why,
    })),
  };
}
