/** What whoever signs a broadcast must say yes to, each by itself: pure functions. */
import { beijingTime } from '../../channels/beijing-calendar.js';
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { consents, type Consent } from '../signatures/statement.js';

/** Hours of the clock of Beijing at which people sleep: from the first on, and before the second. */
export const night = { from: 22, until: 6 } as const;

export function isNight(instant: Date): boolean {
  const { hour } = beijingTime(instant);
  return hour >= night.from || hour < night.until;
}

export const consentWords: Readonly<Record<Consent, Said>> = {
  night: { zh: '夜间（22:00–06:00）发送', en: 'to send at night (22:00–06:00)' },
  words: { zh: '文中有容易误解的字样', en: 'to the words that may be misread' },
  live: { zh: '实盘演练：发到真实账号', en: 'to a live drill on real accounts' },
  files: { zh: '附件上没有“演练”标记', en: 'to files on which 演练 cannot be drawn' },
};

export function consentsFor({
  leaves,
  words,
  live,
  files,
}: {
  leaves: Date;
  words: readonly string[];
  live: boolean;
  files: readonly string[];
}): Consent[] {
  const asked: Readonly<Record<Consent, boolean>> = {
    night: isNight(leaves),
    words: words.length > 0,
    live,
    files: files.length > 0,
  };
  return consents.filter((one) => asked[one]);
}

/** @throws LianfaError consent_missing */
export function requireConsents(wanted: readonly Consent[], given: readonly Consent[]): void {
  const missing = wanted.filter((one) => !given.includes(one)).map((one) => consentWords[one]);
  if (missing.length === 0) return;
  const what = { zh: missing.map(({ zh }) => zh).join('、'), en: missing.map(({ en }) => en).join(', ') };
  throw new LianfaError('consent_missing', { field: 'consents', what });
}
