/** By text message, through whatever provider is set. Providers send twice what they are asked twice: where a try has told nothing, they are asked first. */
import { TransportError, type Outbound } from '../../channels/outbound.js';
import type { Outcome } from '../../core/callouts/protocol.js';
import type { CalloutMessage } from '../../core/model/callout.js';
import type { Sms, SmsAdapter } from '../../sms/sms.js';

/** ms for one call of the provider. */
const patience = 15_000;

export interface SmsProvider {
  adapter: SmsAdapter;
  settings: unknown;
  credentials: unknown;
}

export async function sendSms(
  { adapter, settings, credentials }: SmsProvider,
  sms: Sms,
  { doubted, sentAt }: Pick<CalloutMessage, 'doubted' | 'sentAt'>,
  http: Outbound,
): Promise<Outcome> {
  const account = { settings: adapter.settings.parse(settings), credentials: adapter.credentials.parse(credentials) };
  const call = () => ({ http, signal: AbortSignal.timeout(patience), now: () => new Date() });
  if (doubted) {
    try {
      const found = await adapter.find(account, sms, sentAt ?? new Date(), call());
      if (found) return { is: 'accepted', platform: { code: 'found', words: found.id } };
    } catch {
      return { is: 'failed', cause: cannotTell, again: true, doubted: true };
    }
  }
  try {
    const outcome = await adapter.send(account, sms, call());
    const platform = { code: outcome.code, words: outcome.words };
    if (outcome.is === 'accepted') return { is: 'accepted', platform };
    return { is: 'failed', cause: outcome.cause, platform, again: outcome.again };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const doubt = error.mayHaveLanded && { doubted: true as const };
    return { is: 'failed', cause: noAnswer, again: error.reason !== 'not-allowed', ...doubt };
  }
}

const noAnswer = { zh: '短信平台没有应答。', en: 'the provider of text messages did not answer.' };
const cannotTell = {
  zh: '短信平台没有说明上一次是否已经收下。',
  en: 'the provider does not tell whether it took the message before.',
};
