/**
 * What a channel answered, as events of the ledger. Here and wherever something is made for each placement, new fields
 * stand before a spread, not behind it: behind it each costs V8 microseconds, and leaves an object that is slow to read.
 */
import type { Acceptance, Verification } from '../../channels/channel.js';
import type { PlacementEvent } from '../model/placement.js';

export interface EventFrame {
  id: string;
  at: Date;
  by: string;
  seq: number;
  try?: string;
}

/** `replaces`: the remote id that stands no more because of it. */
export function eventOfAcceptance(
  acceptance: Acceptance,
  revision: string,
  replaces: string | undefined,
  frame: EventFrame,
): PlacementEvent {
  const { at } = frame;
  const instead = replaces === undefined ? undefined : { replaces };
  const said = acceptance.platform ? { platform: acceptance.platform, ...instead, ...frame } : { ...instead, ...frame };
  switch (acceptance.outcome) {
    case 'accepted':
    case 'published': {
      const wait = acceptance.checkAfter ?? (acceptance.outcome === 'accepted' ? 30 : 1);
      return {
        is: 'accepted',
        revision,
        remote: acceptance.remote,
        seen: acceptance.outcome,
        dueAt: seconds(at, wait),
        ...said,
      };
    }
    case 'action': {
      const words = { cause: acceptance.cause, todo: acceptance.todo, ...said };
      if (!acceptance.remote) return { is: 'nothing', then: 'needs_action', ...words };
      // What a person does on the platform with what we left there (a draft) is looked for by itself.
      return { is: 'accepted', revision, remote: acceptance.remote, seen: 'held', dueAt: seconds(at, 60), ...words };
    }
  }
}

/** `now` is when the news is looked at; `remote` what was read. */
export function eventOfVerification(
  verification: Verification,
  frame: EventFrame & { now: Date; remote: PlacementRemote },
): PlacementEvent {
  const { now, remote, ...rest } = frame;
  const said =
    'platform' in verification && verification.platform ? { platform: verification.platform, ...rest } : rest;
  switch (verification.outcome) {
    case 'verified':
      return { is: 'read', outcome: 'verified', remote: verification.remote, cause: verification.evidence, ...said };
    case 'published':
      return {
        is: 'read',
        outcome: 'published',
        remote: verification.remote,
        dueAt: seconds(now, verification.again),
        ...said,
      };
    case 'pending':
      return { is: 'read', outcome: 'pending', remote, dueAt: seconds(now, verification.again), ...said };
    case 'mismatch':
    case 'rejected': {
      const { outcome, cause, todo } = verification;
      return { is: 'read', outcome, remote, cause, todo, ...said };
    }
  }
}

type PlacementRemote = Extract<Acceptance, { outcome: 'accepted' }>['remote'];

export function seconds(from: Date, count: number): Date {
  return new Date(from.getTime() + count * 1_000);
}
