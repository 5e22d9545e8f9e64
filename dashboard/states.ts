/** How each state of a placement looks: colour and shape and word, never colour alone. */
import {
  CircleCheck,
  CircleCheckFilled,
  CircleCloseFilled,
  Clock,
  MoreFilled,
  Promotion,
  RefreshLeft,
  RemoveFilled,
  Timer,
  UserFilled,
  View,
  WarnTriangleFilled,
} from '@element-plus/icons-vue';
import type { Component } from 'vue';
import type { Count, CredentialState, Kind, PlacementState } from './api';

/** From done to not begun, the order of every bar and table. */
export const stateOrder = [
  'verified',
  'confirmed',
  'published',
  'accepted',
  'sending',
  'queued',
  'waiting',
  'needs_action',
  'failed',
  'cancelled',
  'withdrawn',
] as const satisfies readonly PlacementState[];

export const stateIcons: Readonly<Record<PlacementState, Component>> = {
  verified: CircleCheckFilled,
  // A person's word is not the machine's: another shape and another colour.
  confirmed: UserFilled,
  published: View,
  accepted: CircleCheck,
  sending: Promotion,
  queued: MoreFilled,
  waiting: Timer,
  needs_action: WarnTriangleFilled,
  failed: CircleCloseFilled,
  cancelled: RemoveFilled,
  withdrawn: RefreshLeft,
};

export const credentialIcons: Readonly<Record<CredentialState, Component>> = {
  ok: CircleCheckFilled,
  dead: CircleCloseFilled,
  unchecked: Clock,
};

/** States in which a person may order another attempt. */
export function mayRetry(state: PlacementState): boolean {
  return state === 'failed' || state === 'needs_action';
}

export type StateCounts = Partial<Record<PlacementState, number>>;

/** Adds the counts of all channels. */
export function byState(counts: readonly Count[]): StateCounts {
  const sum: StateCounts = {};
  for (const { state, count } of counts) sum[state] = (sum[state] ?? 0) + count;
  return sum;
}

export function byChannel(counts: readonly Count[]): Map<string, StateCounts> {
  const channels = new Map<string, StateCounts>();
  for (const { channel, state, count } of counts) {
    const row = channels.get(channel) ?? {};
    row[state] = (row[state] ?? 0) + count;
    channels.set(channel, row);
  }
  return channels;
}

export function totalOf(counts: StateCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The large numbers of a release page; each is a filter of the list below it. */
export const groups = [
  { key: 'verified', states: ['verified'] },
  { key: 'confirmed', states: ['confirmed'] },
  { key: 'under_way', states: ['queued', 'sending', 'accepted', 'published'] },
  { key: 'waiting', states: ['waiting'] },
  { key: 'needs_action', states: ['needs_action'] },
  { key: 'failed', states: ['failed'] },
  { key: 'taken_back', states: ['cancelled', 'withdrawn'] },
] as const satisfies readonly { key: string; states: readonly PlacementState[] }[];

export const kinds = [
  'news',
  'notice',
  'policy',
  'interpretation',
  'emergency',
  'live',
] as const satisfies readonly Kind[];
