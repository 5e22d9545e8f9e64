/**
 * The contract of a provider of text messages: one folder each, found by looking, and nothing else knows any of them.
 * Providers in mainland China send approved templates only, so what is handed over are the fields of the template.
 */
import type { z } from 'zod';
import type { Said } from '../channels/channel.js';
import type { Outbound } from '../channels/outbound.js';
import type { SandboxPlatform } from '../channels/sandbox.js';

export const smsFields = ['mark', 'unit', 'title', 'token'] as const;
/** `mark`: whether it is an exercise. `token`: what stands behind `#` in the link, whose fixed beginning is the template's. */
export type SmsFields = Record<(typeof smsFields)[number], string>;

export interface Sms {
  to: string;
  kind: 'call' | 'stand-down';
  fields: SmsFields;
  /** Names the delivery for ever: the provider keeps it as our number for it. */
  key: string;
}

export interface SmsCall {
  http: Outbound;
  signal: AbortSignal;
  now(): Date;
}

export interface SmsAccount<S, C> {
  settings: S;
  credentials: C;
}

export type SmsOutcome =
  | { is: 'accepted'; id: string; code: string; words: string }
  /** `again`: the same may pass later. */
  | { is: 'refused'; code: string; words: string; cause: Said; again: boolean };

export interface SmsAdapter<S = unknown, C = unknown> {
  name: string;
  label: Said;
  settings: z.ZodType<S>;
  credentials: z.ZodType<C>;
  /** Most characters of one field. */
  fieldLength: number;
  /** As it is read, for counting its parts. */
  text(settings: S, sms: Pick<Sms, 'kind' | 'fields'>): string;
  /** Hands one message over. @throws TransportError where no answer came */
  send(account: SmsAccount<S, C>, sms: Sms, call: SmsCall): Promise<SmsOutcome>;
  /** Whether a try under this key, not before `since`, was taken. Undefined: it was not. @throws where that cannot be told */
  find(account: SmsAccount<S, C>, sms: Sms, since: Date, call: SmsCall): Promise<{ id: string } | undefined>;
  sandbox(): SandboxPlatform;
}
