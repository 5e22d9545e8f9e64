import type { z } from 'zod';
import type { Callout, Called } from '../core/model/callout.js';
import type { Rights } from '../core/people/rights.js';
import type { callout } from './contract/callouts.js';

const text = (at: Date | undefined): string | undefined => at && new Date(at).toISOString();

/** As it is answered: phone numbers for whoever may see the roster they are from, and no address that may hold a secret. */
export function calloutBody(row: Callout, rights: Pick<Rights, 'may'>): z.input<typeof callout> {
  const phoneOf = (to: Called): string | undefined =>
    rights.may('duty.read', pathOf(row, to.unit)) ? to.phone : undefined;
  return {
    id: row._id,
    organization: row.organization,
    unit: row.unitName,
    lane: row.lane,
    exercise: row.exercise === true,
    state: row.state,
    exhausted: row.exhausted === true,
    at: new Date(row.at).toISOString(),
    stepAt: text(row.stepAt),
    items: row.items.map(
      ({ id, placement, release, title, accountName: account, channel, reason, cause, todo, spoken, state }) => ({
        ...{ id, placement, release, title, account, channel, reason, cause, todo, spoken, state },
      }),
    ),
    messages: row.messages.map(({ n, kind, to, way, state: is, cause: why, ...one }) => ({
      n,
      kind,
      name: to.name,
      unit: to.unitName,
      level: to.level,
      step: to.step,
      way,
      phone: phoneOf(to),
      state: is,
      sentAt: text(one.sentAt),
      acceptedAt: text(one.acceptedAt),
      openedAt: text(one.openedAt),
      receiptAt: text(one.receiptAt),
      cause: why,
    })),
    receipts: row.receipts.map(({ at, item, name, url, words, picture, late }) => ({
      at: new Date(at).toISOString(),
      item,
      name,
      url,
      words,
      picture,
      late: late === true,
    })),
    happened: row.happened.map(({ at, is, item, name, unitName, step, way, cause: why }) => ({
      at: new Date(at).toISOString(),
      is,
      item,
      name,
      unit: unitName,
      step,
      way,
      cause: why,
    })),
  };
}

/** Of a unit on the way up from the callout's own: what lies above somebody's place is not theirs to see. */
function pathOf({ path }: Callout, unit: string): string {
  const parts = path.split('/').filter(Boolean);
  const at = parts.indexOf(unit);
  return at < 0 ? path : `${parts.slice(0, at + 1).join('/')}/`;
}
